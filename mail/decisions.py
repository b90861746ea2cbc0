"""What decides on a mail, and what may be decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """A ticket a mail may belong to."""

    id: int
    contact_id: int
    closed: bool
    subject: str
    department_id: int | None


@dataclass(frozen=True)
class Facts:
    """What the desk knows that matters for one mail."""

    departments: Mapping[str, int] = field(default_factory=dict[str, int])
    """Every address served by this mailbox, lower case, and whose it is."""
    default_department_id: int | None = None
    ours: frozenset[str] = frozenset()
    """Every address of the desk."""
    archived: bool = False
    """It is old mail from a file: the desk's own is part of it."""
    instances: frozenset[str] = frozenset()
    """Our names in X-Helpdesk-Loop."""
    own_message: bool = False
    """The mail's own Message-ID is one that we minted."""
    duplicate: bool = False
    """The same id and bytes are in this mailbox already."""
    contact_id: int | None = None
    """Whose address From has."""
    blocked: bool = False
    circle: frozenset[int] = frozenset()
    """Contacts on whose tickets they may write: themselves, and colleagues who share."""
    from_operator: bool = False
    """From has an operator's address: they are a contact like any other."""
    verdict: str = ""
    """What the server we believe says of the sender: `pass`, `fail`, or nothing."""
    by_address: Known | None = None
    """The ticket of a token in an address it came to."""
    forged_token: bool = False
    """There was a token we did not sign."""
    by_id: Known | None = None
    """The ticket of an id in In-Reply-To or References."""
    by_subject: Known | None = None
    bounced_id: str = ""
    """Of a mail of ours that a bounce tells of."""
    problem_waits: bool = False
    """Somebody is to look at a bounce of no mail of ours already."""
    opened_lately: int = 0
    """Tickets the sender opened by this mailbox within the hour."""
    standing: Known | None = None
    """The open ticket that stands for too many."""


@dataclass(frozen=True)
class NewTicket:
    """A conversation begins."""

    department_id: int | None
    reason: str = ""
    follow_up_of: Known | None = None
    machine: bool = False
    """Written by a machine: nobody is told, nothing is answered."""
    listed: bool = False
    """Passed on by a list: nothing is answered."""
    throttled: bool = False
    """It will stand for those that follow."""


@dataclass(frozen=True)
class Append:
    """A message in a conversation."""

    ticket: Known
    reason: str
    machine: bool = False
    throttled: bool = False
    reviewed: bool = False
    """Somebody decided it: the sender has no part in the conversation."""


@dataclass(frozen=True)
class DeskWords:
    """Old mail of the desk itself, in a conversation."""

    ticket: Known


@dataclass(frozen=True)
class Bounce:
    """A report on a mail of ours, or of nobody's."""

    message_id: str
    """Of ours; empty when nothing follows from it."""
    permanent: bool
    diagnostic: str


@dataclass(frozen=True)
class Ignore:
    """Nothing follows from it."""

    reason: str


@dataclass(frozen=True)
class Duplicate:
    """It is in already."""


@dataclass(frozen=True)
class Quarantine:
    """Somebody has to look."""

    reason: str
    department_id: int | None
    ticket: Known | None = None
    """Where it wants to go."""


Decision = NewTicket | Append | DeskWords | Bounce | Ignore | Duplicate | Quarantine
