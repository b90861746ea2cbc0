"""What callers ask of tickets: one frozen dataclass per action, ids already local."""

from dataclasses import dataclass, field

from models.enums import Level, Priority, Severity, TicketSource


class Unset:
    """The type of UNSET: a field the caller left out, where null would mean something."""


UNSET = Unset()


@dataclass(frozen=True)
class Open:
    """A ticket an operator opens for a contact."""

    subject: str
    body: str
    contact_id: int | None = None
    contact_email: str | None = None
    contact_name: str | None = None
    category_id: int | None = None
    department_id: int | None = None
    upload_ids: tuple[str, ...] = ()
    close_after_sending: bool = False
    priority: Priority | None = None
    severity: Severity | None = None
    assignee: tuple[str, int] | None = None
    """("operator" or "group", id)."""
    source: TicketSource | None = None
    on_behalf_of_contact: bool = False
    follow_up_of_id: int | None = None
    tags: tuple[str, ...] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True)
class ContactOpen:
    """A ticket a contact opens."""

    subject: str
    body: str
    category_id: int | None = None
    department_id: int | None = None
    upload_ids: tuple[str, ...] = ()
    follow_up_of_id: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Post:
    """A contact's message."""

    ticket_id: int
    body: str
    upload_ids: tuple[str, ...] = ()
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Reply:
    """An operator's reply."""

    ticket_id: int
    body: str
    upload_ids: tuple[str, ...] = ()
    close_after_sending: bool = False
    lock_token: str | None = None
    last_seen_entry: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class AddNote:
    """A note among operators."""

    ticket_id: int
    body: str
    upload_ids: tuple[str, ...] = ()
    mention_ids: tuple[int, ...] = ()
    lock_token: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Close:
    """The end, with or without a last message."""

    ticket_id: int
    body: str | None = None
    upload_ids: tuple[str, ...] = ()
    lock_token: str | None = None
    last_seen_entry: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class ChangeCategory:
    """Another subject, and with it often another department and level."""

    ticket_id: int
    category_id: int
    note: str | None = None
    keep_department: bool = False
    lock_token: str | None = None


@dataclass(frozen=True)
class ChangeLevel:
    """Another level."""

    ticket_id: int
    level: Level
    note: str | None = None
    lock_token: str | None = None


@dataclass(frozen=True)
class Rate:
    """How it was, once it is closed."""

    ticket_id: int
    positive: bool
    comment: str | None = None


@dataclass(frozen=True)
class Transfer:
    """Another department."""

    ticket_id: int
    department_id: int
    note: str | None = None
    lock_token: str | None = None


@dataclass(frozen=True)
class Assign:
    """To an operator, a group, or (None) nobody."""

    ticket_id: int
    assignee: tuple[str, int] | None
    lock_token: str | None = None


@dataclass(frozen=True)
class Update:
    """Fields, merged one by one."""

    ticket_id: int
    subject: str | None = None
    priority: Priority | None = None
    severity: Severity | Unset | None = UNSET
    """None clears it."""
    add_tags: tuple[str, ...] = field(default=())
    remove_tags: tuple[str, ...] = field(default=())
    lock_token: str | None = None


@dataclass(frozen=True)
class Merge:
    """One ticket into another of the same contact."""

    ticket_id: int
    into_id: int
    lock_token: str | None = None
