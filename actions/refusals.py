"""Why an action did not happen: exceptions that callers understand and act on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.drafts import Draft
from models.enums import TicketAction
from models.hierarchy import OperatorGroup
from models.people import Operator
from models.tickets import ReplyLock, Ticket
from models.timeline import TimelineEntry


class Refusal(Exception):
    """Anything a caller is told instead of success; the transaction is rolled back."""


class NotFound(Refusal):
    """There is none, or the caller may not know of it."""


class NotPermitted(Refusal):
    """Seen, but not theirs to do."""

    def __init__(self, action: TicketAction | str) -> None:
        super().__init__(str(action))
        self.action = str(action)


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field of the input, and what to do."""

    path: tuple[str, ...]
    message: str


class InvalidInput(Refusal):
    """The input cannot be used as it is."""

    def __init__(self, *fields: FieldError) -> None:
        super().__init__("; ".join(f"{'.'.join(one.path)}: {one.message}" for one in fields))
        self.fields = fields


class TicketLocked(Refusal):
    """Another operator is replying."""

    def __init__(self, lock: ReplyLock) -> None:
        super().__init__(f"locked by operator {lock.operator_id}")
        self.lock = lock


class LockLost(Refusal):
    """The token is no longer the current one."""

    def __init__(self, holder: ReplyLock | None) -> None:
        super().__init__("the lock is gone")
        self.holder = holder


class ConversationMovedOn(Refusal):
    """Somebody posted what the author has not read."""

    def __init__(self, missed: Sequence[TimelineEntry]) -> None:
        super().__init__(f"{len(missed)} posts missed")
        self.missed = missed


class TicketAlreadyClosed(Refusal):
    """Closed is final."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"ticket {ticket.id} is closed")
        self.ticket = ticket


class TicketStillOpen(Refusal):
    """Only what is closed can be rated."""


class RatingClosed(Refusal):
    """It is not asked for, or can no longer be changed."""


class AssigneeCannotSee(Refusal):
    """The ticket would be out of the assignee's sight."""

    def __init__(self, assignee: Operator | OperatorGroup) -> None:
        super().__init__(assignee.name)
        self.assignee = assignee


class IdempotencyConflict(Refusal):
    """The same key came with other input."""


class NothingToTake(Refusal):
    """No ticket waits that the caller may take."""


class DraftConflict(Refusal):
    """The draft was saved elsewhere meanwhile."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(f"revision {draft.revision} is newer")
        self.draft = draft


class InvalidCredentials(Refusal):
    """No such account, wrong password, or not admitted; never which."""


class LinkExpired(Refusal):
    """A link that opens nothing any more: expired, revoked, used up, or never ours."""


class TooManyAttempts(Refusal):
    """Signing in is paused for this account or address."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(f"retry at {retry_at.isoformat()}")
        self.retry_at = retry_at


def invalid(path: str, message: str) -> InvalidInput:
    """InvalidInput for one field; `path` is dotted, in the API's spelling."""
    return InvalidInput(FieldError(tuple(path.split(".")), message))
