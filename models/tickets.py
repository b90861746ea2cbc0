"""The ticket row: the conversation's state, its counters and its reply lock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns
from models.enums import Level, Priority, Severity, TicketSource, Turn


@dataclass(frozen=True)
class ReplyLock:
    """Who may speak on a ticket just now."""

    ticket_id: int
    operator_id: int
    session_id: int | None
    acquired_at: datetime
    expires_at: datetime
    token: int


@dataclass(frozen=True)
class LockRequest:
    """An operator who asked the holder for the lock, and by which session."""

    operator_id: int
    session_id: int
    number: int
    """The ticket's revision that brought it: its own, so that feeds know what is new to them."""

    @property
    def stored(self) -> list[int]:
        """As the row has it."""
        return [self.operator_id, self.session_id, self.number]


CHANGEABLE = timedelta(days=7)
"""How long from when it was given a rating may be changed."""


@dataclass(frozen=True)
class Rating:
    """What the contact says of a closed ticket."""

    positive: bool
    comment: str
    given_at: datetime

    @property
    def changeable_until(self) -> datetime:
        """Then it stays as it is."""
        return self.given_at + CHANGEABLE


class Ticket(Model):
    """A conversation between one contact and the desk. Its number is its id."""

    id: int = columns.BigIntField(primary_key=True)
    subject: str = columns.CharField(max_length=250)
    contact_id: int
    contact: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, on_delete=columns.RESTRICT
    )
    department_id: int | None
    department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    category_id: int | None
    category: Any = columns.ForeignKeyField(
        "models.Category", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    chosen_category_id: int | None
    chosen_category: Any = columns.ForeignKeyField(
        "models.Category", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """What the contact chose when opening; it stays, whatever the desk does."""
    level: Level = columns.CharEnumField(Level, max_length=10, default=Level.BASE)
    turn: Turn = columns.CharEnumField(Turn, max_length=10)
    priority: Priority = columns.CharEnumField(Priority, max_length=10, default=Priority.NORMAL)
    severity: Severity | None = columns.CharEnumField(Severity, max_length=10, null=True)
    source: TicketSource = columns.CharEnumField(TicketSource, max_length=20)
    assignee_operator_id: int | None
    assignee_operator: Any = columns.ForeignKeyField(
        "models.Operator", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    assignee_group_id: int | None
    assignee_group: Any = columns.ForeignKeyField(
        "models.OperatorGroup", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    creator_id: int | None
    """The operator who opened it; null when the contact did."""
    creator: Any = columns.ForeignKeyField(
        "models.Operator", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    tags: list[str] = columns.JSONField(default=list)

    created_at: datetime = columns.DatetimeField()
    updated_at: datetime = columns.DatetimeField()
    closed_at: datetime | None = columns.DatetimeField(null=True)
    deleted_at: datetime | None = columns.DatetimeField(null=True)
    visible_at: datetime = columns.DatetimeField()
    """When something the contact can see last changed."""
    last_post_at: datetime | None = columns.DatetimeField(null=True)
    last_contact_post_at: datetime | None = columns.DatetimeField(null=True)
    last_operator_reply_at: datetime | None = columns.DatetimeField(null=True)
    first_reply_at: datetime | None = columns.DatetimeField(null=True)
    last_post_number: int = columns.IntField(default=0)
    last_post_excerpt: str = columns.CharField(max_length=200, default="")
    attachment_count: int = columns.IntField(default=0)
    reply_to: str = columns.CharField(max_length=254, default="", db_default="")
    """Where the contact's mail asked to be answered, if elsewhere than from where it came."""

    rated_positive: bool | None = columns.BooleanField(null=True)
    rating_comment: str = columns.TextField(default="", db_default="")
    rated_at: datetime | None = columns.DatetimeField(null=True)
    """When the contact first rated it: changes do not move it."""

    seq: int = columns.IntField(default=0)
    """The number of the last timeline entry: grows by entries written and by nothing else."""
    visible_seq: int = columns.IntField(default=0)
    """The same among what the contact can see."""
    revision: int = columns.BigIntField(default=0)
    """Grows with every write anybody may see."""
    written_at: datetime | None = columns.DatetimeField(null=True)
    """When the revision last moved, by the database's clock: what was missed is found by it."""

    lock_holder_id: int | None
    lock_holder: Any = columns.ForeignKeyField(
        "models.Operator", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    lock_session_id: int | None = columns.BigIntField(null=True)
    lock_token: int = columns.BigIntField(default=0)
    """Stays when the lock is released, so that token + 1 is never used twice."""
    lock_acquired_at: datetime | None = columns.DatetimeField(null=True)
    lock_expires: datetime | None = columns.DatetimeField(null=True)
    lock_asked: list[list[int]] = columns.JSONField(default=list, db_default=[])
    """Who asked the holder for it (`LockRequest.stored`); nobody once the holder is another."""

    follow_up_of_id: int | None
    follow_up_of: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    merged_into_id: int | None
    merged_into: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, null=True, on_delete=columns.RESTRICT
    )

    locked: bool = False
    """Whether the lock is in force by the database's clock; set by `models.rows` on load."""

    rights_version: int = 0
    """The desk's, read in the same statement; set by `models.rows` for feeds."""
    sessions_version: int = 0
    """Likewise."""
    read_at: datetime | None = None
    """Likewise, by the database's clock, where that is not the process's."""

    @property
    def place(self) -> tuple[object, ...]:
        """All of the row that decides who sees it."""
        return (
            self.deleted_at is None,
            self.contact_id,
            self.department_id,
            self.category_id,
            self.level,
            self.assignee_operator_id,
            self.assignee_group_id,
            self.creator_id,
        )

    @property
    def closed(self) -> bool:
        """Final: no person changes it any more."""
        return self.turn is Turn.CLOSED

    @property
    def rating(self) -> Rating | None:
        """What the contact said of it, if anything."""
        if self.rated_positive is None or self.rated_at is None:
            return None
        return Rating(self.rated_positive, self.rating_comment, self.rated_at)

    @property
    def reply_lock(self) -> ReplyLock | None:
        """The lock in force, if any."""
        if not self.locked or self.lock_holder_id is None or self.lock_expires is None:
            return None
        return ReplyLock(
            ticket_id=self.id,
            operator_id=self.lock_holder_id,
            session_id=self.lock_session_id,
            acquired_at=self.lock_acquired_at or self.lock_expires,
            expires_at=self.lock_expires,
            token=self.lock_token,
        )

    @property
    def lock_left_s(self) -> float | None:
        """For how long from the reading the lock in force runs unless renewed; None without one."""
        lock = self.reply_lock
        if lock is None:
            return None
        return (lock.expires_at - (self.read_at or datetime.now(UTC))).total_seconds()

    @property
    def lock_requests(self) -> list[LockRequest]:
        """Who waits for the lock in force, earliest first; nobody when it is free."""
        return [LockRequest(*one) for one in self.lock_asked] if self.locked else []

    def locked_by_other(self, operator_id: int) -> bool:
        """Whether somebody else holds the reply lock."""
        return self.locked and self.lock_holder_id != operator_id

    class Meta(Model.Meta):
        table = "ticket"
        indexes = (
            Index(fields=("updated_at", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("last_post_at", "id")),
            Index(fields=("turn", "updated_at", "id")),
            Index(fields=("department_id", "updated_at", "id")),
            Index(fields=("category_id", "updated_at", "id")),
            Index(fields=("contact_id", "id")),
            Index(fields=("assignee_operator_id", "updated_at", "id")),
            Index(fields=("assignee_group_id", "updated_at", "id")),
            Index(fields=("creator_id", "updated_at", "id")),
            Index(fields=("chosen_category_id",)),
            Index(fields=("lock_holder_id",)),
            Index(fields=("follow_up_of_id",)),
            Index(fields=("written_at",)),
            Index(fields=("closed_at",)),
        )


class TicketWord(Model):
    """A word of a ticket, folded (the search table), `visible` when its contact can read it."""

    id: int = columns.BigIntField(primary_key=True)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    word: str = columns.CharField(max_length=40)
    visible: bool = columns.BooleanField()

    class Meta(Model.Meta):
        table = "ticket_word"
        unique_together = (("ticket", "word"),)
        indexes = (Index(fields=("word", "ticket_id")),)
