"""A real Chromium, the machine's own."""

import os
import shutil
from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import missing

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture
async def browser() -> AsyncGenerator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        missing("there is no Chromium: apt-get install chromium")
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=path, args=sandbox)
        yield running
        await running.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """Of somebody who reads Italian, with nothing in their browser."""
    context = await browser.new_context(locale="it-IT")
    yield await context.new_page()
    await context.close()
