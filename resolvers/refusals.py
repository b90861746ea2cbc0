"""The refusals of actions, for the layer above, which may not reach past resolvers."""

from actions.refusals import (
    AssigneeCannotSee,
    ConversationMovedOn,
    DraftConflict,
    FieldError,
    IdempotencyConflict,
    InvalidCredentials,
    InvalidInput,
    LockLost,
    NotFound,
    NothingToTake,
    NotPermitted,
    Refusal,
    TicketAlreadyClosed,
    TicketLocked,
    TooManyAttempts,
    invalid,
)

__all__ = [
    "AssigneeCannotSee",
    "ConversationMovedOn",
    "DraftConflict",
    "FieldError",
    "IdempotencyConflict",
    "InvalidCredentials",
    "InvalidInput",
    "LockLost",
    "NotFound",
    "NotPermitted",
    "NothingToTake",
    "Refusal",
    "TicketAlreadyClosed",
    "TicketLocked",
    "TooManyAttempts",
    "invalid",
]
