"""What operators say: reply, note, close with a last message."""

from collections.abc import Sequence

from actions import drafts, uploads
from actions.guard import Demand, LockRule, take
from actions.idempotency import once
from actions.refusals import ConversationMovedOn, FieldError, InvalidInput, NotPermitted, invalid
from actions.texts import Body, check_body, cleaned
from actions.tickets.outcome import Posted, pack, replayed_for
from actions.tickets.requests import AddNote, Close, Reply
from actions.unit_of_work import unit_of_work
from actions.writing import Writing
from models.callers import OperatorCaller
from models.documents import Upload
from models.enums import DraftKind, EntryKind, TicketAction
from models.sights import sight_for, sights_of
from models.sql import Statement, instances
from models.tickets import Ticket
from models.timeline import TimelineEntry

CLOSE = TicketAction.CLOSE
MENTIONS_MOST = 50
MISSED_SHOWN = 50
"""How many missed posts a ConversationMovedOn lists."""


class _Draft:
    """A post on its way: its input, checked while the row is not yet held."""

    def __init__(self, by: OperatorCaller, raw: str, body: Body, upload_ids: Sequence[str]) -> None:
        self.by = by
        self.raw = raw
        self.body = body
        self.upload_ids = upload_ids
        self.files: list[Upload] = []

    @classmethod
    async def of(cls, by: OperatorCaller, raw: str, upload_ids: Sequence[str]) -> "_Draft":
        """With its text made harmless: before the unit of work begins."""
        return cls(by, raw, await cleaned(raw), upload_ids)

    async def check(self, _ticket: Ticket) -> None:
        """Raises InvalidInput for the body, else for the uploads."""
        errors = check_body(self.body, self.raw)
        if errors:
            raise InvalidInput(*errors)
        self.files = await uploads.usable(self.by, self.upload_ids)


async def reply(request: Reply, by: OperatorCaller) -> Posted:
    """Answer the contact; the lock, if held, is freed with it.

    Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed, LockLost, TicketLocked,
    ConversationMovedOn, IdempotencyConflict.
    """
    draft = await _Draft.of(by, request.body, request.upload_ids)

    async def do() -> Posted:
        demand = Demand(TicketAction.REPLY, LockRule.REPLY, request.lock_token)
        ticket = await take(by, request.ticket_id, demand, draft.check)
        if request.close_after_sending and not (await sight_for(by)).may(CLOSE, ticket):
            raise NotPermitted(CLOSE)
        await _nothing_missed(ticket, by, request.last_seen_entry)
        writing = await Writing.on(ticket, by)
        entry = await writing.reply(draft.body, draft.files)
        if request.lock_token is not None:
            writing.free_lock()
        if request.close_after_sending:
            writing.close()
        await writing.commit("ticket.reply")
        await drafts.sent(by, ticket.id, DraftKind.REPLY)
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))


async def add_note(request: AddNote, by: OperatorCaller) -> Posted:
    """Tell the other operators something; those mentioned must see the ticket.

    Raises NotFound, NotPermitted, InvalidInput, TicketAlreadyClosed, LockLost, TicketLocked,
    IdempotencyConflict.
    """
    draft = await _Draft.of(by, request.body, request.upload_ids)

    async def do() -> Posted:

        async def check(ticket: Ticket) -> None:
            await draft.check(ticket)
            await _mentionable(request.mention_ids, ticket)

        demand = Demand(TicketAction.NOTE, token=request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        writing = await Writing.on(ticket, by)
        entry = writing.note(draft.body, draft.files, list(dict.fromkeys(request.mention_ids)))
        await writing.commit("ticket.note")
        await drafts.sent(by, ticket.id, DraftKind.NOTE)
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))


async def close(request: Close, by: OperatorCaller) -> Posted:
    """End the conversation; with a body, a last reply goes before.

    Raises as `reply` does.
    """
    last_words = request.body is not None
    draft = await _Draft.of(by, request.body or "", request.upload_ids)

    async def do() -> Posted:

        async def check(ticket: Ticket) -> None:
            if last_words:
                await draft.check(ticket)
            elif request.upload_ids:
                where = ("uploadIds",)
                raise InvalidInput(FieldError(where, "Files go with a message: write a body."))

        rule = LockRule.REPLY if last_words else LockRule.TOOLBAR
        demand = Demand(TicketAction.CLOSE, rule, request.lock_token)
        ticket = await take(by, request.ticket_id, demand, check)
        await _nothing_missed(ticket, by, request.last_seen_entry)
        writing = await Writing.on(ticket, by)
        entry = await writing.reply(draft.body, draft.files) if last_words else None
        writing.close()
        await writing.commit("ticket.close")
        if last_words:
            await drafts.sent(by, ticket.id, DraftKind.REPLY)
        return Posted(ticket, entry)

    return await unit_of_work(lambda: once(by, request, do, pack, replayed_for(by)))


async def _nothing_missed(ticket: Ticket, by: OperatorCaller, last_seen: int | None) -> None:
    """Step 6: no post by anybody else after what the author had read."""
    if last_seen is None:
        return
    to = Statement()
    sql = f"""
        SELECT * FROM timeline_entry
        WHERE ticket_id = {to.add(ticket.id)} AND number > {to.add(last_seen)}
          AND kind <> {to.add(EntryKind.SYSTEM_EVENT.value)}
          AND (operator_id IS NULL OR operator_id <> {to.add(by.id)})
        ORDER BY number LIMIT {to.add(MISSED_SHOWN)}"""
    missed = await instances(TimelineEntry, sql, to)
    if missed:
        raise ConversationMovedOn(missed)


async def _mentionable(ids: Sequence[int], ticket: Ticket) -> None:
    if len(ids) > MENTIONS_MOST:
        raise invalid("mentionIds", f"Mention at most {MENTIONS_MOST} operators.")
    errors: list[FieldError] = []
    for place, id in enumerate(ids):
        try:
            (sight,) = await sights_of([id])
            seen = sight.active and sight.sees(ticket)
        except LookupError:
            seen = False
        if not seen:
            where = ("mentionIds", str(place))
            errors.append(FieldError(where, "Mention an operator who sees this ticket."))
    if errors:
        raise InvalidInput(*errors)
