"""How far each operator has read each ticket."""

from actions.events import OwnStateChanged
from actions.refusals import NotFound
from actions.unit_of_work import record, unit_of_work
from models import rows
from models.callers import OperatorCaller
from models.sql import Statement, rows as query
from models.tickets import Ticket


async def mark(ticket_id: int, up_to: int, by: OperatorCaller) -> Ticket:
    """Set the mark to an entry's number, at most the last one; 0 marks all unread.

    Raises NotFound.
    """

    async def do() -> Ticket:
        ticket = await rows.ticket(by.sight.condition(), ticket_id)
        if ticket is None:
            raise NotFound
        to = Statement()
        reached = to.add(max(0, min(up_to, ticket.seq)))
        sql = f"""
            INSERT INTO read_mark (operator_id, ticket_id, up_to)
            VALUES ({to.add(by.id)}, {to.add(ticket_id)}, {reached})
            ON CONFLICT (operator_id, ticket_id) DO UPDATE SET up_to = excluded.up_to
            RETURNING id"""
        await query(sql, to)
        record(OwnStateChanged(ticket_id, by.id))
        return ticket

    return await unit_of_work(do)
