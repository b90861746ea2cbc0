"""Links that open one ticket, and those that set a password: ways in without one."""

from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns


class MagicLink(Model):
    """The right of one contact to one ticket. The token is signed, not kept (`actions.keys`)."""

    id: int = columns.BigIntField(primary_key=True)
    contact_id: int
    contact: Any = columns.ForeignKeyField("models.Contact", related_name=False)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    created_at: datetime = columns.DatetimeField()
    expires_at: datetime = columns.DatetimeField()
    revoked_at: datetime | None = columns.DatetimeField(null=True)
    used_at: datetime | None = columns.DatetimeField(null=True)
    """Last; null when never."""

    class Meta(Model.Meta):
        table = "magic_link"
        indexes = (Index(fields=("ticket_id", "contact_id")), Index(fields=("contact_id",)))


class PasswordReset(Model):
    """A link to set a password, of which only the hash is kept: works once, for an hour."""

    id: int = columns.BigIntField(primary_key=True)
    contact_id: int
    contact: Any = columns.ForeignKeyField("models.Contact", related_name=False)
    token_hash: str = columns.CharField(max_length=64, unique=True)
    created_at: datetime = columns.DatetimeField()
    expires_at: datetime = columns.DatetimeField()
    used_at: datetime | None = columns.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "password_reset"
        indexes = (Index(fields=("contact_id",)),)
