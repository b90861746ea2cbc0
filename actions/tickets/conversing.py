"""What contacts say in a ticket that is open."""

from actions import contacts, uploads
from actions.guard import Demand, LockRule, take
from actions.idempotency import once
from actions.refusals import InvalidInput
from actions.texts import check_body, cleaned
from actions.tickets.outcome import Posted, pack, replayed_for
from actions.tickets.requests import Post
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import ContactCaller
from models.documents import Upload
from models.enums import TicketAction, TicketSource
from models.tickets import Ticket


async def post(
    request: Post, by: ContactCaller, source: TicketSource = TicketSource.CLIENT_AREA
) -> Posted:
    """Write to the desk; no lock stands in a contact's way.

    Raises NotFound, InvalidInput, TicketAlreadyClosed, IdempotencyConflict.
    """
    body = await cleaned(request.body)

    async def do() -> Posted:
        files: list[Upload] = []

        async def check(_ticket: Ticket) -> None:
            errors = check_body(body, request.body)
            if errors:
                raise InvalidInput(*errors)
            files.extend(await uploads.usable(by, request.upload_ids))

        await contacts.admitted(by)
        demand = Demand(TicketAction.REPLY, LockRule.NONE)
        ticket = await take(by, request.ticket_id, demand, check)
        writing = await Writing.on(ticket, by)
        entry = writing.message(body, source, files, contact_id=by.id, verified=True)
        await writing.commit("ticket.message")
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))
