"""The timeline: one ordered, gap-free list per ticket; history, feed and recovery at once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns
from models.enums import (
    DeliveryState,
    EntryKind,
    SystemEventKind,
    TicketSource,
    Turn,
)


@dataclass(frozen=True)
class FieldChange:
    """What an event changed, in words a person reads."""

    field: str
    from_: str | None
    to: str | None


class TimelineEntry(Model):
    """One line of a ticket's history."""

    id: int = columns.BigIntField(primary_key=True)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, on_delete=columns.RESTRICT
    )
    number: int = columns.IntField()
    visible_number: int | None = columns.IntField(null=True)
    """Its number among what the contact can see; null for notes and events."""
    kind: EntryKind = columns.CharEnumField(EntryKind, max_length=20)
    created_at: datetime = columns.DatetimeField()
    turn_after: Turn = columns.CharEnumField(Turn, max_length=10)
    operator_id: int | None
    operator: Any = columns.ForeignKeyField(
        "models.Operator", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    contact_id: int | None
    contact: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    automation: str = columns.CharField(max_length=100, default="")
    """The author when neither operator nor contact is: a rule, a deadline, a machine's mail."""
    body: str = columns.TextField(default="")
    body_text: str = columns.TextField(default="")
    source: TicketSource | None = columns.CharEnumField(TicketSource, max_length=20, null=True)
    verified: bool = columns.BooleanField(default=False)
    automatic: bool = columns.BooleanField(default=False)
    delivery: DeliveryState | None = columns.CharEnumField(DeliveryState, max_length=20, null=True)
    staff_name: str = columns.CharField(max_length=200, default="")
    """The author as contacts see them: the department's name when the reply was sent."""
    staff_avatar: str = columns.CharField(max_length=500, default="")
    mentions: list[int] = columns.JSONField(default=list)
    event: SystemEventKind | None = columns.CharEnumField(SystemEventKind, max_length=30, null=True)
    changes: list[list[str | None]] = columns.JSONField(default=list)
    """Triples of field, from, to."""
    note: str | None = columns.TextField(null=True)
    changed_revision: int | None = columns.BigIntField(null=True)
    """The ticket's revision at the last change after writing; null when never changed."""

    def field_changes(self) -> list[FieldChange]:
        """`changes`, typed."""
        return [FieldChange(str(field), old, new) for field, old, new in self.changes]

    class Meta(Model.Meta):
        table = "timeline_entry"
        unique_together = (("ticket", "number"),)
        indexes = (
            Index(fields=("ticket_id", "visible_number")),
            Index(fields=("ticket_id", "changed_revision")),
            Index(fields=("contact_id",)),
        )
