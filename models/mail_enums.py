"""The closed lists of mail; the names are the API's."""

from enum import StrEnum


class MailDirection(StrEnum):
    """Which way a mail goes."""

    IN = "IN"
    OUT = "OUT"


class MailSecurity(StrEnum):
    """How a connection to a mail server is encrypted."""

    TLS = "TLS"
    STARTTLS = "STARTTLS"
    NONE = "NONE"


class MailAuth(StrEnum):
    """How the desk signs in to a mail server."""

    PASSWORD = "PASSWORD"  # noqa: S105
    OAUTH2 = "OAUTH2"
    NONE = "NONE"
    """Not at all: a relay that trusts this machine. Outgoing only."""


class MailboxState(StrEnum):
    """How one direction of a mailbox is."""

    OK = "OK"
    PAUSED = "PAUSED"
    """By an administrator, or until the quota's next window (`retry_at`)."""
    BLOCKED = "BLOCKED"
    """The server refuses the credentials: nothing is tried until they are changed."""
    REAUTHORISE = "REAUTHORISE"
    """The OAuth2 grant is dead: an administrator must give it anew."""
    UNREACHABLE = "UNREACHABLE"
    """It does not answer, or answers wrongly; tried again at `retry_at`."""


class InboundState(StrEnum):
    """What became of a mail that came in."""

    RECEIVED = "RECEIVED"
    """Kept, and not looked at yet."""
    IMPORTED = "IMPORTED"
    DUPLICATE = "DUPLICATE"
    IGNORED = "IGNORED"
    """A loop, our own, or of a blocked contact; or discarded by an operator."""
    AUTOMATIC = "AUTOMATIC"
    """A machine's: kept in its ticket, moves no turn and is not answered."""
    BOUNCE = "BOUNCE"
    QUARANTINED = "QUARANTINED"
    """Waits for an operator's decision."""
    THROTTLED = "THROTTLED"
    """One of too many from a sender: added to the ticket that stands for them all."""
    TOO_LARGE = "TOO_LARGE"
    FAILED = "FAILED"
    """Could not be imported; kept whole, and tried again when an administrator says so."""


FINAL_INBOUND = frozenset(
    {
        InboundState.IMPORTED,
        InboundState.DUPLICATE,
        InboundState.IGNORED,
        InboundState.AUTOMATIC,
        InboundState.BOUNCE,
        InboundState.QUARANTINED,
        InboundState.THROTTLED,
    }
)
"""All that was in such a mail is ours: it may be deleted on the server."""


class OutboundState(StrEnum):
    """How far a mail of ours has come."""

    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"
    """The line broke after the data: the server may have it."""
    FAILED = "FAILED"
    BOUNCED = "BOUNCED"


class MailKind(StrEnum):
    """What a mail of ours says: there is a template for each."""

    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"
    """To the contact: we have your message, and this is its number."""
    TICKET_OPENED = "TICKET_OPENED"
    """To the contact: we have opened a ticket for you."""
    REPLY = "REPLY"
    """To the contact: an operator's reply."""
    CLOSED = "CLOSED"
    """To the contact: the ticket is closed."""
    RATING_REQUEST = "RATING_REQUEST"
    """To the contact: how was it?"""
    MAGIC_LINK = "MAGIC_LINK"
    """To the contact: the link they asked for."""
    PASSWORD_RESET = "PASSWORD_RESET"  # noqa: S105
    """To the contact: the link to set a password."""
    TOO_LARGE = "TOO_LARGE"
    """To the sender: your mail was too large, send it another way."""
    NEW_TICKET = "NEW_TICKET"
    """To an operator, and so the next four: the names are those of notifications."""
    ASSIGNED = "ASSIGNED"
    MENTIONED = "MENTIONED"
    CONTACT_REPLIED = "CONTACT_REPLIED"
    SLA_BREACHED = "SLA_BREACHED"
    DIGEST = "DIGEST"
    """To an operator: several notices in one mail."""
    MAILBOX_ALERT = "MAILBOX_ALERT"
    """To administrators: a mailbox needs them."""
    TEST = "TEST"
    """To whom an administrator says: sending works."""


CONTACT_MAILS = frozenset(
    {
        MailKind.ACKNOWLEDGEMENT,
        MailKind.TICKET_OPENED,
        MailKind.REPLY,
        MailKind.CLOSED,
        MailKind.RATING_REQUEST,
        MailKind.MAGIC_LINK,
        MailKind.PASSWORD_RESET,
        MailKind.TOO_LARGE,
    }
)
"""Written to contacts, from the department's address."""

RESERVED_KINDS = frozenset({MailKind.TEST, MailKind.MAGIC_LINK, MailKind.PASSWORD_RESET})
"""Sent out of a mailbox's small reserve when its daily limit is reached: contacts still get in."""
