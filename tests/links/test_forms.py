"""Forms of the pages: what somebody has typed is not lost, whatever becomes of it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.pages.forms import FORM_LIMIT
from models.enums import Turn
from models.magic_links import MagicLink
from models.people import Contact
from models.sessions import Session
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.links.test_links import link_to, ticket_of
from tests.links.test_pages import ours, path, post
from tests.support.site import Site

TEXT = "my <b>long</b> precious answer"
ESCAPED = "my &lt;b&gt;long&lt;/b&gt; precious answer"


@pytest.fixture
async def link(site: Site) -> AsyncGenerator[MagicLink]:
    """Opened: the client of the site has the cookie."""
    made = await link_to(await ticket_of(site))
    answer = await post(site, path(made), {})
    assert answer.status_code == 303
    yield made
    site.http.cookies.clear()


async def write(site: Site, text: str = TEXT) -> httpx.Response:
    return await post(site, "/conversation", {"body": text})


async def passed(by: timedelta) -> None:
    """Time, for sessions."""
    for one in await Session.exclude(magic_link_id=None):
        await Session.filter(id=one.id).update(
            used_at=one.used_at - by, expires_at=one.expires_at - by
        )


async def test_who_writes_for_an_hour_goes_on(site: Site, link: MagicLink) -> None:
    """The session says when it is over, after thirty idle minutes; the cookie outlives it."""
    (cookie,) = site.http.cookies.jar
    assert cookie.expires is not None
    assert cookie.expires > (datetime.now(UTC) + timedelta(days=29)).timestamp()
    for _ in range(4):
        await passed(timedelta(minutes=20))
        assert (await site.http.get("/conversation")).status_code == 200
    assert (await write(site)).status_code == 303
    await passed(timedelta(minutes=31))
    late = await write(site)
    assert late.status_code == 410
    assert ESCAPED in late.text
    assert 'action="/link"' in late.text
    assert await TimelineEntry.filter(ticket_id=link.ticket_id).count() == 2


async def test_without_a_session_the_text_is_on_the_page(site: Site) -> None:
    late = await write(site)
    assert late.status_code == 410
    assert ESCAPED in late.text
    assert "readonly" not in (await site.http.get("/conversation")).text


async def test_what_is_wrong_is_said(site: Site, link: MagicLink) -> None:
    long = await write(site, "x" * 250_000)
    assert long.status_code == 422
    assert "Shorten" in long.text
    assert "x" * 250_000 in long.text
    empty = await write(site, " ")
    assert empty.status_code == 422
    assert "<p>" in empty.text[empty.text.rindex("</article>") :]
    assert await TimelineEntry.filter(ticket_id=link.ticket_id).count() == 1


async def test_closed_meanwhile(site: Site, link: MagicLink) -> None:
    await Ticket.filter(id=link.ticket_id).update(turn=Turn.CLOSED, closed_at=datetime.now(UTC))
    late = await write(site)
    assert late.status_code == 422
    assert ESCAPED in late.text
    assert "Ti siamo stati d&#x27;aiuto?" in late.text


@pytest.mark.usefixtures("link")
async def test_a_form_that_is_too_long(site: Site) -> None:
    for where in ("/conversation", "/conversation/rating", "/link", "/password", "/password/x"):
        for size in (FORM_LIMIT, 12 * FORM_LIMIT):
            answer = await site.http.post(where, content=b"body=" + b"x" * size, headers=ours(site))
            assert answer.status_code == 413, where
            assert "too long" in answer.text


async def test_a_form_of_many_fields_is_none(site: Site) -> None:
    many = "&".join(f"a{number}=1" for number in range(30))
    for where, status in {"/link": 200, "/password": 200, "/password/x": 410}.items():
        answer = await site.http.post(where, content=many, headers=ours(site))
        assert answer.status_code == status, where


async def test_others_are_called_by_their_names(site: Site, link: MagicLink) -> None:
    samuel = await Contact.get(email="samuel@demo.test")
    nameless = await Contact.create(
        name="", email="eve@stranger.example", language="it", created_at=datetime.now(UTC)
    )
    first = await TimelineEntry.get(ticket_id=link.ticket_id)
    for number, author in enumerate((samuel, nameless), 2):
        await TimelineEntry.create(
            ticket_id=link.ticket_id, number=number, visible_number=number, kind=first.kind,
            created_at=first.created_at, turn_after=first.turn_after, contact_id=author.id,
            body="<p>mine</p>", body_text="mine",
        )  # fmt: skip
    page = (await site.http.get("/conversation")).text
    said = [one.partition(" ·")[0] for one in page.split('<p class="who">')[1:]]
    assert said == ["Tu", samuel.name, "eve@stranger.example"]
