"""Why an operator may or may not: asked by administrators."""

from models import rows
from models.enums import TicketAction
from models.explaining import Explanation, explain
from resolvers.errors import RequestRefused
from resolvers.ids import local_id


async def explain_access(operator_gid: str, ticket_gid: str, action: TicketAction) -> Explanation:
    """The gates, for any operator and any ticket, deleted or not.

    Raises RequestRefused when there is no such operator or ticket.
    """
    ticket, _ = await rows.ticket_and_version(local_id(ticket_gid, "Ticket"))
    if ticket is None:
        raise RequestRefused("BAD_REQUEST", "ticketId: there is no such ticket.")
    try:
        return await explain(local_id(operator_gid, "Operator"), ticket, action)
    except LookupError:
        raise RequestRefused("BAD_REQUEST", "operatorId: there is no such operator.") from None
