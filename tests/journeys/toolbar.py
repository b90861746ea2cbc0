"""Everything an operator can do to a ticket, as inputs: for asking whether it is refused."""

from collections.abc import Mapping
from typing import Any

from tests.support.site import Client, gid

Inputs = Mapping[str, Mapping[str, Any]]


async def changes(admin: Client) -> Inputs:
    """What changes a ticket that is open; each needs only `ticketId` beside."""
    return {
        "ticketReply": {"body": "risposta"},
        "ticketAddNote": {"body": "nota"},
        "ticketChangeCategory": {"categoryId": await any_category(admin, "ISEE")},
        "ticketChangeLevel": {"level": "ADVANCED"},
        "ticketAssign": {"assigneeId": await operator(admin, "Bruno")},
        "ticketTransfer": {"departmentId": await department(admin, "Immigrazione")},
        "ticketUpdate": {"subject": "altro"},
        "ticketClose": {},
        "replyLockAcquire": {},
    }


async def everything(admin: Client, ticket_id: str) -> Inputs:
    """All that names a ticket, with the input in full; merging it with one that never was."""
    named = {
        **await changes(admin),
        "ticketDelete": {},
        "ticketRestore": {},
        "ticketLeave": {},
        "ticketMarkRead": {"upTo": 1},
        "presenceSet": {"state": "VIEWING"},
        "replyLockRenew": {"lockToken": "1"},
        "replyLockRelease": {"lockToken": "1"},
        "draftSave": {"body": "bozza", "baseRevision": 0},
        "draftDelete": {},
        "ticketMerge": {"intoId": gid("Ticket", 999_998)},
    }
    return {name: {"ticketId": ticket_id, **input} for name, input in named.items()}


async def operator(by: Client, name: str) -> str:
    """The id of an operator by name."""
    found = await by.run("{ operators(first: 100) { edges { node { id name } } } }")
    return _named([edge["node"] for edge in found["operators"]["edges"]], name)


async def any_category(admin: Client, name: str) -> str:
    """The id of a category by name, archived or not."""
    return _named((await admin.run("{ categories(for: MANAGE) { id name } }"))["categories"], name)


async def department(by: Client, name: str) -> str:
    """The id of a department by name."""
    return _named((await by.run("{ departments { id name } }"))["departments"], name)


def _named(rows: list[dict[str, Any]], name: str) -> str:
    return next(row["id"] for row in rows if row["name"] == name)
