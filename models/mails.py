"""Every mail in and out: the mail log, and the queues."""

from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns
from models.mail_enums import InboundState, MailKind, OutboundState


class RawMail(Model):
    """The bytes of mails that came in, each once."""

    id: int = columns.BigIntField(primary_key=True)
    sha256: str = columns.CharField(max_length=64, unique=True)
    content: bytes = columns.BinaryField()

    class Meta(Model.Meta):
        table = "raw_mail"


class InboundMail(Model):
    """One mail of one folder, from the moment it is kept."""

    id: int = columns.BigIntField(primary_key=True)
    mailbox_id: int
    mailbox: Any = columns.ForeignKeyField("models.Mailbox", related_name=False)
    folder: str = columns.CharField(max_length=500)
    """`archive:` and a name for what was imported from a file."""
    uidvalidity: int = columns.BigIntField()
    """`MailFolder.numbering`: only under the same one is the UID that of this mail."""
    uid: int = columns.BigIntField()
    raw_sha256: str = columns.CharField(max_length=64, db_index=True)
    """Empty when it was too large to be kept, or could not be fetched."""
    message_id: str = columns.CharField(max_length=250, default="")
    """As it says, without < >, cut; empty for none."""
    sender: str = columns.CharField(max_length=254, default="")
    """The address in From; empty for none that can be used."""
    subject: str = columns.CharField(max_length=250, default="")
    state: InboundState = columns.CharEnumField(
        InboundState, max_length=20, default=InboundState.RECEIVED
    )
    reason: str = columns.TextField(default="")
    """Why it is in this state, in words."""
    silent: bool = columns.BooleanField(default=False)
    """From before its account was set up, or of an archive: nobody is told, nothing answered."""
    department_id: int | None
    department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    contact_id: int | None
    contact: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    ticket_id: int | None
    ticket: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """The ticket it went to; of a quarantined one, which it wants to go to."""
    entry_number: int | None = columns.IntField(null=True)
    size: int = columns.BigIntField()
    """Bytes."""
    received_at: datetime = columns.DatetimeField()
    """INTERNALDATE, or when it was fetched if that is missing or to come."""
    created_at: datetime = columns.DatetimeField()
    """When the row was written."""
    machine: str = columns.CharField(max_length=20, default="", db_default="")
    """What kind of machine wrote it (`mail.message.Machine`); empty for a person."""
    attempts: int = columns.IntField(default=0)
    next_try: datetime | None = columns.DatetimeField(null=True)
    details: dict[str, Any] = columns.JSONField(default=dict)
    """What a reader may want to know: recipients, Reply-To, changed subject, notes."""
    review: dict[str, Any] | None = columns.JSONField(null=True)
    """What somebody decided: `{"ticket": number}` or `{"department": number}`."""
    removed_at: datetime | None = columns.DatetimeField(null=True)
    """Deleted on the server."""

    @property
    def archived(self) -> bool:
        """Whether it came from a file of old mail: it is dated as it was."""
        return self.folder.startswith("archive:")

    class Meta(Model.Meta):
        table = "inbound_mail"
        unique_together = (("mailbox", "folder", "uidvalidity", "uid"),)
        indexes = (
            Index(fields=("mailbox_id", "message_id", "raw_sha256")),
            Index(fields=("mailbox_id", "state", "id")),
            Index(fields=("state", "id")),
            Index(fields=("message_id",)),
            Index(fields=("ticket_id", "entry_number")),
            Index(fields=("sender", "created_at")),
        )


class OutboundMail(Model):
    """One mail of ours: written in the transaction it tells of, sent later."""

    id: int = columns.BigIntField(primary_key=True)
    mailbox_id: int
    mailbox: Any = columns.ForeignKeyField("models.Mailbox", related_name=False)
    """By which it is sent."""
    kind: MailKind = columns.CharEnumField(MailKind, max_length=20)
    department_id: int | None
    department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    language: str = columns.CharField(max_length=10)
    recipient: str = columns.CharField(max_length=254)
    recipient_name: str = columns.CharField(max_length=200, default="")
    contact_id: int | None
    contact: Any = columns.ForeignKeyField(
        "models.Contact", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    operator_id: int | None
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False, null=True)
    ticket_id: int | None
    ticket: Any = columns.ForeignKeyField(
        "models.Ticket", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    entry_number: int | None = columns.IntField(null=True)
    """The post it carries, or the entry it tells of."""
    magic_link_id: int | None
    magic_link: Any = columns.ForeignKeyField(
        "models.MagicLink", related_name=False, null=True, on_delete=columns.SET_NULL
    )
    input: dict[str, Any] = columns.JSONField(default=dict)
    """What the template needs beyond the ticket."""
    message_id: str = columns.CharField(max_length=250, unique=True)
    """Without < >; fixed from the start, like `created_at`, which is its Date."""
    subject: str | None = columns.TextField(null=True)
    """This and the next three are null until it is rendered, once: tries send the same bytes."""
    text: str | None = columns.TextField(null=True)
    html: str | None = columns.TextField(null=True)
    headers: list[list[str]] | None = columns.JSONField(null=True)
    """Pairs of name and value, with From and To."""
    state: OutboundState = columns.CharEnumField(
        OutboundState, max_length=20, default=OutboundState.QUEUED
    )
    reason: str = columns.TextField(default="")
    """Why it is in this state, in words."""
    attempts: int = columns.IntField(default=0)
    """How often the server has put it off."""
    doubts: int = columns.IntField(default=0, db_default=0)
    """How often it was tried again although the server may have had it."""
    next_try: datetime | None = columns.DatetimeField(null=True)
    last_code: int | None = columns.IntField(null=True)
    smtp_reply: str = columns.TextField(default="")
    lease_owner: str = columns.CharField(max_length=64, default="")
    lease_until: datetime | None = columns.DatetimeField(null=True)
    size: int = columns.BigIntField(default=0)
    """Bytes as sent; 0 before."""
    created_at: datetime = columns.DatetimeField()
    sent_at: datetime | None = columns.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "outbound_mail"
        indexes = (
            Index(fields=("mailbox_id", "state", "next_try")),
            Index(fields=("ticket_id", "entry_number")),
            Index(fields=("contact_id", "created_at")),
            Index(fields=("operator_id", "state", "created_at")),
            Index(fields=("recipient", "created_at")),
        )


class MailTemplate(Model):
    """Words of a department for one kind of mail in one language. The defaults are files."""

    id: int = columns.BigIntField(primary_key=True)
    department_id: int | None
    department: Any = columns.ForeignKeyField("models.Department", related_name=False, null=True)
    """Null for the whole desk."""
    kind: MailKind = columns.CharEnumField(MailKind, max_length=20)
    language: str = columns.CharField(max_length=10)
    subject: str = columns.TextField()
    text: str = columns.TextField()
    html: str = columns.TextField(default="")
    """Empty: made from the text."""

    class Meta(Model.Meta):
        table = "mail_template"
        unique_together = (("department", "kind", "language"),)
