"""Mailboxes: one address with a server to fetch from and one to send by."""

from datetime import date, datetime
from typing import Any

from tortoise.models import Model

from models import columns
from models.mail_enums import MailAuth, MailboxState, MailDirection, MailSecurity


class Mailbox(Model):
    """A mail account of the desk, which serves one department or more."""

    id: int = columns.BigIntField(primary_key=True)
    name: str = columns.CharField(max_length=200)
    address: str = columns.CharField(max_length=254, unique=True)
    """Lower case."""
    sender_name: str = columns.CharField(max_length=200, default="")
    """Before the address in From; empty for the department's name."""
    default_department_id: int | None
    default_department: Any = columns.ForeignKeyField(
        "models.Department", related_name=False, null=True, on_delete=columns.RESTRICT
    )
    """Whose a mail is that names no alias of a department."""
    plus_addressing: bool = columns.BooleanField(default=False)
    """Mail to `name+anything@` arrives here: replies can carry a token in their address."""
    authserv_id: str = columns.CharField(max_length=200, default="")
    """The server whose Authentication-Results are believed (RFC 8601); empty for none."""
    acknowledge: bool = columns.BooleanField(default=True)
    """Who opens a ticket by mail is told its number."""
    null_return_path: bool = columns.BooleanField(default=False)
    """The relay takes automatic mail with an empty envelope sender (RFC 3834, 3.3)."""
    daily_limit: int = columns.IntField(default=500)
    """Recipients per day (UTC)."""
    oauth_provider: str = columns.CharField(max_length=20, default="")
    """`google`, `microsoft`, `custom`; empty for none."""
    oauth_client_id: str = columns.CharField(max_length=300, default="")
    oauth_client_secret: str = columns.TextField(default="")
    """Encrypted, like every secret here (`actions.keys`)."""
    oauth_authorise_url: str = columns.CharField(max_length=500, default="")
    oauth_token_url: str = columns.CharField(max_length=500, default="")
    oauth_scope: str = columns.CharField(max_length=500, default="")
    oauth_refresh_token: str = columns.TextField(default="")
    oauth_access_token: str = columns.TextField(default="")
    oauth_expires_at: datetime | None = columns.DatetimeField(null=True)
    """Of the access token."""
    oauth_lease_until: datetime | None = columns.DatetimeField(null=True)
    """While a process refreshes the tokens: others wait for what it gets."""
    import_owner: str = columns.CharField(max_length=64, default="", db_default="")
    import_until: datetime | None = columns.DatetimeField(null=True)
    """Until when its mails are that importer's; after it, when it last was somebody's."""
    created_at: datetime = columns.DatetimeField()
    """Mails older than this are imported silently, whatever its server says."""

    class Meta(Model.Meta):
        table = "mailbox"


class MailServer(Model):
    """One direction of a mailbox: the server, how to sign in, and how it is."""

    id: int = columns.BigIntField(primary_key=True)
    mailbox_id: int
    mailbox: Any = columns.ForeignKeyField("models.Mailbox", related_name=False)
    direction: MailDirection = columns.CharEnumField(MailDirection, max_length=3)
    host: str = columns.CharField(max_length=253)
    port: int = columns.IntField()
    security: MailSecurity = columns.CharEnumField(MailSecurity, max_length=10)
    auth: MailAuth = columns.CharEnumField(MailAuth, max_length=10)
    username: str = columns.CharField(max_length=254, default="")
    """Empty for the mailbox's address."""
    secret: str = columns.TextField(default="")
    """The password, encrypted."""
    folder: str = columns.CharField(max_length=500, default="INBOX")
    """Of IMAP, decoded."""
    configured_at: datetime | None = columns.DatetimeField(null=True)
    """Since when this account and folder are to be read: what is older is imported silently.

    Null for since the mailbox is there."""
    delete_after_import: bool = columns.BooleanField(default=False)
    paused: bool = columns.BooleanField(default=False)
    """By an administrator."""
    state: MailboxState = columns.CharEnumField(
        MailboxState, max_length=20, default=MailboxState.OK
    )
    error: str = columns.TextField(default="")
    """What is wrong, in words; the server's own where it said any."""
    retry_at: datetime | None = columns.DatetimeField(null=True)
    failures: int = columns.IntField(default=0)
    """In a row."""
    trouble_since: datetime | None = columns.DatetimeField(null=True)
    """Since when it is blocked, unreachable, or wants its grant anew; null while all is well."""
    alerted: str = columns.CharField(max_length=20, default="", db_default="")
    """The state of this trouble that administrators were told of; empty for none."""
    last_success_at: datetime | None = columns.DatetimeField(null=True)
    last_mail_at: datetime | None = columns.DatetimeField(null=True)
    backlog: int = columns.IntField(default=0)
    """Of IMAP: mails on the server not fetched yet, when last looked."""
    lease_owner: str = columns.CharField(max_length=64, default="")
    """The process that may talk to it."""
    lease_until: datetime | None = columns.DatetimeField(null=True)

    class Meta(Model.Meta):
        table = "mail_server"
        unique_together = (("mailbox", "direction"),)


class MailFolder(Model):
    """How far a folder was read (RFC 9051, 2.3.1.1)."""

    id: int = columns.BigIntField(primary_key=True)
    mailbox_id: int
    mailbox: Any = columns.ForeignKeyField("models.Mailbox", related_name=False)
    name: str = columns.CharField(max_length=500)
    account: str = columns.CharField(max_length=520, default="", db_default="")
    """Whose it is, and where: user name, host and port; empty in rows that did not say."""
    generation: int = columns.IntField(default=0, db_default=0)
    """Another begins when UIDs come to stand for other mails: the account is another, the server
    renumbers, or it has gone back to numbers it had given out before (a restored backup)."""
    began_at: datetime | None = columns.DatetimeField(null=True)
    """Of the account: mails from before are imported silently."""
    uidvalidity: int = columns.BigIntField()
    last_uid: int = columns.BigIntField(default=0)
    lost_uid: int = columns.BigIntField(default=0, db_default=0)
    """The mail, or the first of some, at which fetching failed last; 0 when all goes well."""
    losses: int = columns.IntField(default=0, db_default=0)
    """How often in a row."""
    baseline_at: datetime = columns.DatetimeField()
    """Older mails (INTERNALDATE) are none of ours, when UIDVALIDITY has changed."""
    baseline_until: int = columns.BigIntField(default=0)
    """The last UID for which that counts: what comes later may be moved here from elsewhere."""
    reimport_since: datetime | None = columns.DatetimeField(null=True)
    """While a re-import runs: mails from here on are looked at again."""
    reimport_total: int = columns.IntField(default=0)
    reimport_done: int = columns.IntField(default=0)

    @property
    def numbering(self) -> int:
        """Under which a UID stands for one mail for ever: UIDVALIDITY alone does not promise it."""
        return self.generation << 32 | self.uidvalidity

    class Meta(Model.Meta):
        table = "mail_folder"
        unique_together = (("mailbox", "name"),)


class MailQuota(Model):
    """How many recipients a mailbox wrote to on a day."""

    id: int = columns.BigIntField(primary_key=True)
    mailbox_id: int
    mailbox: Any = columns.ForeignKeyField("models.Mailbox", related_name=False)
    day: date = columns.DateField()
    """UTC."""
    sent: int = columns.IntField(default=0)
    reserve_sent: int = columns.IntField(default=0)
    """Beyond the limit, out of the reserve."""
    warned: bool = columns.BooleanField(default=False)
    """Administrators were told at four fifths."""
    exhausted: bool = columns.BooleanField(default=False, db_default=False)
    """They were told when it was used up."""

    class Meta(Model.Meta):
        table = "mail_quota"
        unique_together = (("mailbox", "day"),)
