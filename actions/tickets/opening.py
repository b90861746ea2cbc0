"""How tickets begin: by an operator, by a contact, as the follow-up of a closed one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from actions import contacts, search, uploads
from actions.guard import hold
from actions.idempotency import once
from actions.refusals import (
    AssigneeCannotSee,
    FieldError,
    InvalidInput,
    NotFound,
    NotPermitted,
    Refusal,
    invalid,
)
from actions.texts import Body, check_body, check_subject, cleaned, one_line
from actions.tickets.assigning import Assignee, check_assignee, find_assignee, give
from actions.tickets.outcome import Posted, pack, replayed_for
from actions.tickets.requests import ContactOpen, Open
from actions.tickets.updating import check_tag_count, check_tags, tidy_tags
from actions.unit_of_work import unit_of_work
from actions.writing import Author, Writing
from models import rows
from models.callers import ContactCaller, OperatorCaller
from models.categories import contact_choices
from models.conditions import Condition
from models.desk import Category, Department
from models.documents import Upload
from models.enums import Level, Right, SystemEventKind, TicketSource, Turn
from models.people import Contact
from models.sight import Sight
from models.sights import sight_for
from models.sql import clock
from models.tickets import Ticket


@dataclass(frozen=True)
class _Place:
    """Where a new ticket goes."""

    category: Category | None
    department_id: int | None
    level: Level
    defaulted: bool = False
    """The department is the operator's own, for want of another."""


async def open_for(request: Open, by: OperatorCaller) -> Posted:
    """Open a ticket for a contact, who must speak next unless the words are the contact's own.

    Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict.
    """
    body = await cleaned(request.body)

    async def do() -> Posted:
        sight = await sight_for(by)
        if not sight.has(Right.TICKETS_WRITE) or not sight.has(Right.TICKETS_VIEW):
            raise NotPermitted("OPEN")
        origin = await _origin(request.follow_up_of_id, sight.condition())
        text = await _checked_text(request, body, by)
        place = await _operator_place(request, sight, origin)
        contact = await _contact(request, sight, origin, place)
        ticket = _new(text, contact, place, at=await clock())
        ticket.creator_id = by.id
        ticket.priority = request.priority or ticket.priority
        ticket.severity = request.severity
        ticket.source = request.source or TicketSource.OPERATOR
        ticket.tags = tidy_tags(request.tags)
        ticket.follow_up_of_id = origin.id if origin else None
        if not sight.sees(ticket):
            raise _unseen(ticket, place, sight)
        give(ticket, await _assignee(request, ticket))
        ticket.turn = Turn.OPERATOR if request.on_behalf_of_contact else Turn.CONTACT
        writing = await begun(ticket, by, contact)
        if request.on_behalf_of_contact:
            entry = writing.message(
                text.body, ticket.source, text.files, contact_id=contact.id, verified=False
            )
        else:
            entry = await writing.reply(text.body, text.files)
        if request.close_after_sending:
            writing.close()
        await writing.commit("ticket.open")
        await tell_origin(origin, ticket, by)
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))


async def open_by_contact(
    request: ContactOpen, by: ContactCaller, source: TicketSource = TicketSource.CLIENT_AREA
) -> Posted:
    """Open a ticket as a contact.

    In a category they may choose, or, when the desk uses none, a department not hidden. A
    follow-up keeps department, category and level of its origin. Raises NotFound, InvalidInput,
    IdempotencyConflict.
    """
    body = await cleaned(request.body)

    async def do() -> Posted:
        contact = await contacts.admitted(by)
        origin = await _origin(request.follow_up_of_id, by.condition)
        text = await _checked_text(request, body, by)
        place = _place_of(origin) if origin else await _contact_place(request)
        ticket = _new(text, contact, place, at=await clock())
        ticket.source = source
        ticket.turn = Turn.OPERATOR
        ticket.follow_up_of_id = origin.id if origin else None
        if origin is not None:
            ticket.category_id = origin.category_id
            ticket.chosen_category_id = origin.chosen_category_id
        elif place.category is not None:
            ticket.chosen_category_id = place.category.id
        writing = await begun(ticket, by, contact)
        entry = writing.message(text.body, source, text.files, contact_id=by.id, verified=True)
        await writing.commit("ticket.open")
        await tell_origin(origin, ticket, by)
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))


@dataclass(frozen=True)
class _Text:
    subject: str
    body: Body
    files: Sequence[Upload]


async def _checked_text(
    request: Open | ContactOpen, body: Body, by: OperatorCaller | ContactCaller
) -> _Text:
    subject = one_line(request.subject)
    errors = check_subject(subject) + check_body(body, request.body)
    if isinstance(request, Open):
        tags = tidy_tags(request.tags)
        errors += check_tags(tags, "tags") + check_tag_count(tags, "tags")
    if errors:
        raise InvalidInput(*errors)
    return _Text(subject, body, await uploads.usable(by, request.upload_ids))


async def _origin(id: int | None, seen: Condition) -> Ticket | None:
    """The closed ticket this one goes on from."""
    if id is None:
        return None
    origin = await rows.ticket(seen, id)
    if origin is None:
        raise NotFound
    if not origin.closed:
        raise invalid("followUpOfId", "That ticket is open: write in it instead.")
    return origin


async def _contact(request: Open, sight: Sight, origin: Ticket | None, place: _Place) -> Contact:
    contact = await _named_contact(request, sight, place)
    if contact is None:
        raise invalid("contactId", "No such contact: give the id of one, or contactEmail.")
    if origin is not None and origin.contact_id != contact.id:
        raise invalid("followUpOfId", "That ticket is another contact's.")
    return contact


async def _named_contact(request: Open, sight: Sight, place: _Place) -> Contact | None:
    if (request.contact_id is None) == (request.contact_email is None):
        raise invalid("contactId", "Give either contactId or contactEmail.")
    if request.contact_id is not None:
        return await contacts.hold(request.contact_id)
    return await contacts.find_or_create(
        request.contact_email or "",
        request.contact_name,
        may_create=sight.has(Right.CONTACTS_WRITE),
        department_id=place.department_id,
    )


async def _operator_place(request: Open, sight: Sight, origin: Ticket | None) -> _Place:
    category = await _operator_category(request, sight, origin)
    department_id, defaulted = request.department_id, False
    if department_id is not None and not await Department.exists(id=department_id):
        raise invalid("departmentId", "No such department: see departments.")
    inherited = origin is not None and request.category_id is None
    if department_id is None and origin is not None and inherited:
        department_id = origin.department_id
    of_category = category.department_id if category else None
    if department_id is None:
        department_id = of_category or sight.default_department_id
        defaulted = of_category is None
    elif not inherited and of_category not in (None, department_id):
        raise invalid("departmentId", "The category belongs to another department: leave it out.")
    level = category.initial_level if category else Level.BASE
    level = origin.level if origin and inherited else level
    return _Place(category, department_id, level, defaulted)


def _unseen(ticket: Ticket, place: _Place, sight: Sight) -> Refusal:
    """Why they may not open what they would not see: their default department, if that is it."""
    ticket.department_id = None
    if place.defaulted and sight.sees(ticket):
        return invalid("departmentId", "You see nothing of your default department: name another.")
    return NotPermitted("OPEN")


async def _operator_category(request: Open, sight: Sight, origin: Ticket | None) -> Category | None:
    """The category asked for, else the origin's; required when the desk uses any."""
    if request.category_id is None and origin is not None:
        return await Category.get_or_none(id=origin.category_id or 0)
    if request.category_id is None:
        if await Category.exists(archived=False):
            raise invalid("categoryId", "Choose a category: see categories.")
        return None
    category = await Category.get_or_none(id=request.category_id, archived=False)
    if category is None or not await _may_open_in(category, request.department_id, sight):
        raise invalid("categoryId", "Choose one of the categories you handle: see categories.")
    return category


async def _may_open_in(category: Category, department_id: int | None, sight: Sight) -> bool:
    if sight.unrestricted or category.id in sight.base:
        return True
    target = department_id or category.department_id
    as_guest = target in sight.public_departments - sight.departments
    return as_guest and category.department_id in (None, target)


async def _contact_place(request: ContactOpen) -> _Place:
    choices = await contact_choices()
    if choices.in_use:
        leaf = choices.leaves.get(request.category_id or 0)
        if leaf is None:
            raise invalid("categoryId", "Choose a category that has no others under it.")
        if request.department_id is not None:
            raise invalid("departmentId", "The category decides the department: leave it out.")
        return _Place(leaf, leaf.department_id, leaf.initial_level)
    department = await Department.get_or_none(id=request.department_id or 0, hidden=False)
    if department is None:
        raise invalid("departmentId", "Choose a department: see departments.")
    return _Place(None, department.id, Level.BASE)


def _place_of(origin: Ticket) -> _Place:
    return _Place(None, origin.department_id, origin.level)


async def _assignee(request: Open, ticket: Ticket) -> Assignee:
    assignee = await find_assignee(request.assignee)
    try:
        await check_assignee(assignee, ticket)
    except AssigneeCannotSee as refusal:
        message = f"{refusal.assignee.name} would not see this ticket: choose somebody else."
        raise InvalidInput(FieldError(("assigneeId",), message)) from None
    return assignee


def _new(text: _Text, contact: Contact, place: _Place, *, at: datetime) -> Ticket:
    return Ticket(
        subject=text.subject,
        contact_id=contact.id,
        department_id=place.department_id,
        category_id=place.category.id if place.category else None,
        level=place.level,
        created_at=at,
        updated_at=at,
        visible_at=at,
    )


async def begun(ticket: Ticket, author: Author, contact: Contact) -> Writing:
    """The row inserted, findable by number, subject and contact; nothing said yet.

    Raises InvalidInput when where it goes was deleted since it was looked up.
    """
    for table, id, path in (
        ("category", ticket.category_id, "categoryId"),
        ("department", ticket.department_id, "departmentId"),
        ("operator_group", ticket.assignee_group_id, "assigneeId"),
    ):
        if id is not None and not await rows.stays(table, id):
            raise invalid(path, "That was deleted a moment ago: choose another.")
    await ticket.save(force_create=True)
    await search.add(ticket.id, True, str(ticket.id), ticket.subject, contact.name)
    await search.add(ticket.id, True, contact.email or "")
    return await Writing.on(ticket, author)


async def tell_origin(origin: Ticket | None, ticket: Ticket, author: Author) -> None:
    if origin is None:
        return
    writing = await Writing.on(await hold(origin.id), author)
    writing.event(
        SystemEventKind.FOLLOW_UP_OPENED, ("followUp", None, f"#{ticket.id} {ticket.subject}")
    )
    await writing.commit("ticket.follow_up", moves_updated_at=False, follow_up=ticket.id)
