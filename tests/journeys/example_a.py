"""Worked example A as an administrator sets it up through the API: people, and five tickets."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from models.people import Operator
from tests.support.site import Client, Site, gid

READS = ["TICKETS_VIEW", "CONTACTS_VIEW"]
WRITES = [*READS, "TICKETS_WRITE", "CONTACTS_WRITE"]
EVERYTHING = [*WRITES, "TICKETS_DELETE", "CONTACTS_DELETE"]
PROFILES = {"Call centre": WRITES, "Technician": READS, "Manager, Supervisor": EVERYTHING}
ROLES = {
    "Supervisor": ("Manager, Supervisor", None),
    "Manager A": ("Manager, Supervisor", "Supervisor"),
    "Manager B": ("Manager, Supervisor", "Supervisor"),
    "Call centre": ("Call centre", "Supervisor"),
    "Technician A": ("Technician", "Manager A"),
    "Technician B": ("Technician", "Manager B"),
}
"""With their profiles, and the roles they are under."""
PEOPLE = {
    "supervisor": "Supervisor",
    "manager A": "Manager A",
    "manager B": "Manager B",
    "technician A": "Technician A",
    "technician B": "Technician B",
    "caller": "Call centre",
    "other caller": "Call centre",
}
"""With their roles."""
TICKETS = (
    ("technician B", None, True),
    ("caller", None, False),
    ("caller", "Group A", True),
    ("manager A", None, False),
    ("technician B", "Group A", False),
)
"""Who creates each, for whom, and whether the words are the contact's own: then the desk's turn."""
WORD = "caldaia"
"""In the subject of each."""


@dataclass(frozen=True)
class Example:
    """Everybody's client by name, the administrator's ids by name, and the tickets in order."""

    admin: Client
    people: dict[str, Client]
    ids: dict[str, str]
    tickets: list[dict[str, Any]]
    """Id, number and turn of each."""


async def example(site: Site) -> Example:
    """All of it."""
    admin = await site.sign_in("admin")
    await _settled(admin)
    ids = await _organised(admin)
    people: dict[str, Client] = {}
    for name, role in PEOPLE.items():
        email = f"{name.replace(' ', '.').lower()}@example.test"
        await made(admin, "operator", name=name, email=email, roleId=ids[f"role {role}"])
        people[name] = await signed_in(site, name)
    found = Example(admin, people, ids, [])
    for by, group, on_behalf in TICKETS:
        async with writing(found):
            ticket = await opened(
                people[by], ids[f"group {group}"] if group else None, onBehalfOfContact=on_behalf
            )
        found.tickets.append(ticket)
    return found


async def signed_in(site: Site, name: str) -> Client:
    """One of the example, in a new session."""
    return await site.client_of(await Operator.get(name=name))


@asynccontextmanager
async def writing(of: Example) -> AsyncGenerator[None]:
    """Technicians may write meanwhile."""
    profile = of.ids["profile Technician"]
    await done(of.admin, "profileUpdate", profileId=profile, rights=[*READS, "TICKETS_WRITE"])
    yield
    await done(of.admin, "profileUpdate", profileId=profile, rights=READS)


async def opened(by: Client, assignee_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Id, number and turn of a ticket of Mario's."""
    input = {"subject": f"La {WORD} perde", "body": "<p>Acqua</p>", "assigneeId": assignee_id}
    fields = "... on TicketOpened { ticket { id number turn } }"
    contact = {} if "contactEmail" in more else {"contactId": gid("Contact", 1)}
    return (await done(by, "ticketOpen", fields, **input, **contact, **more))["ticket"]


async def done(by: Client, mutation: str, fields: str = "", **input: Any) -> dict[str, Any]:
    """The result of a mutation that is not refused."""
    answer = await by.do(mutation, fields, **input)
    assert "message" not in answer, (mutation, answer)
    return answer


async def made(admin: Client, noun: str, **input: Any) -> str:
    """The id of a new one."""
    fields = f"... on {noun.capitalize()}Created {{ {noun} {{ id }} }}"
    return (await done(admin, f"{noun}Create", fields, **input))[noun]["id"]


async def _settled(admin: Client) -> None:
    """PRIVATE, no restriction, and none of the categories the desk had."""
    await done(admin, "settingsUpdate", ticketSharing="PRIVATE", restrictToDepartments=False)
    for one in (await admin.run("{ categories(for: MANAGE) { id } }"))["categories"]:
        await done(admin, "categoryUpdate", categoryId=one["id"], archived=True)


async def _organised(admin: Client) -> dict[str, str]:
    ids: dict[str, str] = {}
    for name, rights in PROFILES.items():
        ids[f"profile {name}"] = await made(admin, "profile", name=name, rights=rights)
    for name, (profile, parent) in ROLES.items():
        ids[f"role {name}"] = await made(
            admin,
            "role",
            name=name,
            profileId=ids[f"profile {profile}"],
            parentId=ids[f"role {parent}"] if parent else None,
        )

    async def group(name: str, *lines: dict[str, str]) -> None:
        ids[f"group {name}"] = await made(admin, "group", name=name, addMembers=list(lines))

    await group("Call centre", {"roleId": ids["role Call centre"]})
    for letter in "AB":
        await group(
            f"Group {letter}",
            {"roleId": ids[f"role Manager {letter}"]},
            {"roleId": ids[f"role Technician {letter}"]},
            {"groupId": ids["group Call centre"]},
        )
    return ids
