"""The lock table of writing.md over the API: every row, every column, every toolbar action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.administration.staff import opened
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Site, category

LOST = "... on LockLost { holder { operator { name } } }"
REFUSED = f"... on TicketLocked {{ lock {{ operator {{ name }} token }} }} {LOST}"
HELD = "... on ReplyLockHeld { lock { token } }"
NOW = "query ($id: ID!) { ticket(id: $id) { lastEntryNumber lock { operator { name } token } } }"


@dataclass(frozen=True)
class Act:
    """A mutation with what it wants beside ticket and token."""

    name: str
    input: Mapping[str, Any]
    last_words: bool = False


async def acts(by: Client, contact: Client) -> list[Act]:
    """Every mutation that takes a lock token."""
    return [
        Act("ticketReply", {"body": "ecco"}, last_words=True),
        Act("ticketClose", {"body": "fine"}, last_words=True),
        Act("ticketClose", {}),
        Act("ticketAddNote", {"body": "nota"}),
        Act("ticketChangeLevel", {"level": "BASE", "note": "perché"}),
        Act(
            "ticketChangeCategory",
            {"categoryId": await category(by, "Rinnovo permesso"), "note": "perché"},
        ),
        Act("ticketAssign", {"assigneeId": await gid_of("Operator", "Bruno")}),
        Act(
            "ticketTransfer",
            {"departmentId": await gid_of("Department", "Immigrazione"), "note": "perché"},
        ),
        Act("ticketUpdate", {"priority": "HIGH"}),
        Act("ticketMerge", {"intoId": await opened(contact)}),
    ]


CELLS = {
    ("free", "none"): ("done", "done"),
    ("free", "stale"): ("LockLost", "LockLost"),
    ("mine", "none"): ("LockLost", "done"),
    ("mine", "current"): ("done", "done"),
    ("mine", "stale"): ("LockLost", "LockLost"),
    ("another's", "none"): ("TicketLocked", "TicketLocked"),
    ("another's", "stale"): ("LockLost", "LockLost"),
    ("another's", "current"): ("LockLost", "LockLost"),
}
"""(held, token sent) → for last words, for the other actions."""
HOLDER = {"free": None, "mine": "Bruno", "another's": "Anna"}


async def token_in(held: str, sent: str, id: str, anna: Client, bruno: Client) -> str | None:
    """Bring about the state; the token that Bruno will send."""
    stale = await bruno.do("replyLockAcquire", HELD, ticketId=id)
    await bruno.do("replyLockRelease", ticketId=id, lockToken=stale["lock"]["token"])
    current = stale
    if held != "free":
        current = await (anna if held != "mine" else bruno).do(
            "replyLockAcquire", HELD, ticketId=id
        )
    return {"none": None, "stale": stale["lock"]["token"], "current": current["lock"]["token"]}[
        sent
    ]


@pytest.mark.parametrize(("held", "sent"), CELLS)
async def test_every_cell(site: Site, subtests: pytest.Subtests, held: str, sent: str) -> None:
    anna, bruno, mario = [await site.sign_in(one) for one in ("anna", "bruno", "mario")]
    for act in await acts(bruno, mario):
        with subtests.test(act=act.name, last_words=act.last_words):
            id = await opened(mario)
            token = await token_in(held, sent, id, anna, bruno)
            before = (await bruno.run(NOW, id=id))["ticket"]
            done = await bruno.do(act.name, REFUSED, ticketId=id, lockToken=token, **act.input)
            after = (await bruno.run(NOW, id=id))["ticket"]
            expected = CELLS[held, sent][0 if act.last_words else 1]
            if expected == "done":
                assert "message" not in done, done
                assert after["lastEntryNumber"] > before["lastEntryNumber"]
                ends = act.name in ("ticketReply", "ticketClose", "ticketMerge")
                assert after["lock"] == (None if ends else before["lock"])
                continue
            assert done["__typename"] == expected
            assert after == before, "nothing was written"
            holder = done["lock"] if expected == "TicketLocked" else done["holder"]
            assert (holder and holder["operator"]["name"]) == HOLDER[held]
            if expected == "TicketLocked":
                assert holder["token"] is None


async def test_a_reply_on_a_free_ticket_keeps_the_lock_elsewhere(site: Site) -> None:
    bruno, mario = await site.sign_in("bruno"), await site.sign_in("mario")
    id, elsewhere = await opened(mario), await opened(mario)
    held = await bruno.do("replyLockAcquire", HELD, ticketId=elsewhere)
    await bruno.do("ticketReply", ticketId=id, body="ecco")
    renewed = await bruno.do(
        "replyLockRenew", HELD, ticketId=elsewhere, lockToken=held["lock"]["token"]
    )
    assert renewed["lock"] == held["lock"]


async def test_deleting_takes_no_token_and_wants_no_foreign_lock(site: Site) -> None:
    anna, bruno, mario = [await site.sign_in(one) for one in ("anna", "bruno", "mario")]
    id = await opened(mario)
    held = await anna.do("replyLockAcquire", HELD, ticketId=id)
    assert (await bruno.do("ticketDelete", ticketId=id))["__typename"] == "TicketLocked"
    await anna.do("replyLockRelease", ticketId=id, lockToken=held["lock"]["token"])
    await bruno.do("replyLockAcquire", ticketId=id)
    assert (await bruno.do("ticketDelete", ticketId=id))["__typename"] == "TicketDeleted"


async def test_taking_over_asking_and_handing_over_say_why_not(site: Site) -> None:
    anna, bruno, carla, admin, mario = [
        await site.sign_in(one) for one in ("anna", "bruno", "carla", "admin", "mario")
    ]
    id = await opened(mario)
    token = (await anna.do("replyLockAcquire", HELD, ticketId=id))["lock"]["token"]
    denied = await bruno.do("replyLockTakeOver", "... on NotPermitted { action }", ticketId=id)
    assert (denied["__typename"], denied["action"]) == ("NotPermitted", "TAKE_OVER_LOCK")
    for name in ("replyLockTakeOver", "replyLockRequest"):
        assert (await carla.do(name, ticketId=id))["__typename"] == "NotFound"
        assert (await carla.do(name, ticketId="x"))["__typename"] == "NotFound"
    long = await admin.do(
        "replyLockTakeOver",
        "... on InvalidInput { fields { path message } }",
        ticketId=id,
        reason="x" * 200_001,
    )
    assert [one["path"] for one in long["fields"]] == [["reason"]]
    for stranger in (await gid_of("Operator", "Bruno"), id, "x"):
        refused = await anna.do(
            "replyLockRelease",
            "... on InvalidInput { fields { path message } }",
            ticketId=id,
            lockToken=token,
            handTo=stranger,
        )
        assert [one["path"] for one in refused["fields"]] == [["handTo"]]
    asked = await bruno.do(
        "replyLockRequest",
        "... on ReplyLockAsked { lock { operator { name } token } }",
        ticketId=id,
    )
    assert asked["lock"] == {"operator": {"name": "Anna"}, "token": None}
    taken = await admin.do(
        "replyLockTakeOver", "... on ReplyLockHeld { lock { token operator { name } } }",
        ticketId=id, reason="ferie",
    )  # fmt: skip
    assert taken["lock"] == {"token": str(int(token) + 1), "operator": {"name": "Admin"}}
    late = await anna.do(
        "replyLockRelease",
        LOST,
        ticketId=id,
        lockToken=token,
        handTo=await gid_of("Operator", "Bruno"),
    )
    assert late["holder"] == {"operator": {"name": "Admin"}}
    await admin.do("ticketClose", ticketId=id, lockToken=taken["lock"]["token"])
    for name in ("replyLockTakeOver", "replyLockRequest"):
        assert (await admin.do(name, ticketId=id))["__typename"] == "TicketAlreadyClosed"
