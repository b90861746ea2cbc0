"""Files: uploads that wait for a post, and documents of a contact's archive."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns


class Upload(Model):
    """A stored file nobody has used yet, it expires after a day."""

    id: UUID = columns.UUIDField(primary_key=True)
    owner: str = columns.CharField(max_length=40, db_index=True)
    """The caller: `operator:3` or `contact:8`."""
    name: str = columns.CharField(max_length=255)
    size: int = columns.BigIntField()
    media_type: str = columns.CharField(max_length=200)
    sha256: str = columns.CharField(max_length=64)
    storage_key: str = columns.CharField(max_length=200)
    content_id: str = columns.CharField(max_length=250, default="", db_default="")
    """As a document has it."""
    created_at: datetime = columns.DatetimeField(db_index=True)
    document_id: int | None
    document: Any = columns.ForeignKeyField("models.Document", related_name=False, null=True)
    """What it became; a used upload cannot be used again."""

    class Meta(Model.Meta):
        table = "upload"


class Document(Model):
    """A file of a contact's archive, given in either direction."""

    id: int = columns.BigIntField(primary_key=True)
    contact_id: int
    contact: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, on_delete=columns.RESTRICT
    )
    ticket_id: int
    ticket: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, on_delete=columns.RESTRICT
    )
    entry_id: int
    entry: Any = columns.ForeignKeyField(
        "models.TimelineEntry", related_name=False, on_delete=columns.RESTRICT
    )
    name: str = columns.CharField(max_length=255)
    size: int = columns.BigIntField()
    media_type: str = columns.CharField(max_length=200)
    sha256: str = columns.CharField(max_length=64)
    storage_key: str = columns.CharField(max_length=200)
    content_id: str = columns.CharField(max_length=250, default="", db_default="")
    """Of an image that its message shows in its place, as `cid:` and this; empty for others."""
    internal: bool = columns.BooleanField(default=False)
    """Given with a note: never shown to contacts."""
    from_desk: bool = columns.BooleanField()
    created_at: datetime = columns.DatetimeField()

    class Meta(Model.Meta):
        table = "document"
        indexes = (
            Index(fields=("ticket_id", "id")),
            Index(fields=("entry_id",)),
            Index(fields=("contact_id",)),
        )


class DocumentAccess(Model):
    """Who downloaded a document, when."""

    id: int = columns.BigIntField(primary_key=True)
    document_id: int
    document: Any = columns.ForeignKeyField("models.Document", related_name=False)
    caller: str = columns.CharField(max_length=40)
    at: datetime = columns.DatetimeField()

    class Meta(Model.Meta):
        table = "document_access"
        indexes = (Index(fields=("document_id",)), Index(fields=("caller",)))
