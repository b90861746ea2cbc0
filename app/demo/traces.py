"""What operators leave behind on tickets: read marks, and texts not yet sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from app.demo.conversation import Conversation
from app.demo.desk import DemoDesk
from app.demo.organisation import ANNA, BRUNO, DINO
from models.callers import OperatorCaller
from models.drafts import Draft, ReadMark
from models.enums import DraftKind, EntryKind, Turn

_DRAFTS = (
    (ANNA, DraftKind.REPLY, "<p>Gentile cliente,</p><p>abbiamo ricevuto i documenti e</p>"),
    (BRUNO, DraftKind.NOTE, "<p>Da verificare in Questura: il codice della raccomandata</p>"),
    (DINO, DraftKind.REPLY, "<p>Buongiorno, per completare la dichiarazione ci manca</p>"),
)


async def leave(
    random: Random, now: datetime, desk: DemoDesk, conversations: Sequence[Conversation]
) -> None:
    """Write the marks and the drafts."""
    marks = [
        ReadMark(operator_id=one.id, ticket_id=conversation.ticket.id, up_to=read)
        for conversation in conversations
        for one in [*desk.seeing(conversation.ticket), desk.admin]
        if (read := _read_up_to(random, conversation, one)) > 0
    ]
    await ReadMark.bulk_create(marks)
    for name, kind, body in _DRAFTS:
        await _draft(now, desk.staff[name], kind, body, conversations)


def _read_up_to(random: Random, conversation: Conversation, one: OperatorCaller) -> int:
    """The end mostly, of what is open sometimes less; at least what they wrote themselves."""
    numbers = [
        entry.number
        for entry in conversation.entries
        if entry.operator_id == one.id and entry.kind is not EntryKind.SYSTEM_EVENT
    ]
    own = max(numbers, default=0)
    last = conversation.ticket.seq
    if random.random() < (0.97 if conversation.ticket.closed else 0.6):
        return last
    return random.randint(own, last)


async def _draft(
    now: datetime,
    by: OperatorCaller,
    kind: DraftKind,
    body: str,
    conversations: Sequence[Conversation],
) -> None:
    """Begun on the newest ticket that waits for an operator and that they see."""
    waiting = [
        one
        for one in conversations
        if one.ticket.turn is Turn.OPERATOR and by.sight.sees(one.ticket)
    ]
    on = max(waiting, key=lambda one: one.at)
    await Draft.create(
        operator_id=by.id,
        ticket_id=on.ticket.id,
        kind=kind,
        body=body,
        saved_at=min(now, on.at + timedelta(minutes=11)),
    )
