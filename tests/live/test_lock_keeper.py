"""Locks with short leases, for real: kept while somebody types, and no longer than they may."""

import asyncio
from datetime import datetime, timedelta

import pytest

from models.desk import CategoryGrant, Desk
from models.drafts import Draft
from models.enums import Right
from models.hierarchy import Profile
from models.sessions import Session
from models.sql import clock
from models.tickets import Ticket
from tests.administration.staff import program
from tests.live.assert_live import Watcher, watching
from tests.live.backstage import with_rights_changed
from tests.live.stage import Person, Stage, arrived, eventually, number_of
from tests.support.live import PATIENCE_S

pytestmark = pytest.mark.usefixtures("quick_viewers")
HELD = "... on ReplyLockHeld { lock { token expiresAt } }"
LEASE_S = 4


async def leased(seconds: int) -> None:
    await Desk.filter(id=1).update(lock_lease_s=seconds)


async def typed(by: Person, id: str) -> str:
    """The token of a lock just taken, its draft saved just now."""
    token = (await by.do("replyLockAcquire", HELD, ticketId=id))["lock"]["token"]
    await by.do("draftSave", ticketId=id, body="Ven", baseRevision=0)
    return token


async def row(id: str) -> Ticket:
    return await Ticket.get(id=number_of(id))


async def expiry(id: str) -> datetime:
    return (await row(id)).lock_expires or pytest.fail("it is free")


async def past(moment: datetime) -> None:
    """Return once it is later by the database's clock."""
    while True:
        if await clock() > moment:
            return
        await asyncio.sleep(0.05)


async def freed(watcher: Watcher) -> None:
    """The watcher was told that the lock is free."""
    async with asyncio.timeout(PATIENCE_S):
        while (await watcher.feed.until("ReplyLockChanged"))["lock"] is not None:
            pass


async def test_an_open_feed_keeps_it_past_the_lease_while_the_holder_types(stage: Stage) -> None:
    await leased(LEASE_S)
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await watching(stage, id, [anna])
    token = await typed(anna, id)
    await past(await expiry(id))
    now = await row(id)
    assert now.lock_holder_id is not None
    assert str(now.lock_token) == token
    assert await expiry(id) > await clock()


async def test_a_forgotten_tab_does_not(stage: Stage) -> None:
    await leased(2)
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    mine, other = await watching(stage, id, [anna, bruno])
    await typed(anna, id)
    await Draft.all().update(saved_at=await clock() - timedelta(minutes=5, seconds=1))
    await freed(other)
    await freed(mine)
    assert (await bruno.do("replyLockAcquire", HELD, ticketId=id))["lock"]["token"]


async def test_a_lease_set_shorter_is_kept_at_once(stage: Stage) -> None:
    """Not after a third of the lease that was."""
    await leased(600)
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await watching(stage, id, [anna])
    await eventually(lambda: stage.live.keeper._lease_s == 600)
    await leased(LEASE_S)
    await typed(anna, id)
    await past(await expiry(id))
    assert await expiry(id) > await clock()


async def test_a_lease_set_longer_counts_for_locks_taken_before(stage: Stage) -> None:
    await leased(LEASE_S)
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await watching(stage, id, [anna])
    await typed(anna, id)
    await leased(600)
    while await expiry(id) < await clock() + timedelta(seconds=300):
        await stage.settled()


async def lose_write() -> None:
    await with_rights_changed(
        lambda: Profile.filter(name="operator").update(rights=[Right.TICKETS_VIEW.value])
    )


async def run_out() -> None:
    past_ = await clock() - timedelta(seconds=1)
    held = await Ticket.exclude(lock_session_id=None)
    await Session.filter(id__in=[one.lock_session_id for one in held]).update(expires_at=past_)


@pytest.mark.parametrize("how", ["sight", "write", "expiry"])
async def test_it_ends_with_what_its_holder_needs(stage: Stage, how: str) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    id = await stage.ticket(mario)
    (other,) = await watching(stage, id, [bruno])
    await typed(anna, id)
    await stage.settled()
    arrived(other.feed)
    holder = (await row(id)).lock_holder_id
    if how == "sight":
        gone = CategoryGrant.filter(operator_id=holder).delete
        await with_rights_changed(gone)
    elif how == "write":
        await lose_write()
    else:
        await run_out()
    await freed(other)
    assert (await row(id)).lock_holder_id is None
    assert await Draft.filter(operator_id=holder).exists(), "the text outlives it"


@pytest.mark.parametrize("how", ["sign out", "deactivate", "revoke"])
async def test_it_ends_with_the_very_change(stage: Stage, how: str) -> None:
    """Nobody needs to look for it."""
    await stage.live.keeper.stop()
    mario, anna, bruno, admin = [
        await stage.person(one) for one in ("mario", "anna", "bruno", "admin")
    ]
    id = await stage.ticket(mario)
    (other,) = await watching(stage, id, [bruno])
    client, token_id = await program(anna.client, "TICKETS_VIEW", "TICKETS_WRITE")
    await typed(await stage.seat("anna", client) if how == "revoke" else anna, id)
    await stage.settled()
    arrived(other.feed)
    if how == "sign out":
        await anna.client.run("mutation { signOut { __typename } }")
    elif how == "deactivate":
        me = (await anna.client.run("{ viewer { id } }"))["viewer"]["id"]
        await admin.do("operatorDeactivate", operatorId=me)
    else:
        await anna.do("apiTokenRevoke", tokenId=token_id)
    assert (await row(id)).lock_holder_id is None
    await freed(other)
