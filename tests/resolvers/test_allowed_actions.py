"""What a ticket's toolbar offers in every state, and who may read the lock's token."""

import secrets
from typing import Any

from models.desk import Department, DepartmentGroup, Desk
from models.enums import Right, TicketSharing, Turn
from models.hierarchy import Profile
from models.tickets import Ticket
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import id_of
from tests.support.site import Client, Site, gid

QUERY = """
query ($id: ID!) { ticket(id: $id) {
  allowedActions lock { token operator { name } } viewers { operator { name } } } }"""
WRITES = [
    "VIEW", "REPLY", "NOTE", "CHANGE_CATEGORY", "CHANGE_LEVEL", "ASSIGN", "TRANSFER", "UPDATE",
    "MERGE", "CLOSE",
]  # fmt: skip


async def seen(by: Client, one: Ticket) -> dict[str, Any]:
    return (await by.run(QUERY, id=gid("Ticket", one.id)))["ticket"]


async def allowed(by: Client, one: Ticket) -> list[str]:
    return (await seen(by, one))["allowedActions"]


async def settled(**desk: Any) -> None:
    await Desk.filter(id=1).update(rights_version=secrets.randbelow(2**40), **desk)


async def test_by_profile_turn_and_lock(site: Site) -> None:
    anna, bruno = await site.sign_in("anna"), await site.sign_in("bruno")
    open_, closed = ticket(), ticket(turn=Turn.CLOSED)
    await saved(open_, closed)
    assert await allowed(anna, open_) == WRITES
    assert await allowed(bruno, open_) == [*WRITES, "DELETE"]
    assert await allowed(anna, closed) == ["VIEW"]
    assert await allowed(bruno, closed) == ["VIEW", "DELETE"]
    id = gid("Ticket", open_.id)
    held = await anna.do("replyLockAcquire", "... on ReplyLockHeld { lock { token } }", ticketId=id)
    assert await allowed(anna, open_) == WRITES
    assert await allowed(bruno, open_) == ["VIEW"]
    await anna.do("replyLockRelease", ticketId=id, lockToken=held["lock"]["token"])
    assert await allowed(bruno, open_) == [*WRITES, "DELETE"]


async def test_the_lock_may_be_taken_over_by_who_has_the_right(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    one = ticket()
    await saved(one)
    assert await allowed(admin, one) == [*WRITES, "DELETE"]
    await anna.do("replyLockAcquire", ticketId=gid("Ticket", one.id))
    assert await allowed(admin, one) == ["VIEW", "TAKE_OVER_LOCK"]


async def test_readers_and_those_who_own_nothing(site: Site) -> None:
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    mine = ticket(assignee_operator_id=await id_of("Operator", "Anna"))
    theirs = ticket(assignee_operator_id=await id_of("Operator", "Bruno"))
    await saved(mine, theirs)
    await settled(ticket_sharing=TicketSharing.PUBLIC_READ)
    assert await allowed(anna, mine) == WRITES
    assert await allowed(anna, theirs) == ["VIEW"]
    assert await allowed(admin, theirs) == [*WRITES, "DELETE"]
    await Profile.filter(name="operator").update(rights=[Right.TICKETS_VIEW.value])
    await settled(ticket_sharing=TicketSharing.PUBLIC_WRITE)
    assert await allowed(anna, mine) == ["VIEW"]


async def test_guests_where_the_view_is_limited(site: Site) -> None:
    anna = await site.sign_in("anna")
    fiscale = await id_of("Department", "Fiscale")
    await DepartmentGroup.create(
        department_id=fiscale, group_id=await id_of("Group", "Sportello"), public=True
    )
    one = ticket(
        department_id=fiscale,
        creator_id=await id_of("Operator", "Anna"),
        category_id=await id_of("Category", "ISEE"),
    )
    await saved(one)
    await settled()
    assert await allowed(anna, one) == WRITES
    await Department.filter(id=fiscale).update(limited_view=True)
    await settled()
    assert await allowed(anna, one) == ["VIEW", "REPLY", "UPDATE"]


async def test_the_token_is_for_the_session_that_holds_the_lock(site: Site) -> None:
    holder, same_person, bruno, admin = [
        await site.sign_in(n) for n in ("anna", "anna", "bruno", "admin")
    ]
    one = ticket()
    await saved(one)
    token = "... on ReplyLockHeld { lock { token } }"
    held = await holder.do("replyLockAcquire", token, ticketId=gid("Ticket", one.id))
    assert held["lock"]["token"] is not None
    assert (await seen(holder, one))["lock"]["token"] == held["lock"]["token"]
    for other in (same_person, bruno, admin):
        assert (await seen(other, one))["lock"] == {"token": None, "operator": {"name": "Anna"}}
    refused = await bruno.do(
        "ticketReply",
        "... on TicketLocked { lock { token operator { name } } }",
        ticketId=gid("Ticket", one.id),
        body="no",
    )
    assert refused["lock"] == {"token": None, "operator": {"name": "Anna"}}
    taken = await same_person.do("replyLockAcquire", token, ticketId=gid("Ticket", one.id))
    assert taken["lock"]["token"] not in (None, held["lock"]["token"])
    assert (await seen(holder, one))["lock"]["token"] is None
    lost = await holder.do(
        "replyLockRenew",
        "... on LockLost { holder { token } }",
        ticketId=gid("Ticket", one.id),
        lockToken=held["lock"]["token"],
    )
    assert lost["holder"] == {"token": None}
