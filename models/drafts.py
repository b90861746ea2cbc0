"""What is each operator's own: unsent texts and how far they have read."""

from datetime import datetime
from typing import Any

from tortoise.models import Model

from models import columns
from models.enums import DraftKind


class Draft(Model):
    """An unsent text of one operator on one ticket, survives lock, sign-out and loss of sight."""

    id: int = columns.BigIntField(primary_key=True)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    kind: DraftKind = columns.CharEnumField(DraftKind, max_length=10)
    body: str = columns.TextField()
    upload_ids: list[str] = columns.JSONField(default=list)
    revision: int = columns.IntField(default=1)
    saved_at: datetime = columns.DatetimeField()

    class Meta(Model.Meta):
        table = "draft"
        unique_together = (("operator", "ticket", "kind"),)


class SpentDraft(Model):
    """How far a text had come when it was sent or thrown away: the next goes on from there."""

    id: int = columns.BigIntField(primary_key=True)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    kind: DraftKind = columns.CharEnumField(DraftKind, max_length=10)
    revision: int = columns.IntField()

    class Meta(Model.Meta):
        table = "spent_draft"
        unique_together = (("operator", "ticket", "kind"),)


class ReadMark(Model):
    """The last entry of a ticket an operator has read."""

    id: int = columns.BigIntField(primary_key=True)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    up_to: int = columns.IntField()

    class Meta(Model.Meta):
        table = "read_mark"
        unique_together = (("operator", "ticket"),)
