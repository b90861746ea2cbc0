"""Access that ends in the middle of a feed: the feed ends, and says nothing of what comes after."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tortoise.expressions import F

from actions.sessions import token_hash
from app.transport.close_codes import CloseCode
from models.desk import Desk
from models.people import Contact, Operator
from models.sessions import Session
from models.sql import clock
from tests.app.program import within
from tests.faults.chance import dice
from tests.faults.conftest import Found
from tests.faults.crowd import STAFF, is_operator, token_of
from tests.faults.installation import Installation
from tests.faults.oracle import all_live, assert_log, eventually
from tests.faults.resuming import GivenUp, Resuming
from tests.faults.screen import CONTACT, SHARED, loaded
from tests.faults.writer import Writer
from tests.support.site import gid

Lose = Callable[[Installation], Awaitable[Any]]
AFTER = "scritto dopo"
GRANTS = "query ($id: ID!) { operator(id: $id) { grants { id } } }"
HERS, HIS = token_of("anna"), token_of("mario")
BRIEF = "a-session-of-{}-seconds"


async def lose_grant(desk: Installation) -> None:
    admin = desk.person("admin")
    grants = (await admin.run(GRANTS, id=await _anna(desk)))["operator"]["grants"]
    done = await admin.do("categoryGrantRemove", grantId=grants[0]["id"])
    assert done["__typename"] == "CategoryGrantRemoved"


async def _anna(desk: Installation) -> str:
    async def find() -> int:
        return (await Operator.get(email="anna@demo.test")).id

    return gid("Operator", await asyncio.to_thread(within, desk.database_url, find))


async def be_deactivated(desk: Installation) -> None:
    done = await desk.person("admin").do("operatorDeactivate", operatorId=await _anna(desk))
    assert done["__typename"] == "OperatorDeactivated"


async def be_blocked(desk: Installation) -> None:
    async def find() -> int:
        return (await Contact.get(email="mario@demo.test")).id

    mario = gid("Contact", await asyncio.to_thread(within, desk.database_url, find))
    done = await desk.person("admin").do("contactBlock", contactId=mario)
    assert done["__typename"] == "ContactBlocked"


async def sign_out(desk: Installation) -> None:
    await desk.person("anna").run("mutation { signOut { __typename } }")


async def contact_signs_out(desk: Installation) -> None:
    await desk.person("mario").run("mutation { signOut { __typename } }")


LINE, FEED = "line", "feed"
LOSSES: dict[str, tuple[str, Lose, str]] = {
    "deactivated": ("anna", be_deactivated, LINE + FEED),
    "blocked": ("mario", be_blocked, LINE + FEED),
    "signed out": ("anna", sign_out, LINE),
    "contact signed out": ("mario", contact_signs_out, LINE),
    "sight": ("anna", lose_grant, FEED),
}
"""Who loses, how, and what ends, whichever comes first; last, what is not given back."""


@pytest.mark.parametrize("dead", [False, True], ids=["hints", "no hints"])
async def test_access_ends(found: Found, dead: bool) -> None:
    """With Redis, with a dead one, and without any: alike, but for the time it takes."""
    desk = await found(2)
    if dead and desk.redis is None:
        pytest.skip("hints are in memory")
    for name in LOSSES:
        await _loses(desk, name, dead=dead)


async def _loses(desk: Installation, name: str, *, dead: bool) -> None:
    loser, lose, ends = LOSSES[name]
    id = await desk.ticket("giulia" if loser == "anna" else "mario")
    losing = await _losing(desk, id, loser)
    others = await desk.watch(id, [STAFF[0], STAFF[1]])
    await all_live([*losing, *others])
    if dead and desk.redis:
        desk.redis.kill()
    await lose(desk)
    writer = Writer(desk.person(STAFF[2], len(desk.servers) - 1), id, dice(name))
    await writer.post(AFTER)
    await eventually(lambda: all(map(_is_over, losing)), lambda: f"{name}: it goes on")
    for one in losing:
        _assert_ended(one, ends)
    if dead and desk.redis:
        desk.redis.ready()  # without it, a process knows of its own viewers alone
    await assert_log(desk.seat, id, others, 2)
    await _restore(desk)


async def _losing(desk: Installation, ticket: str, name: str) -> list[Resuming]:
    """Their clients at every server."""
    found: list[Resuming] = []
    for server in desk.servers:
        found += await desk.watch(ticket, [name], hosts=[server.host])
    return found


def _is_over(one: Resuming) -> bool:
    return one.task.done()


def _assert_ended(one: Resuming, ends: str) -> None:
    """As the protocol says, and without a frame about what was written after."""
    error = one.task.exception()
    if error is not None:
        assert LINE in ends
        assert isinstance(error, GivenUp), one.who
        assert one.codes[-1] == CloseCode.UNAUTHORIZED
        assert set(one.codes[:-1]) == {CloseCode.REVOKED}
    else:
        assert FEED in ends, one.frames[-1]
        assert one.frames[-1]["__typename"] == "AccessRevoked"
    assert AFTER not in str(one.frames)


async def _restore(desk: Installation) -> None:
    """Everybody is as they were at first, in the database."""

    async def do() -> None:
        await Desk.filter(id=1).update(rights_version=F("rights_version") + 1)
        await Operator.filter(email="anna@demo.test").update(active=True)
        await Contact.filter(email="mario@demo.test").update(blocked=False)
        await Session.filter(token_hash__in=[token_hash(HERS), token_hash(HIS)]).update(
            ended_at=None
        )

    await asyncio.to_thread(within, desk.database_url, do)


@pytest.mark.parametrize("name", ["anna", "mario"])
async def test_a_session_expires(found: Found, name: str) -> None:
    """While others write: nothing that is written after that moment comes."""
    desk = await found(2)
    id = await desk.ticket()
    others = await desk.watch(id, STAFF[:2])
    writer = Writer(desk.person(STAFF[2]), id, dice(name))
    if name == "mario":
        writer = Writer(desk.person("mario", len(desk.servers) - 1), id, dice(name))
    for lifetime_s in (4, 16, 64):
        until = await _session_of(desk, name, lifetime_s)
        view = SHARED if is_operator(name) else CONTACT
        screen = await loaded(desk.person(name), view, id)
        brief = replace(desk.person(name), token=BRIEF.format(lifetime_s))
        one = desk.follow(id, brief, screen)
        while not one.task.done():
            await writer.posts(1, 0.1)
        if one.snapshots:
            break
    _assert_ended(one, LINE)
    entries = [frame.get("entry") or frame.get("message") for frame in one.frames]
    written = [datetime.fromisoformat(entry["createdAt"]) for entry in entries if entry]
    assert all(at <= until for at in written)
    await assert_log(desk.seat, id, others, 1 + len(writer.written))


async def _session_of(desk: Installation, name: str, lifetime_s: float) -> datetime:
    """One more, for a while; until when."""

    async def do() -> datetime:
        now = await clock()
        until = now + timedelta(seconds=lifetime_s)
        model = Operator if is_operator(name) else Contact
        who = await model.get(email=f"{name}@demo.test")
        await Session.create(
            token_hash=token_hash(BRIEF.format(lifetime_s)),
            created_at=now,
            used_at=now,
            expires_at=until,
            operator_id=who.id if is_operator(name) else None,
            contact_id=None if is_operator(name) else who.id,
        )
        return until

    return await asyncio.to_thread(within, desk.database_url, do)
