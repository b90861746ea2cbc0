"""How it was: who may say so, of what, until when, and who sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.desk import Department, Desk
from models.tickets import Ticket
from resolvers.ids import local_id
from tests.links.test_links import link_to, opened, ticket_of
from tests.links.test_pages import path, post
from tests.support.site import Client, Site

RATED = """... on TicketRated { ticket { rating { positive comment changeableUntil } updatedAt } }
  ... on InvalidInput { fields { path } }"""
SHOWN = """query ($id: ID!) { ticket(id: $id) { updatedAt
  rating { positive comment givenAt changeableUntil }
  timeline(last: 1) { edges { node { __typename author { ... on Contact { email } }
    ... on SystemEvent { kind note changes { field from to } } } } } } }"""


@pytest.fixture
async def closed(site: Site) -> str:
    """Of Sara's."""
    id = await ticket_of(site)
    bruno = await site.sign_in("bruno")
    assert (await bruno.do("ticketClose", ticketId=id))["__typename"] == "TicketClosed"
    return id


async def rate(client: Client, id: str, positive: bool = True, **more: Any) -> dict[str, Any]:
    return await client.do("ticketRate", RATED, ticketId=id, positive=positive, **more)


async def row(id: str) -> Ticket:
    return await Ticket.get(id=local_id(id, "Ticket"))


async def test_rated_and_changed(site: Site, closed: str) -> None:
    sara, bruno = await site.sign_in("sara"), await site.sign_in("bruno")
    before = (await bruno.run(SHOWN, id=closed))["ticket"]
    assert before["rating"] is None
    done = await rate(sara, closed, comment="  Thank you\n")
    assert done["ticket"]["rating"]["comment"] == "Thank you"
    shown = (await bruno.run(SHOWN, id=closed))["ticket"]
    assert shown["rating"]["positive"] is True
    assert shown["updatedAt"] == before["updatedAt"], "a rating is no news of the conversation"
    (edge,) = shown["timeline"]["edges"]
    assert edge["node"] == {
        "__typename": "SystemEvent",
        "author": {"email": "sara@demo.test"},
        "kind": "RATED",
        "note": "Thank you",
        "changes": [{"field": "rating", "from": None, "to": "positive"}],
    }
    given = shown["rating"]["givenAt"]
    await rate(sara, closed, positive=False)
    shown = (await bruno.run(SHOWN, id=closed))["ticket"]
    assert (shown["rating"]["positive"], shown["rating"]["comment"]) == (False, None)
    assert shown["rating"]["givenAt"] == given, "the seven days run from the first"
    (edge,) = shown["timeline"]["edges"]
    assert edge["node"]["changes"] == [{"field": "rating", "from": "positive", "to": "negative"}]
    seq = (await row(closed)).seq
    await rate(sara, closed, positive=False)
    assert (await row(closed)).seq == seq, "the same again is nothing"


async def test_after_seven_days_it_stays(site: Site, closed: str) -> None:
    sara = await site.sign_in("sara")
    await rate(sara, closed)
    id = local_id(closed, "Ticket")
    await Ticket.filter(id=id).update(rated_at=datetime.now(UTC) - timedelta(days=7, seconds=1))
    assert (await rate(sara, closed, positive=False))["__typename"] == "RatingClosed"
    assert (await row(closed)).rated_positive is True


async def test_what_is_not_asked_for(site: Site, closed: str) -> None:
    sara = await site.sign_in("sara")
    mine = await ticket_of(site, subject="Open")
    assert (await rate(sara, mine))["__typename"] == "TicketStillOpen"
    await Department.all().update(survey=False)
    assert (await rate(sara, closed))["__typename"] == "RatingClosed"
    await Department.all().update(survey=True)
    await Desk.filter(id=1).update(survey=False)
    assert (await rate(sara, closed))["__typename"] == "RatingClosed"
    await Desk.filter(id=1).update(survey=True)
    long = await rate(sara, closed, comment="x" * 2001)
    assert long["fields"] == [{"path": ["comment"]}]
    assert (await rate(sara, closed, comment="\0x\ud7ff" + "à" * 1998))[
        "__typename"
    ] == "TicketRated"


async def test_it_is_its_owners(site: Site, closed: str) -> None:
    """Colleagues who share a ticket see the rating, and give none."""
    samuel, giulia = await site.sign_in("samuel"), await site.sign_in("giulia")
    ask = "query ($id: ID!) { ticket(id: $id) { rating { positive } } }"
    assert (await samuel.run(ask, id=closed))["ticket"] == {"rating": None}
    refused = await rate(samuel, closed)
    assert refused["fields"] == [{"path": ["ticketId"]}]
    assert (await rate(giulia, closed))["__typename"] == "NotFound"
    await rate(await site.sign_in("sara"), closed)
    assert (await samuel.run(ask, id=closed))["ticket"] == {"rating": {"positive": True}}


async def test_a_link_is_enough(site: Site, closed: str) -> None:
    client = await opened(site, await link_to(closed))
    assert (await rate(client, closed))["__typename"] == "TicketRated"
    other = await ticket_of(site, subject="Other")
    assert (await rate(client, other))["__typename"] == "NotFound"


async def test_on_the_page(site: Site, closed: str) -> None:
    where = path(await link_to(closed))
    await post(site, where, {})
    page = await site.http.get("/conversation")
    assert "Ti siamo stati d&#x27;aiuto?" in page.text
    forged = await site.http.post(
        "/conversation/rating", data={"positive": "yes"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert forged.status_code == 403
    for nothing in ({}, {"positive": "perhaps"}):
        await post(site, "/conversation/rating", nothing)
        assert (await row(closed)).rating is None
    done = await post(
        site, "/conversation/rating", {"positive": "no", "comment": "<b>troppo</b> tardi"}
    )
    assert (done.status_code, done.headers["location"]) == (303, "/conversation")
    ticket = await row(closed)
    assert (ticket.rated_positive, ticket.rating_comment) == (False, "<b>troppo</b> tardi")
    page = await site.http.get("/conversation")
    assert "&lt;b&gt;troppo" in page.text
    assert 'value="no" required checked' in page.text
    await Ticket.filter(id=ticket.id).update(rated_at=datetime.now(UTC) - timedelta(days=8))
    assert "<form" not in (await site.http.get("/conversation")).text


async def test_a_comment_that_is_not_taken_is_given_back(site: Site, closed: str) -> None:
    await post(site, path(await link_to(closed)), {})
    lines = "\r\n".join(["x" * 19] * 100)
    done = await post(site, "/conversation/rating", {"positive": "yes", "comment": lines})
    assert done.status_code == 303, "browsers write lines with two characters at their end"
    assert len((await row(closed)).rating_comment) == 1999
    done = await post(site, "/conversation/rating", {"positive": "no", "comment": "y" * 2001})
    assert done.status_code == 422
    assert "y" * 2001 in done.text
    assert "Shorten it" in done.text
    assert (await row(closed)).rated_positive is True


async def test_lists_of_the_contact_hear_of_it(site: Site, closed: str) -> None:
    sara = await site.sign_in("sara")
    async with sara.live() as connection:
        changed = await connection.subscribe(
            "subscription { ticketChanged { id rating { positive } } }"
        )
        await changed.quiet(0.5)  # nothing says when it is in force
        await rate(sara, closed, positive=False)
        assert await changed.next() == {"id": closed, "rating": {"positive": False}}
