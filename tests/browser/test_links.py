"""From a mail's link to an answer, in a browser; and what a page from elsewhere cannot do."""

from playwright.async_api import Page

from actions import magic_links
from models.enums import EntryKind
from models.magic_links import MagicLink
from models.sessions import Session
from models.timeline import TimelineEntry
from tests.links.test_links import link_to, ticket_of
from tests.support.site import Site


async def linked(site: Site) -> tuple[MagicLink, str]:
    id = await ticket_of(site)
    bruno = await site.sign_in("bruno")
    await bruno.do("ticketReply", ticketId=id, body="<p>Come on <b>Monday</b>.</p>")
    link = await link_to(id)
    return link, f"http://{site.host}/m/{magic_links.token(link)}"


async def test_read_and_answered(site: Site, page: Page) -> None:
    link, url = await linked(site)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    await page.goto(url)
    assert await page.title() == "La tua conversazione"
    assert not await Session.filter(magic_link_id=link.id).exists()
    await page.get_by_role("button", name="Apri la conversazione").click()
    await page.wait_for_url("**/conversation")
    assert await page.locator("article b").inner_text() == "Monday"
    await page.get_by_label("Il tuo messaggio").fill("<b>Grazie</b>,\na lunedì")
    await page.get_by_role("button", name="Invia").click()
    await page.locator("article").nth(2).wait_for()
    assert "<b>Grazie</b>" in await page.locator("article").nth(2).inner_text()
    last = await TimelineEntry.filter(ticket_id=link.ticket_id).order_by("-number").first()
    assert last is not None
    assert (last.kind, last.body_text) == (EntryKind.CONTACT_MESSAGE, "<b>Grazie</b>,\na lunedì")
    assert refused == [], "the page keeps to its own Content-Security-Policy"
    # The session is in a cookie no script can read, and the page is not kept.
    assert await page.evaluate("document.cookie") == ""
    await page.reload()
    assert await page.locator("article").count() == 3


async def test_a_page_from_elsewhere_opens_nothing(site: Site, page: Page) -> None:
    """Its form is sent, with whatever the browser has; it is refused."""
    link, url = await linked(site)
    form = f'<form method="post" action="{url}"><button>win</button></form>'
    await page.route("http://evil.test/**", lambda route: route.fulfill(
        body=form, content_type="text/html"
    ))  # fmt: skip
    await page.goto("http://evil.test/")
    await page.get_by_role("button", name="win").click()
    await page.wait_for_url(url)
    assert "altrove" in await page.inner_text("h1")
    assert not await Session.filter(magic_link_id=link.id).exists()


async def test_it_is_not_framed(site: Site, page: Page) -> None:
    _, url = await linked(site)
    await page.route("http://evil.test/**", lambda route: route.fulfill(
        body=f'<iframe src="{url}"></iframe>', content_type="text/html"
    ))  # fmt: skip
    await page.goto("http://evil.test/")
    frame = page.frames[-1]
    assert "Apri la conversazione" not in await frame.content()
