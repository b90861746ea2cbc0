"""What keeps writes honest: the event log and the idempotency keys."""

from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns


class EventRecord(Model):
    """What happened, written in the transaction that did it: audit log and outbox."""

    id: int = columns.BigIntField(primary_key=True)
    at: datetime = columns.DatetimeField()
    kind: str = columns.CharField(max_length=60)
    caller: str = columns.CharField(max_length=40)
    ticket_id: int | None = columns.BigIntField(null=True, db_index=True)
    subject: str | None = columns.CharField(max_length=40, null=True, db_index=True)
    """What of the desk was changed, `Kind:number`: the audit log is the rows that have one."""
    data: dict[str, Any] = columns.JSONField(default=dict)

    class Meta(Model.Meta):
        table = "event"
        indexes = (Index(fields=("caller",)),)


class IdempotencyKey(Model):
    """The first result of a request that may come again."""

    id: int = columns.BigIntField(primary_key=True)
    caller: str = columns.CharField(max_length=40)
    key: str = columns.CharField(max_length=200)
    input_hash: str = columns.CharField(max_length=64)
    result: dict[str, Any] = columns.JSONField(default=dict)
    created_at: datetime = columns.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        table = "idempotency_key"
        unique_together = (("caller", "key"),)
