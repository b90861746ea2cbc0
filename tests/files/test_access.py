"""Who may fetch a document: with credentials, and with an address signed for them."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

import httpx

from app.files.signing import signed_path
from app.files.storage import Storage
from models.documents import Document, DocumentAccess
from models.enums import Right
from models.people import Contact, Operator
from models.sessions import Session
from models.sql import connection
from models.tickets import Ticket
from resolvers.ids import encode
from tests.files.site import (
    LISTED,
    NOW,
    SECRET,
    Site,
    World,
    bearer,
    code,
    key,
    path,
    serving,
    session_of,
)


def assert_missing(answer: httpx.Response) -> None:
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "NOT_FOUND", "message": "There is no such file."}}


# --- with credentials


async def test_who_sees_the_ticket_may_fetch_its_documents(site: Site) -> None:
    document = await site.document()
    for who in (site.world.owner, site.world.contact, site.world.colleague):
        assert (await site.fetch(document, as_=who)).status_code == 200


async def test_for_who_does_not_see_the_ticket_there_is_nothing(site: Site) -> None:
    document = await site.document()
    for who in (site.world.stranger, site.world.outsider):
        assert_missing(await site.fetch(document, as_=who))
        assert (await site.fetch(document, as_=who, method="HEAD")).status_code == 404
    assert await DocumentAccess.all().count() == 0


async def test_internal_documents_are_the_desks_alone(site: Site) -> None:
    document = await site.document(internal=True)
    assert (await site.fetch(document)).status_code == 200
    assert_missing(await site.fetch(document, as_=site.world.contact))
    assert_missing(await site.http.get(signed(document, site.world.contact)))


async def test_with_its_ticket_a_document_is_gone(site: Site) -> None:
    document = await site.document()
    await Ticket.filter(id=site.world.ticket.id).update(deleted_at=NOW)
    for who in (site.world.owner, site.world.contact):
        assert_missing(await site.fetch(document, as_=who))


@contextmanager
def counted() -> Generator[list[str]]:
    """The statements sent while the block runs."""
    sent: list[str] = []
    kind = cast("Any", type(connection()))
    original = kind.execute_query_dict, kind.execute_query

    def counting(method: Any) -> Any:
        async def wrapped(self: Any, query: str, *rest: Any, **named: Any) -> Any:
            sent.append(query)
            return await method(self, query, *rest, **named)

        return wrapped

    with (
        patch.object(kind, "execute_query_dict", counting(original[0])),
        patch.object(kind, "execute_query", counting(original[1])),
    ):
        yield sent


async def test_nothing_tells_what_is_hidden_from_what_is_not_there(site: Site) -> None:
    hidden = encode("Document", (await site.document(internal=True)).id)
    others = [encode("Document", 2**62), encode("Ticket", 1), "no-id-at-all", "%00", hidden + "="]
    for who in (site.world.stranger, site.world.outsider, site.world.contact):
        seen: set[tuple[int, str]] = set()
        for id in (hidden, *others):
            await site.http.get("/files/warm", headers=bearer(who))
            with counted() as sent:
                answer = await site.http.get(f"/files/{id}", headers=bearer(who))
            assert_missing(answer)
            assert sent
            seen.add((len(sent), answer.text))
        assert len(seen) == 1


async def test_nobody_is_told_to_sign_in_first(site: Site) -> None:
    document = await site.document()
    for at in (path(document), "/files/nothing"):
        answer = await site.http.get(at)
        assert answer.status_code == 401
        assert code(answer) == "UNAUTHENTICATED"


def cookie(site: Site, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Cookie": f"client={key(site.world.contact)}"} | named


async def test_a_cookie_fetches_for_our_pages_and_links_to_us(site: Site) -> None:
    document = await site.document()
    for headers in (
        {},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
        {"Origin": f"https://{site.host}"},
        {"Origin": LISTED},
    ):
        answer = await site.http.get(path(document), headers=cookie(site, **headers))
        assert answer.status_code == 200


async def test_a_cookie_fetches_for_no_foreign_page(site: Site) -> None:
    document = await site.document()
    for headers in (
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        answer = await site.http.get(path(document), headers=cookie(site, **headers))
        assert answer.status_code == 403
        assert code(answer) == "FORBIDDEN"
    assert await DocumentAccess.all().count() == 0


async def test_a_page_listed_for_contacts_may_not_use_the_operators_cookie(
    world: World, local_storage: Storage
) -> None:
    async with serving(world, local_storage, operator_origins=frozenset()) as site:
        document = await site.document(internal=True)
        cookies = {"Cookie": f"desk={key(world.owner)}", "Origin": LISTED}
        assert (await site.http.get(path(document), headers=cookies)).status_code == 403
        both = cookies | {"Cookie": f"desk={key(world.owner)}; client={key(world.contact)}"}
        assert_missing(await site.http.get(path(document), headers=both))
        own = cookies | {"Origin": f"https://{site.host}"}
        assert (await site.http.get(path(document), headers=own)).status_code == 200


# --- with a signed address


def signed(document: Document, who: Operator | Contact, ago: timedelta = timedelta(0)) -> str:
    return signed_path(document.id, session_of(who), SECRET, datetime.now(UTC) - ago)


async def test_a_signed_address_needs_no_credentials(site: Site) -> None:
    document = await site.document()
    for who in (site.world.owner, site.world.contact):
        answer = await site.http.get(signed(document, who))
        assert (answer.status_code, answer.content) == (200, b"0123456789")
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    callers = [one.caller for one in await DocumentAccess.all().order_by("id")]
    assert callers == [key(site.world.owner), key(site.world.contact)]


async def test_a_signed_address_lives_five_minutes(site: Site) -> None:
    document = await site.document()
    answer = await site.http.get(signed(document, site.world.owner, timedelta(minutes=4)))
    assert answer.status_code == 200
    answer = await site.http.get(signed(document, site.world.owner, timedelta(minutes=5)))
    assert answer.status_code == 403
    assert code(answer) == "SIGNATURE_EXPIRED"


async def test_nothing_of_a_signed_address_can_be_changed(site: Site) -> None:
    document, other = await site.document(), await site.document()
    address = httpx.URL(signed(document, site.world.stranger))
    expires = int(address.params["expires"])
    for changed in (
        address.copy_set_param("signature", "wrong"),
        address.copy_set_param("signature", "è"),
        address.copy_set_param("for", str(session_of(site.world.owner))),
        address.copy_set_param("expires", str(expires + 1)),
        address.copy_set_param("expires", "soon"),
        address.copy_remove_param("for"),
        address.copy_with(path=path(other)),
        address.copy_with(path="/files/nothing"),
        httpx.URL(signed_path(document.id, session_of(site.world.owner), SECRET + "x", NOW)),
    ):
        answer = await site.http.get(changed, headers=bearer(site.world.owner))
        assert answer.status_code == 403
        assert code(answer) == "BAD_SIGNATURE"


async def test_rights_are_looked_at_again(site: Site) -> None:
    document = await site.document()
    assert_missing(await site.http.get(signed(document, site.world.stranger)))
    addresses = [signed(document, who) for who in (site.world.owner, site.world.contact)]
    await Ticket.filter(id=site.world.ticket.id).update(
        assignee_operator_id=site.world.stranger.id, contact_id=site.world.outsider.id
    )
    for address in addresses:
        assert_missing(await site.http.get(address))


async def test_an_account_that_is_shut_opens_nothing(site: Site) -> None:
    document = await site.document()
    await Operator.filter(id=site.world.owner.id).update(active=False)
    await Contact.filter(id=site.world.contact.id).update(blocked=True)
    for who in (site.world.owner, site.world.contact):
        assert_missing(await site.http.get(signed(document, who)))


async def test_it_ends_with_the_session(site: Site) -> None:
    document = await site.document()
    for who in (site.world.owner, site.world.contact):
        address, mine = signed(document, who), Session.filter(id=session_of(who))
        for ended, in_force in (
            ({"ended_at": NOW}, {"ended_at": None}),
            ({"expires_at": NOW}, {"expires_at": datetime.now(UTC) + timedelta(hours=1)}),
        ):
            await mine.update(**ended)
            assert_missing(await site.http.get(address))
            await mine.update(**in_force)
            assert (await site.http.get(address)).status_code == 200
        await mine.delete()
        assert_missing(await site.http.get(address))


async def test_it_is_bound_to_a_tokens_scopes(site: Site) -> None:
    document = await site.document()
    address, mine = signed(document, site.world.owner), session_of(site.world.owner)
    await Session.filter(id=mine).update(scopes=[Right.CONTACTS_VIEW.value])
    refused = await site.http.get(address)
    assert (refused.status_code, code(refused)) == (403, "FORBIDDEN")
    await Session.filter(id=mine).update(scopes=[Right.TICKETS_VIEW.value])
    assert (await site.http.get(address)).status_code == 200


def test_a_signed_path_is_relative_and_carries_what_was_signed() -> None:
    address = httpx.URL(signed_path(12, 34, SECRET, NOW))
    assert address.path == f"/files/{encode('Document', 12)}"
    assert not address.host
    assert address.params["for"] == "34"
    assert int(address.params["expires"]) == NOW.timestamp() + 300
