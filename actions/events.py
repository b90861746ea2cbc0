"""What happened, in the past tense: what an action announces once it is committed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Happened:
    """Anything that happened."""


@dataclass(frozen=True)
class TicketWritten(Happened):
    """The ticket's log or state moved to this position."""

    ticket_id: int
    number: int
    revision: int


@dataclass(frozen=True)
class OwnStateChanged(Happened):
    """Something of a ticket changed that one operator alone sees: a read mark, a draft."""

    ticket_id: int
    operator_id: int


@dataclass(frozen=True)
class Notified(Happened):
    """An operator has a new notification."""

    operator_id: int


@dataclass(frozen=True)
class NotificationsRead(Happened):
    """An operator has read some of theirs."""

    operator_id: int


@dataclass(frozen=True)
class RightsChanged(Happened):
    """Who may see what is not what it was."""


@dataclass(frozen=True)
class SessionEnded(Happened):
    """A sign-out, a revocation."""

    session_id: int


@dataclass(frozen=True)
class MailboxChanged(Happened):
    """How a mailbox is, or how far it has come, is not what it was."""

    mailbox_id: int
