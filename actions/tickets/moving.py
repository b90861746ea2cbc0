"""Where a ticket belongs: category, level, department."""

from actions.guard import Demand, take
from actions.refusals import InvalidInput, NotFound, NotPermitted, invalid
from actions.texts import check_remark, remark
from actions.tickets.consequences import finish
from actions.tickets.outcome import Moved
from actions.tickets.requests import ChangeCategory, ChangeLevel, Transfer
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models import rows
from models.callers import OperatorCaller
from models.desk import Category, Department
from models.enums import Level, SystemEventKind, TicketAction
from models.sights import sight_for
from models.tickets import Ticket


async def change_category(request: ChangeCategory, by: OperatorCaller) -> Moved:
    """Move to another category in use.

    The department follows unless told otherwise; the level rises to the category's initial one
    and is never lowered. Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed,
    LockLost, TicketLocked.
    """

    async def do() -> Moved:
        category = await Category.get_or_none(id=request.category_id, archived=False)

        async def check(_ticket: Ticket) -> None:
            if category is None or not await rows.stays("category", category.id):
                raise invalid(
                    "categoryId", "Choose a category in use: see categories(for: CHANGE)."
                )
            _check_note(request.note)

        demand = Demand(TicketAction.CHANGE_CATEGORY, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        if category is None or (category.id == ticket.category_id and not request.note):
            return Moved(ticket, in_sight=True)
        writing = await Writing.on(ticket, by)
        await _recategorise(writing, category, request)
        return await finish(writing, by, "ticket.change_category")

    return await unit_of_work(do)


async def change_level(request: ChangeLevel, by: OperatorCaller) -> Moved:
    """Raise or lower the level.

    Raises NotFound, NotPermitted, TicketAlreadyClosed, LockLost, TicketLocked.
    """

    async def check(_ticket: Ticket) -> None:
        _check_note(request.note)

    async def do() -> Moved:
        demand = Demand(TicketAction.CHANGE_LEVEL, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        if request.level is ticket.level and not request.note:
            return Moved(ticket, in_sight=True)
        writing = await Writing.on(ticket, by)
        change = ("level", ticket.level.value, request.level.value)
        ticket.level = request.level
        writing.event(SystemEventKind.LEVEL_CHANGED, change, note=remark(request.note))
        return await finish(writing, by, "ticket.change_level")

    return await unit_of_work(do)


async def transfer(request: Transfer, by: OperatorCaller) -> Moved:
    """Hand over to another department; a category of a third department is cleared.

    Raises NotFound, NotPermitted, TicketAlreadyClosed, LockLost, TicketLocked.
    """

    async def do() -> Moved:
        department = await Department.get_or_none(id=request.department_id)

        async def check(_ticket: Ticket) -> None:
            await _may_receive(department, by)
            _check_note(request.note)

        demand = Demand(TicketAction.TRANSFER, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        if department is None or (department.id == ticket.department_id and not request.note):
            return Moved(ticket, in_sight=True)
        writing = await Writing.on(ticket, by)
        change = ("department", await _department_name(ticket.department_id), department.name)
        ticket.department_id = department.id
        writing.event(SystemEventKind.TRANSFERRED, change, note=remark(request.note))
        await _clear_foreign_category(writing, department)
        return await finish(writing, by, "ticket.transfer")

    return await unit_of_work(do)


async def _may_receive(department: Department | None, by: OperatorCaller) -> None:
    sight = await sight_for(by)
    if department is None or not await rows.stays("department", department.id):
        raise NotFound
    if not sight.may_transfer_to(department.id):
        raise NotPermitted(TicketAction.TRANSFER)


async def _recategorise(writing: Writing, category: Category, request: ChangeCategory) -> None:
    ticket = writing.ticket
    before = await Category.get_or_none(id=ticket.category_id or 0)
    change = ("category", before.name if before else None, category.name)
    ticket.category_id = category.id
    writing.event(SystemEventKind.CATEGORY_CHANGED, change, note=remark(request.note))
    follows = category.department_id is not None and not request.keep_department
    if follows and category.department_id != ticket.department_id:
        names = [
            await _department_name(ticket.department_id),
            await _department_name(category.department_id),
        ]
        ticket.department_id = category.department_id
        writing.event(SystemEventKind.TRANSFERRED, ("department", names[0], names[1]))
    if category.initial_level is Level.ADVANCED and ticket.level is Level.BASE:
        ticket.level = Level.ADVANCED
        change = ("level", Level.BASE.value, Level.ADVANCED.value)
        writing.event(SystemEventKind.LEVEL_CHANGED, change)


async def _clear_foreign_category(writing: Writing, department: Department) -> None:
    ticket = writing.ticket
    category = await Category.get_or_none(id=ticket.category_id or 0)
    if category is not None and category.department_id not in (None, department.id):
        ticket.category_id = None
        writing.event(SystemEventKind.CATEGORY_CHANGED, ("category", category.name, None))


async def _department_name(id: int | None) -> str | None:
    department = await Department.get_or_none(id=id or 0)
    return department.name if department else None


def _check_note(note: str | None) -> None:
    errors = check_remark(note, "note")
    if errors:
        raise InvalidInput(*errors)
