"""The pages behind links, over HTTP: opening does nothing, a form from elsewhere neither."""

from typing import Any

import httpx
import pytest

from actions import magic_links
from models.documents import Document
from models.enums import EntryKind
from models.magic_links import MagicLink
from models.sessions import Session
from models.timeline import TimelineEntry
from resolvers.ids import local_id
from tests.links.test_links import link_to, ticket_of
from tests.mail import boxes
from tests.support.site import Site


@pytest.fixture
async def link(site: Site) -> MagicLink:
    id = await ticket_of(site)
    bruno = await site.sign_in("bruno")
    await bruno.do("ticketAddNote", ticketId=id, body="<p>secret note</p>")
    await bruno.do("ticketReply", ticketId=id, body="<p>Come on <b>Monday</b>.</p>")
    return await link_to(id)


def path(link: MagicLink) -> str:
    return f"/m/{magic_links.token(link)}"


def ours(site: Site) -> dict[str, str]:
    return {"Sec-Fetch-Site": "same-origin"}


async def post(site: Site, where: str, data: dict[str, str], **more: Any) -> httpx.Response:
    return await site.http.post(where, data=data, headers=ours(site), **more)


async def test_looking_at_a_link_does_nothing(site: Site, link: MagicLink) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        for _ in range(3):
            answer = await site.http.request(method, path(link))
            assert "set-cookie" not in answer.headers
    page = await site.http.get(path(link))
    assert page.status_code == 200
    assert "<button>Apri la conversazione</button>" in page.text, "sara reads Italian"
    assert "<script" not in page.text
    csp = page.headers["content-security-policy"]
    assert "default-src 'none'" in csp
    assert "frame-ancestors 'none'" in csp
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert not await Session.filter(magic_link_id=link.id).exists()
    assert (await MagicLink.get(id=link.id)).used_at is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Sec-Fetch-Site": "none"}, {"Origin": "https://evil.example"}, {"Origin": "null"}],
)  # fmt: skip
async def test_a_form_from_elsewhere_does_nothing(
    site: Site, link: MagicLink, headers: dict[str, str]
) -> None:
    answer = await site.http.post(path(link), headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert not await Session.filter(magic_link_id=link.id).exists()


async def test_the_button_opens_and_an_answer_is_written(site: Site, link: MagicLink) -> None:
    answer = await post(site, path(link), {}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/conversation")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    pair = cookie.partition(";")[0]
    page = await site.http.get("/conversation", headers={"Cookie": pair})
    assert page.status_code == 200
    assert "Come on <b>Monday</b>." in page.text
    assert "secret note" not in page.text
    assert "Bruno" in page.text or "Noi" in page.text
    written = await site.http.post(
        "/conversation", data={"body": "Thanks <script>alert(1)</script>\nAnna & co"},
        headers={**ours(site), "Cookie": pair}, follow_redirects=False,
    )  # fmt: skip
    assert written.status_code == 303
    last = await TimelineEntry.filter(ticket_id=link.ticket_id).order_by("-number").first()
    assert last is not None
    assert last.kind is EntryKind.CONTACT_MESSAGE
    assert last.body_text == "Thanks <script>alert(1)</script>\nAnna & co"
    page = await site.http.get("/conversation", headers={"Cookie": pair})
    assert "<script" not in page.text
    empty = await site.http.post(
        "/conversation", data={"body": " "}, headers={**ours(site), "Cookie": pair}
    )
    assert empty.status_code == 422
    foreign = await site.http.post("/conversation", data={"body": "x"}, headers={"Cookie": pair})
    assert foreign.status_code == 403


async def test_nothing_without_a_session_of_a_link(site: Site, link: MagicLink) -> None:
    sara = await site.sign_in("sara")
    for cookies in ("", f"sportello-link={sara.token}", "sportello-link=x"):
        answer = await site.http.get("/conversation", headers={"Cookie": cookies})
        assert answer.status_code == 410
    assert (await site.http.get("/m/1.aaaaaaaaaaaaaaaa")).status_code == 410
    assert (await post(site, "/m/1.aaaaaaaaaaaaaaaa", {})).status_code == 410
    assert await Document.all().count() == 0
    assert local_id("x", "Ticket") == 0


async def test_a_new_link_and_a_password_are_asked_for(site: Site) -> None:
    await boxes.mailbox("immigrazione@demo.test", department="Immigrazione")
    known = await post(site, "/link", {"email": "sara@demo.test"})
    unknown = await post(site, "/link", {"email": "nobody@demo.test"})
    assert (known.status_code, known.text) == (200, unknown.text)
    page = await site.http.get("/password", headers={"Accept-Language": "ru,en;q=0.5"})
    assert "Задать пароль" in page.text
    known = await post(site, "/password", {"email": "sara@demo.test"})
    assert known.status_code == 200
    weak = await post(site, "/password/abc", {"password": "correct horse battery"})
    assert weak.status_code == 410
