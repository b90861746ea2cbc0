"""What operators look up: tickets, people, places, always among what they may see."""

import re
from collections.abc import Awaitable, Callable

from models import rows
from models.callers import OperatorCaller
from models.desk import Category, Department
from models.documents import Document
from models.drafts import Draft
from models.enums import Right, SystemEventKind, TicketAction
from models.people import Contact
from models.tickets import Ticket
from models.timeline import FieldChange, TimelineEntry
from realtime.presence import Viewer
from resolvers import audit
from resolvers.administration import categories as categories_
from resolvers.administration.tokens import token
from resolvers.context import Context
from resolvers.errors import RequestRefused
from resolvers.ids import decode, local_id
from resolvers.notifications import notification

NAMES_A_TICKET = frozenset({SystemEventKind.MERGED, SystemEventKind.FOLLOW_UP_OPENED})
OFFERED = (
    TicketAction.VIEW,
    TicketAction.REPLY,
    TicketAction.NOTE,
    TicketAction.CHANGE_CATEGORY,
    TicketAction.CHANGE_LEVEL,
    TicketAction.ASSIGN,
    TicketAction.TRANSFER,
    TicketAction.UPDATE,
    TicketAction.MERGE,
    TicketAction.CLOSE,
    TicketAction.DELETE,
)
"""Actions there is a mutation for while nobody holds the lock; converting is yet to come."""

VIEWED_WITH = {
    "Role": Right.SETTINGS_VIEW,
    "Profile": Right.SETTINGS_VIEW,
    "Organisation": Right.CONTACTS_VIEW,
    "ContactGroup": Right.CONTACTS_VIEW,
    "Mailbox": Right.SETTINGS_VIEW,
}
"""What is looked up by a right to all of its kind."""


async def ticket(by: OperatorCaller, id: int) -> Ticket | None:
    """The ticket, if seen."""
    return await rows.ticket(by.condition, id)


def one_of(gid: str | None, number: int | None) -> int:
    """The ticket meant by an id or a number; raises RequestRefused unless just one is given."""
    if (gid is None) == (number is None):
        raise RequestRefused("BAD_REQUEST", "Give either id or number.")
    return number if number is not None else local_id(gid or "", "Ticket")


async def node(context: Context, gid: str) -> object | None:
    """Whatever has this id, if the operator may know of it: None for all else, alike."""
    by = await context.operator()
    kind, id = decode(gid)
    if kind == "Ticket":
        return await ticket(by, id)
    if kind == "Entry":
        return await rows.part(TimelineEntry, "timeline_entry", id, by.condition)
    if kind == "Document":
        return await rows.part(Document, "document", id, by.condition)
    if kind in JUDGED:
        return await JUDGED[kind](by, id)
    if kind in VIEWED_WITH and not by.sight.has(VIEWED_WITH[kind]):
        return None
    loader = {
        "Role": context.loaders.roles,
        "Profile": context.loaders.profiles,
        "Operator": context.loaders.operators,
        "Group": context.loaders.groups,
        "Organisation": context.loaders.organisations,
        "ContactGroup": context.loaders.contact_groups,
        "Department": context.loaders.departments,
        "Category": context.loaders.categories,
        "Mailbox": context.loaders.mailboxes,
    }.get(kind)
    return await loader.load(id) if loader is not None else None


async def contact(by: OperatorCaller, id: int) -> Contact | None:
    """The contact, for those who may view contacts; who was merged into another is not there."""
    if not by.sight.has(Right.CONTACTS_VIEW):
        return None
    return await Contact.get_or_none(id=id, merged_into_id=None)


JUDGED: dict[str, Callable[[OperatorCaller, int], Awaitable[object | None]]] = {
    "Audit": audit.entry,
    "Contact": contact,
    "Grant": categories_.grant,
    "Notification": notification,
    "Token": token,
}
"""What is looked up by a rule of its kind's own."""


async def transfer_targets(by: OperatorCaller) -> list[Department]:
    """Departments the operator may transfer tickets to, by name."""
    all_ = await Department.all().order_by("name", "id")
    return [one for one in all_ if by.sight.may_transfer_to(one.id)]


async def categories(by: OperatorCaller, *, to_open: bool) -> list[Category]:
    """What the operator may open tickets in, or every category in use to move a ticket to."""
    in_use = await Category.filter(archived=False).order_by("position", "name", "id")
    if not to_open or by.sight.unrestricted:
        return in_use
    # A guest's are those of the department and those of none; without restriction nobody is one.
    public = by.sight.public_departments - by.sight.departments if by.sight.restricted else ()
    as_guest = {None, *public} if public else set[int | None]()
    return [one for one in in_use if one.id in by.sight.base or one.department_id in as_guest]


async def drafts(by: OperatorCaller) -> list[Draft]:
    """The operator's unsent texts, also of tickets out of sight, latest first."""
    return await Draft.filter(operator_id=by.id).order_by("-saved_at", "-id")


async def changes_in_sight(context: Context, entry: TimelineEntry) -> list[FieldChange]:
    """What an event changed; another ticket it names is named to those who see that one alone."""
    changes = entry.field_changes()
    if entry.event not in NAMES_A_TICKET:
        return changes
    seen = (await context.own()).tickets
    shown: list[FieldChange] = []
    for change in changes:
        named = re.match(r"#(\d+)", change.to or "")
        other = await seen.load(int(named[1])) if named else None
        to = f"#{other.id} {other.subject}" if other is not None else None
        shown.append(FieldChange(change.field, change.from_, to))
    return shown


def allowed_actions(by: OperatorCaller, ticket: Ticket) -> list[TicketAction]:
    """What the operator may do right now: lock, turn and deletion included."""
    if ticket.locked_by_other(by.id):
        offered = (TicketAction.VIEW, TicketAction.TAKE_OVER_LOCK)
        return [action for action in offered if by.sight.may(action, ticket)]
    final = ticket.closed or ticket.deleted_at is not None
    offered = (TicketAction.VIEW, TicketAction.DELETE) if final else OFFERED
    return [action for action in offered if by.sight.may(action, ticket)]


async def viewers(context: Context, ticket: Ticket) -> list[Viewer]:
    """Who looks at the ticket, in whatever process: read for all tickets of a list at once."""
    lock = ticket.reply_lock
    return await context.viewers.load((ticket.id, lock.operator_id if lock is not None else None))
