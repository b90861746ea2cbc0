"""Who acts in these tests and on what: callers as the API makes them, tickets, looks at rows."""

import secrets
from datetime import timedelta
from typing import Any

from tortoise.expressions import F
from tortoise.models import Model

from actions import locks, tickets, uploads
from actions.sessions import token_hash
from actions.tickets.requests import ContactOpen
from actions.uploads import StoredFile
from models.callers import Caller, ContactCaller, OperatorCaller
from models.circles import circle_of
from models.conditions import Is
from models.desk import Category, Department, Desk
from models.enums import Right
from models.hierarchy import OperatorGroup, Profile, Role
from models.people import Contact, Operator
from models.rows import tickets as load
from models.sessions import Session
from models.sights import sight_of
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

RINNOVO, RICORSI, ISEE, INTERNO = "Rinnovo permesso", "Ricorsi", "ISEE", "Interno"


async def operator(name: str, session: int = 0) -> OperatorCaller:
    """An operator with the rights of now; each has a session, other numbers are others."""
    who = await Operator.get(email=f"{name}@demo.test")
    return OperatorCaller(who, session or 1000 + who.id, await sight_of(who.id))


async def signed_in(name: str, scopes: list[Right] | None = None) -> OperatorCaller:
    """An operator with a session that is in the database; with scopes, an API token."""
    who = await Operator.get(email=f"{name}@demo.test")
    now = await clock()
    session = await Session.create(
        token_hash=token_hash(secrets.token_urlsafe()),
        operator_id=who.id,
        created_at=now,
        used_at=now,
        expires_at=now + timedelta(hours=1),
        scopes=None if scopes is None else [one.value for one in scopes],
    )
    sight = (await sight_of(who.id)).scoped(session.scope())
    return OperatorCaller(who, session.id, sight, session.scope())


async def contact(name: str) -> ContactCaller:
    who = await Contact.get(email=f"{name}@demo.test")
    return ContactCaller(who, 2000 + who.id, await circle_of(who.id))


async def category(name: str) -> int:
    """The id; `Immigrazione` names the root."""
    return (await Category.get(name=name)).id


async def department(name: str) -> int:
    return (await Department.get(name=name)).id


async def group(name: str = "Sportello") -> int:
    return (await OperatorGroup.get(name=name)).id


async def opened(by: str = "mario", subject: str = "Ciao", topic: str = RINNOVO) -> int:
    """A ticket a contact has opened."""
    request = ContactOpen(subject, "<p>aiuto</p>", category_id=await category(topic))
    return (await tickets.open_by_contact(request, by=await contact(by))).ticket.id


async def row(ticket_id: int) -> Ticket:
    """The ticket as it is, deleted or not."""
    (found,) = await load(Is("id", ticket_id))
    return found


def columns(model: Model) -> dict[str, Any]:
    """Every column's value: models compare by id alone."""
    return {name: getattr(model, name) for name in model._meta.fields_db_projection}


async def timeline(ticket_id: int) -> list[TimelineEntry]:
    return await TimelineEntry.filter(ticket_id=ticket_id).order_by("number")


async def told(ticket_id: int) -> list[tuple[Any, ...]]:
    """The timeline in short: number, kind or event, turn after."""
    return [
        (one.number, one.event.value if one.event else one.kind.value, one.turn_after.value)
        for one in await timeline(ticket_id)
    ]


async def events(ticket_id: int) -> list[tuple[str, list[list[str | None]]]]:
    """The system events in short: kind and changes."""
    return [(one.event.value, one.changes) for one in await timeline(ticket_id) if one.event]


async def locked(ticket_id: int, by: OperatorCaller) -> str:
    """The token of a lock just taken."""
    return str((await locks.acquire(ticket_id, by)).lock_token)


async def expire(ticket_id: int) -> None:
    """The lease has run out."""
    past = await clock() - timedelta(seconds=1)
    await Ticket.filter(id=ticket_id).update(lock_expires=past)


async def upload(by: Caller, name: str = "a.txt") -> str:
    """The id of a file that has arrived."""
    file = StoredFile(name, 3, "text/plain", "0" * 64, f"key-{name}")
    return str((await uploads.register(by, file)).id)


async def changed(**desk: Any) -> None:
    """Settings of the desk, and word that rights are others now."""
    await Desk.filter(id=1).update(rights_version=F("rights_version") + 1, **desk)


async def let(name: str, *rights: Right) -> None:
    """The operator gets a role and profile of their own."""
    profile = await Profile.create(name=name, rights=[right.value for right in rights])
    role = await Role.create(name=f"{name} alone", profile_id=profile.id)
    await Operator.filter(email=f"{name}@demo.test").update(role_id=role.id)
    await changed()
