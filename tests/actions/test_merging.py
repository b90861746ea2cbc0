"""Two tickets of one contact become one conversation."""

import asyncio

import pytest

from actions import tickets
from actions.refusals import InvalidInput, LockLost, Refusal, TicketAlreadyClosed, TicketLocked
from actions.tickets.requests import Close, Merge, Post, Reply
from models.enums import Turn
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_both_point_to_each_other_and_posts_stay() -> None:
    source, target = await stage.opened(subject="Uno"), await stage.opened(subject="Due")
    anna = await stage.operator("anna")
    token = await stage.locked(source, anna)
    into = await tickets.merge(Merge(source, target, lock_token=token), anna)
    assert into.id == target
    assert await stage.told(source) == [
        (1, "CONTACT_MESSAGE", "OPERATOR"),
        (2, "MERGED", "CLOSED"),
    ]
    assert await stage.told(target) == [
        (1, "CONTACT_MESSAGE", "OPERATOR"),
        (2, "MERGED", "OPERATOR"),
    ]
    gone, kept = await stage.row(source), await stage.row(target)
    assert (gone.turn, gone.merged_into_id, gone.lock_holder_id) == (Turn.CLOSED, target, None)
    assert gone.closed_at is not None
    assert (kept.merged_into_id, kept.closed_at) == (None, None)
    assert await stage.events(source) == [("MERGED", [["mergedInto", None, f"#{target} Due"]])]
    assert await stage.events(target) == [("MERGED", [["merged", None, f"#{source} Uno"]])]


@pytest.mark.parametrize("source_is_older", [False, True])
async def test_the_turn_is_of_the_later_of_both(source_is_older: bool) -> None:
    mario, anna = await stage.contact("mario"), await stage.operator("anna")
    for last_of_source, last_of_target in (("reply", "message"), ("message", "reply")):
        source, target = await stage.opened(), await stage.opened()
        order = [(source, last_of_source), (target, last_of_target)]
        for id, kind in order if source_is_older else reversed(order):
            if kind == "reply":
                await tickets.reply(Reply(id, "ecco"), anna)
            else:
                await tickets.post(Post(id, "ancora"), mario)
        later = last_of_target if source_is_older else last_of_source
        await tickets.merge(Merge(source, target), anna)
        assert (await stage.row(target)).turn is (
            Turn.CONTACT if later == "reply" else Turn.OPERATOR
        )


async def refused(source: int, target: int, by: str, reason: type[Refusal], **fields: str) -> None:
    with pytest.raises(reason):
        await tickets.merge(Merge(source, target, **fields), await stage.operator(by))
    assert [(await stage.row(id)).merged_into_id for id in (source, target)] == [None, None]


async def test_what_cannot_be_merged() -> None:
    mine, other, foreign = await stage.opened(), await stage.opened(), await stage.opened("giulia")
    await refused(mine, mine, "anna", InvalidInput)
    await refused(mine, foreign, "anna", InvalidInput)
    await refused(foreign, mine, "anna", InvalidInput)
    await stage.locked(other, await stage.operator("anna"))
    await refused(mine, other, "bruno", TicketLocked)
    await refused(other, mine, "bruno", TicketLocked)
    await refused(mine, other, "anna", LockLost, lock_token="1")
    done = await stage.opened()
    await tickets.close(Close(done), await stage.operator("anna"))
    await refused(mine, done, "anna", TicketAlreadyClosed)
    await refused(done, mine, "anna", TicketAlreadyClosed)


async def test_two_ways_at_once_do_not_deadlock_and_one_wins() -> None:
    anna, bruno = await stage.operator("anna"), await stage.operator("bruno")
    for _ in range(8):
        one, two = await stage.opened(), await stage.opened()
        answers = await asyncio.gather(
            tickets.merge(Merge(one, two), anna),
            tickets.merge(Merge(two, one), bruno),
            return_exceptions=True,
        )
        refusals = [one for one in answers if isinstance(one, BaseException)]
        assert [type(one) for one in refusals] == [TicketAlreadyClosed]
        assert sorted([(await stage.row(id)).turn for id in (one, two)]) == [
            Turn.CLOSED,
            Turn.OPERATOR,
        ]
