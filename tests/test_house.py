"""The house itself: what holds of every file, and of the files beside the code."""

import ast
import importlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from tortoise import Tortoise
from tortoise.migrations.autodetector import MigrationAutodetector

from app.database import config, drift
from app.environment import from_environment
from app.settings import PREFIX, Settings
from tests.conftest import missing

ROOT = Path(__file__).parents[1]
LONGEST = 300
CODE = {".py", ".js"}
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
SAID = re.compile(r"^\s*pr" + r"int\(", re.MULTILINE)
SOMEBODYS = re.compile(r"(?<![\w.])/(?:home|Users|root)/\w")
INDEX = re.compile(r"https?://[^\s\"'<>]*(?:/simple\b|/artifactory/|/npm/|registry\.)[^\s\"'<>]*")
KNOWN_INDEXES = ("https://pypi.org/simple", "https://registry.npmjs.org/")


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Everything that is, or is about to be, in the repository."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        missing(f"no git repository: {error}")
        raise
    found = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in found if path.is_file()]


@pytest.fixture(scope="module")
def code(files: list[Path]) -> dict[str, str]:
    """What we wrote ourselves, by path; Tortoise writes migrations."""
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for path in files
        if path.suffix in CODE and path.parent.name != "migrations"
    }


def test_a_file_is_one_idea(code: dict[str, str]) -> None:
    lengths = {name: len(text.splitlines()) for name, text in code.items()}
    assert not {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_a_module_says_what_it_is(code: dict[str, str]) -> None:
    silent = [name for name, text in code.items() if name.endswith(".py") and not _opens(text)]
    assert not silent


def _opens(text: str) -> bool:
    """With a line of its own on line 1: a sentence."""
    module = ast.parse(text)
    summary = (ast.get_docstring(module) or "").partition("\n")[0]
    return text.startswith(f'"""{summary}') and bool(summary) and summary[-1] in ".:?!…"


def test_nothing_is_left_half_done(code: dict[str, str]) -> None:
    assert not [name for name, text in code.items() if UNFINISHED.search(text)]
    ours = {name: text for name, text in code.items() if not name.startswith("docs/")}
    assert not [name for name, text in ours.items() if SAID.search(text)]  # an example prints


def test_no_path_of_a_machine(files: list[Path]) -> None:
    here = re.compile(re.escape(f"{ROOT}/")) if len(ROOT.parts) > 2 else None
    for path, text in _texts(files):
        assert not SOMEBODYS.search(text), path
        assert here is None or not here.search(text), path


def test_no_index_but_the_public_ones(files: list[Path]) -> None:
    for path, text in _texts(files):
        strange = [url for url in INDEX.findall(text) if not url.startswith(KNOWN_INDEXES)]
        assert not strange, path


def _texts(files: list[Path]) -> Iterator[tuple[Path, str]]:
    for path in files:
        try:
            yield path, path.read_text()
        except UnicodeDecodeError:
            continue


@pytest.mark.usefixtures("database")
async def test_migrations_are_those_of_the_models(settings: Settings) -> None:
    """And both databases have them all: the fixture applied them."""
    apps = config(settings.database_url)["apps"]
    assert Tortoise.apps is not None
    wanted = await MigrationAutodetector(Tortoise.apps, apps).changes()
    described = [str(one) for writer in wanted for one in writer.operations]
    assert not described, "models/ differ from migrations/: run `make migrations name=…`"
    assert await drift(settings) == ([], [])


def test_licence() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert text.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE")
    assert "Version 3, 19 November 2007" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "AGPL-3.0-only"


def test_processes() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    commands = dict(line.split(": ", 1) for line in lines)
    assert commands == {"web": "python -m app serve", "worker": "python -m app worker"}


def test_compose() -> None:
    compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert services.keys() == {"postgres", "redis", "migrate", "web", "worker", "proxy"}
    # What can be scaled has no port of its own on the machine; the proxy finds it by name.
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert "/health/ready" in services["web"]["healthcheck"]["test"][-1]
    assert services["proxy"]["depends_on"]["web"] == {"condition": "service_healthy"}
    (mounted,) = services["proxy"]["volumes"]
    proxied = (ROOT / mounted.partition(":")[0]).read_text()
    assert "name web" in proxied
    known = {f"{PREFIX}{one.name.upper()}" for one in fields(Settings)}
    for name in ("migrate", "web", "worker"):
        environment: dict[str, str] = services[name]["environment"]
        assert environment.keys() <= known
        settings = from_environment({key: _filled(one) for key, one in environment.items()})
        assert settings.production
        assert not settings.sqlite
        assert "://" not in settings.files_url


def _filled(text: str) -> str:
    """As compose fills it in: defaults where there are any, something where one is required."""

    def value(match: re.Match[str]) -> str:
        return match["default"] if match["default"] is not None else "s" * 48

    return re.sub(r"\$\{\w+(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", value, text)


def test_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    first = re.search(r"^## (.*)$", text, re.MULTILINE)
    assert first is not None
    assert first[1] == "[Unreleased]"


def test_links_between_pages_lead_somewhere(files: list[Path]) -> None:
    for page in files:
        if page.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_make_names_what_there_is() -> None:
    """Every target of the Makefile is listed by `make help`, and what it runs exists."""
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    described = set(re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE))
    assert set(phony.split()) == described
    for module in re.findall(r"python -m (\w+)", text):
        assert module == "pip" or (ROOT / module).is_dir()


def test_make_migrations_finds_its_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    (named,) = re.findall(r"tortoise -c (\S+)", (ROOT / "Makefile").read_text())
    module, _, attribute = named.rpartition(".")
    found = getattr(importlib.import_module(module), attribute)
    assert found == config(Settings().database_url)


def test_decisions_are_short() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert pages
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04}-")
        assert len(page.read_text().splitlines()) <= 25
