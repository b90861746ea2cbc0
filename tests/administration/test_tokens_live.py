"""API tokens on open sockets: no viewers, and what they lose ends at once."""

from datetime import timedelta
from typing import Any

import pytest

from models.sessions import Session
from models.sql import clock
from tests.administration.staff import opened, program, refusals
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, gid

FEED = """subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename
  ... on EntryAdded { entry { number } } } }"""
VIEWERS = "query ($id: ID!) { ticket(id: $id) { viewers { operator { name } } } }"
HELD = "... on ReplyLockHeld { lock { token operator { name } } }"


@pytest.fixture
def by_hint_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at sessions by the clock."""
    monkeypatch.setattr("app.sessions_watch.EVERY_S", 3600)


async def viewers(by: Client, id: str) -> list[str]:
    ticket = (await by.run(VIEWERS, id=id))["ticket"]
    return [one["operator"]["name"] for one in ticket["viewers"]]


async def refused_over(client: Client, query: str, **variables: Any) -> dict[str, Any]:
    """The error that an operation over a socket is answered with."""
    async with client.live() as line:
        message = await line.message((await line.subscribe(query, **variables))._id)
    payload = message["payload"]
    return (payload if message["type"] == "error" else payload["errors"])[0]


@pytest.mark.parametrize("name", ["anna", "admin"])
async def test_a_revoked_token_ends_its_feeds_and_sockets(
    by_hint_alone: None, site: Site, name: str
) -> None:
    anna, by, mario = [await site.sign_in(one) for one in ("anna", name, "mario")]
    id = await opened(mario)
    tool, token = await program(anna, "TICKETS_VIEW", "TICKETS_WRITE")
    other, _ = await program(anna, "TICKETS_VIEW")
    async with tool.live() as one, tool.live() as two, other.live() as still:
        feed, kept = await one.subscribe(FEED, id=id), await still.subscribe(FEED, id=id)
        await feed.until("TicketSnapshot")
        await kept.until("TicketSnapshot")
        assert (await by.do("apiTokenRevoke", tokenId=token))["__typename"] == "ApiTokenRevoked"
        assert [await one.closed(), await two.closed()] == [4403, 4403]
        await anna.do("ticketAddNote", ticketId=id, body="<p>x</p>")
        await kept.until("EntryAdded")
    assert [await refusals(tool), await refusals(other), await refusals(anna)] == [401, 200, 200]


async def test_an_expired_token_ends_its_sockets(site: Site) -> None:
    anna = await site.sign_in("anna")
    tool, _ = await program(anna, "TICKETS_VIEW")
    async with tool.live() as line:
        await Session.filter(name="Import").update(expires_at=await clock() - timedelta(seconds=1))
        assert await line.closed() == 4403


async def test_a_token_is_no_viewer_and_may_hold_the_lock(site: Site) -> None:
    anna, admin, mario = [await site.sign_in(one) for one in ("anna", "admin", "mario")]
    id = await opened(mario)
    tool, _ = await program(anna, "TICKETS_VIEW", "TICKETS_WRITE")
    async with tool.live() as line:
        feed = await line.subscribe(FEED, id=id)
        await feed.until("TicketSnapshot")
        assert await viewers(admin, id) == []
        with pytest.raises(Failed) as failed:
            await tool.do("presenceSet", ticketId=id, state="VIEWING")
        assert failed.value.code == "FORBIDDEN"
        async with watching(anna, id):
            assert await viewers(admin, id) == ["Anna"]
            held = await tool.do("replyLockAcquire", HELD, ticketId=id)
            assert held["lock"]["operator"] == {"name": "Anna"}
            renewed = await tool.do(
                "replyLockRenew", HELD, ticketId=id, lockToken=held["lock"]["token"]
            )
            assert renewed["lock"] == held["lock"]
            left = await tool.do("ticketLeave", ticketId=id)
            assert left["__typename"] == "TicketPresenceEnded"
            assert await viewers(admin, id) == ["Anna"]
            lock = "query ($id: ID!) { ticket(id: $id) { lock { token } } }"
            assert (await admin.run(lock, id=id))["ticket"] == {"lock": None}


async def test_without_the_scope_there_is_no_feed(site: Site) -> None:
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    id = await opened(mario)
    tool, _ = await program(anna, "CONTACTS_VIEW", "TICKETS_WRITE")
    seen = await refused_over(tool, FEED, id=id)
    assert seen["extensions"]["code"] == "FORBIDDEN"
    assert "TICKETS_VIEW" in seen["message"]
    unseen = await refused_over(tool, FEED, id=gid("Ticket", 999))
    assert (unseen["message"], unseen["extensions"]) == (seen["message"], seen["extensions"])
    counted = await refused_over(tool, "query { ticketCounters { new } }")
    assert counted["extensions"]["code"] == "FORBIDDEN"
    blind = await tool.do("ticketAddNote", ticketId=id, body="<p>x</p>")
    none = await tool.do("ticketAddNote", ticketId=gid("Ticket", 999), body="<p>x</p>")
    assert blind == none
    assert blind["__typename"] == "NotFound"


async def test_its_feed_follows_the_operators_rights_and_no_further(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    id = await opened(mario)
    tool, _ = await program(anna, "TICKETS_VIEW")
    profile = await gid_of("Profile", "operator")
    async with tool.live() as line:
        feed = await line.subscribe(FEED, id=id)
        await feed.until("TicketSnapshot")
        await admin.do("profileUpdate", profileId=profile, rights=["ADMINISTER"])
        await admin.do("ticketAddNote", ticketId=id, body="<p>x</p>")
        await feed.until("EntryAdded")
        query = await line.subscribe("query { profiles { name } }")
        message = await line.message(query._id)
        assert "SETTINGS_VIEW" in str(message)
        await admin.do("profileUpdate", profileId=profile, rights=["TICKETS_WRITE"])
        await feed.until("AccessRevoked")
        await feed.completed()
        count = await line.subscribe("query { tickets { totalCount } }")
        assert await count.next() == {"totalCount": 0}
