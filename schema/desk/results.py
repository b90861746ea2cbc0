"""What desk mutations answer: one success each, and the refusals that can happen."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from models import drafts, people, tickets, timeline
from models.enums import ViewerState
from schema.desk.people import Operator
from schema.desk.refusals import (
    AssigneeCannotSee,
    ConversationMovedOn,
    DraftConflict,
    IdempotencyConflict,
    InvalidCredentials,
    InvalidInput,
    LockLost,
    NotFound,
    NothingToTake,
    NotPermitted,
    TicketAlreadyClosed,
    TicketLocked,
    TooManyAttempts,
)
from schema.desk.ticket import Draft, ReplyLock, Ticket
from schema.desk.timeline import InternalNote, OperatorReply

AFTER = "As it is now."


def ticket_field(description: str = AFTER) -> Any:
    """A field that holds a ticket row."""
    return strawberry.field(graphql_type=Ticket, description=description)


def ticket_id_field(description: str = "Which.") -> Any:
    """A field that holds a global id."""
    return strawberry.field(description=description)


@strawberry.type(description="A session has begun.")
class SignedIn:
    expires_at: datetime = strawberry.field(description="It moves on with use.")
    operator: people.Operator | people.Contact = strawberry.field(
        graphql_type=Operator, description="Who."
    )
    token: str | None = strawberry.field(
        default=None, description="Shown this once; null when it went into a cookie."
    )


@strawberry.type(description="The session has ended, and with it every connection of it.")
class SignedOut:
    at: datetime = strawberry.field(description="When.")


@strawberry.type(description="Opened.")
class TicketOpened:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Sent.")
class TicketReplied:
    ticket: tickets.Ticket = ticket_field()
    reply: timeline.TimelineEntry | None = strawberry.field(
        graphql_type=OperatorReply, description="The new entry."
    )


@strawberry.type(description="In the queue again.")
class ReplyResent:
    ticket: tickets.Ticket = ticket_field()
    reply: timeline.TimelineEntry | None = strawberry.field(
        graphql_type=OperatorReply, description="As it is now."
    )


@strawberry.type(description="Noted.")
class TicketNoted:
    ticket: tickets.Ticket = ticket_field()
    note: timeline.TimelineEntry | None = strawberry.field(
        graphql_type=InternalNote, description="The new entry."
    )


@strawberry.type(description="Done, and the viewer may no longer see the ticket.")
class TicketOutOfSight:
    ticket_id: strawberry.ID = ticket_id_field()


@strawberry.type(description="Moved to another category.")
class TicketCategoryChanged:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Raised or lowered.")
class TicketLevelChanged:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Assigned, or let go.")
class TicketAssigned:
    ticket: tickets.Ticket = ticket_field()
    cannot_see: list[people.Operator] = strawberry.field(
        graphql_type=list[Operator],
        description="Members of the group who may not see the ticket.",
    )


@strawberry.type(description="Handed to another department.")
class TicketTransferred:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Edited.")
class TicketFieldsUpdated:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Closed, for good.")
class TicketClosed:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="The viewer has left; the lock, if they held it, is free.")
class TicketPresenceEnded:
    ticket_id: strawberry.ID = ticket_id_field()


@strawberry.type(description="The lock is the caller's.")
class ReplyLockHeld:
    ticket: tickets.Ticket = ticket_field()
    lock: tickets.ReplyLock | None = strawberry.field(
        graphql_type=ReplyLock, description="With its token."
    )


@strawberry.type(description="The holder has been asked, and sees who asks.")
class ReplyLockAsked:
    lock: tickets.ReplyLock | None = strawberry.field(
        graphql_type=ReplyLock, description="Who has it, for now."
    )


@strawberry.type(description="The lock is free, or the colleague's it was handed to.")
class ReplyLockReleased:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="Saved.")
class DraftSaved:
    draft: drafts.Draft = strawberry.field(graphql_type=Draft, description=AFTER)


@strawberry.type(description="Thrown away.")
class DraftDeleted:
    ticket_id: strawberry.ID = ticket_id_field()


@strawberry.type(description="The read mark is set.")
class TicketMarked:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="The presence is set.")
class PresenceIsSet:
    state: ViewerState = strawberry.field(description="As the others see it.")


@strawberry.type(description="The ticket that waited longest is now the caller's.")
class TicketTaken:
    ticket: tickets.Ticket = ticket_field()


@strawberry.type(description="The one is closed, the other goes on.")
class TicketMerged:
    into: tickets.Ticket = ticket_field("The ticket that goes on.")


@strawberry.type(description="Gone from every view; it can be restored.")
class TicketDeleted:
    ticket_id: strawberry.ID = ticket_id_field()


@strawberry.type(description="Back in every view.")
class TicketRestored:
    ticket: tickets.Ticket = ticket_field()


def _union(name: str, *members: Any) -> Any:
    joined: Any = members[0]
    for member in members[1:]:
        joined |= member
    return Annotated[
        joined, strawberry.union(name, description=f"{members[0].__name__}, or why not.")
    ]


_TOOLBAR = (TicketLocked, LockLost, TicketAlreadyClosed)
_ALWAYS = (NotFound, NotPermitted)

SignInResult = _union("SignInResult", SignedIn, InvalidCredentials, TooManyAttempts)
SignOutResult = _union("SignOutResult", SignedOut)
TicketOpenResult = _union(
    "TicketOpenResult", TicketOpened, InvalidInput, *_ALWAYS, IdempotencyConflict
)
TicketReplyResult = _union(
    "TicketReplyResult",
    TicketReplied,
    *_TOOLBAR,
    ConversationMovedOn,
    InvalidInput,
    *_ALWAYS,
    IdempotencyConflict,
)
ReplyResendResult = _union("ReplyResendResult", ReplyResent, TicketLocked, InvalidInput, *_ALWAYS)
TicketAddNoteResult = _union(
    "TicketAddNoteResult", TicketNoted, *_TOOLBAR, InvalidInput, *_ALWAYS, IdempotencyConflict
)
TicketCloseResult = _union(
    "TicketCloseResult",
    TicketClosed,
    *_TOOLBAR,
    ConversationMovedOn,
    InvalidInput,
    *_ALWAYS,
    IdempotencyConflict,
)
TicketChangeCategoryResult = _union(
    "TicketChangeCategoryResult",
    TicketCategoryChanged,
    TicketOutOfSight,
    *_TOOLBAR,
    InvalidInput,
    *_ALWAYS,
)
TicketChangeLevelResult = _union(
    "TicketChangeLevelResult",
    TicketLevelChanged,
    TicketOutOfSight,
    *_TOOLBAR,
    InvalidInput,
    *_ALWAYS,
)
TicketAssignResult = _union(
    "TicketAssignResult",
    TicketAssigned,
    TicketOutOfSight,
    AssigneeCannotSee,
    InvalidInput,
    *_TOOLBAR,
    *_ALWAYS,
)
TicketTransferResult = _union(
    "TicketTransferResult",
    TicketTransferred,
    TicketOutOfSight,
    *_TOOLBAR,
    InvalidInput,
    *_ALWAYS,
)
TicketUpdateResult = _union(
    "TicketUpdateResult", TicketFieldsUpdated, *_TOOLBAR, InvalidInput, *_ALWAYS
)
TicketLeaveResult = _union("TicketLeaveResult", TicketPresenceEnded, NotFound)
ReplyLockAcquireResult = _union(
    "ReplyLockAcquireResult", ReplyLockHeld, TicketLocked, TicketAlreadyClosed, *_ALWAYS
)
ReplyLockRenewResult = _union("ReplyLockRenewResult", ReplyLockHeld, LockLost, NotFound)
ReplyLockReleaseResult = _union(
    "ReplyLockReleaseResult", ReplyLockReleased, LockLost, InvalidInput, NotFound
)
ReplyLockTakeOverResult = _union(
    "ReplyLockTakeOverResult", ReplyLockHeld, TicketAlreadyClosed, InvalidInput, *_ALWAYS
)
ReplyLockRequestResult = _union(
    "ReplyLockRequestResult", ReplyLockAsked, ReplyLockHeld, TicketAlreadyClosed, *_ALWAYS
)
DraftSaveResult = _union("DraftSaveResult", DraftSaved, DraftConflict, InvalidInput, NotFound)
DraftDeleteResult = _union("DraftDeleteResult", DraftDeleted, NotFound)
TicketMarkReadResult = _union("TicketMarkReadResult", TicketMarked, NotFound)
PresenceSetResult = _union("PresenceSetResult", PresenceIsSet, NotFound)
TicketTakeNextResult = _union("TicketTakeNextResult", TicketTaken, NothingToTake, NotPermitted)
TicketMergeResult = _union("TicketMergeResult", TicketMerged, *_TOOLBAR, InvalidInput, *_ALWAYS)
TicketDeleteResult = _union("TicketDeleteResult", TicketDeleted, TicketLocked, *_ALWAYS)
TicketRestoreResult = _union("TicketRestoreResult", TicketRestored, *_ALWAYS)
