"""Fields of a ticket that change no one's sight: subject, priority, severity, tags."""

from actions import search
from actions.guard import Demand, take
from actions.refusals import FieldError, InvalidInput
from actions.texts import check_subject, one_line
from actions.tickets.requests import Unset, Update
from actions.unit_of_work import unit_of_work
from actions.writing import Change, Writing
from models.callers import OperatorCaller
from models.enums import SystemEventKind, TicketAction
from models.tickets import Ticket

TAG_LENGTH = 50
TAGS_PER_TICKET = 50
TAGS_MOST = 100


async def update(request: Update, by: OperatorCaller) -> Ticket:
    """Merge the fields given into the ticket: one event, its changes field by field.

    Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed, LockLost, TicketLocked.
    """
    subject = None if request.subject is None else one_line(request.subject)
    add, remove = tidy_tags(request.add_tags), tidy_tags(request.remove_tags)

    async def check(ticket: Ticket) -> None:
        errors = [] if subject is None else check_subject(subject)
        errors += check_tags(add, "addTags")
        errors += check_tag_count(_tags_after(ticket, add, remove), "addTags")
        if errors:
            raise InvalidInput(*errors)

    async def do() -> Ticket:
        demand = Demand(TicketAction.UPDATE, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        changes = _merge(ticket, request, subject, _tags_after(ticket, add, remove))
        if changes:
            writing = await Writing.on(ticket, by)
            if subject is not None and any(field == "subject" for field, _, _ in changes):
                ticket.visible_at = writing.at
                await search.add(ticket.id, True, subject)
            writing.event(SystemEventKind.UPDATED, *changes)
            await writing.commit("ticket.update")
        return ticket

    return await unit_of_work(do)


def tidy_tags(tags: tuple[str, ...]) -> list[str]:
    """Tags on one line each, every one once."""
    return list(dict.fromkeys(one_line(tag) for tag in tags))


def check_tags(tags: list[str], path: str) -> list[FieldError]:
    """What is wrong with each tag, if anything."""
    if len(tags) > TAGS_MOST:
        return [FieldError((path,), f"Give at most {TAGS_MOST} tags at once.")]
    return [
        FieldError((path, str(place)), f"A tag has 1 to {TAG_LENGTH} characters.")
        for place, tag in enumerate(tags)
        if not 1 <= len(tag) <= TAG_LENGTH
    ]


def check_tag_count(tags: list[str], path: str) -> list[FieldError]:
    """That there are too many, if so."""
    if len(tags) <= TAGS_PER_TICKET:
        return []
    return [FieldError((path,), f"A ticket carries at most {TAGS_PER_TICKET} tags: remove some.")]


def _tags_after(ticket: Ticket, add: list[str], remove: list[str]) -> list[str]:
    kept = [tag for tag in ticket.tags if tag not in remove]
    return kept + [tag for tag in add if tag not in kept]


def _merge(ticket: Ticket, request: Update, subject: str | None, tags: list[str]) -> list[Change]:
    changes: list[Change] = []
    if subject is not None and subject != ticket.subject:
        changes.append(("subject", ticket.subject, subject))
        ticket.subject = subject
    if request.priority is not None and request.priority is not ticket.priority:
        changes.append(("priority", ticket.priority.value, request.priority.value))
        ticket.priority = request.priority
    severity = request.severity
    if not isinstance(severity, Unset) and severity is not ticket.severity:
        changes.append(("severity", ticket.severity, severity))
        ticket.severity = severity
    if tags != ticket.tags:
        changes.append(("tags", ", ".join(ticket.tags) or None, ", ".join(tags) or None))
        ticket.tags = tags
    return changes
