"""Sending again what did not arrive."""

from actions import mail_resending
from actions.guard import Demand, hold, take
from actions.mail_delivery import CARRYING
from actions.refusals import invalid
from actions.tickets.outcome import Posted
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.enums import TicketAction
from models.mails import OutboundMail
from models.records import EventRecord
from models.sql import clock
from models.timeline import TimelineEntry


async def resend(ticket_id: int, number: int, by: OperatorCaller) -> Posted:
    """Send a reply's mail again, of a closed ticket too: nothing is said that was not said.

    To where the contact is written to now. Raises NotFound, NotPermitted, InvalidInput,
    TicketLocked.
    """

    async def do() -> Posted:
        ticket = await take(by, ticket_id, Demand(TicketAction.REPLY, closed_too=True))
        mails = OutboundMail.filter(
            ticket_id=ticket.id, entry_number=number, kind__in=list(CARRYING)
        )
        mail = await mails.order_by("-id").first()
        if mail is None or mail.state not in mail_resending.ENDED_BADLY:
            raise invalid(
                "number", "Give a reply the mail of which failed, bounced or is in doubt."
            )
        await mail_resending.again(mail, "number")
        await EventRecord.create(
            at=await clock(),
            kind="ticket.resend",
            caller=by.key,
            ticket_id=ticket.id,
            data={"entries": [number]},
        )
        entry = await TimelineEntry.get(ticket_id=ticket.id, number=number)
        return Posted(await hold(ticket.id), entry)

    return await unit_of_work(do)
