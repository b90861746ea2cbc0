"""What a mailbox is, as administrators see it: everything but its secrets."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import Parent

from models import desk, mailboxes as rows
from models.mail_enums import MailAuth, MailboxState, MailDirection, MailSecurity
from resolvers.administration import mailboxes
from schema import mail_enums
from schema.core import Info, global_id
from schema.desk.node import Node
from schema.desk.people import Department

__all__ = ["MailServer", "Mailbox", "mail_enums"]


@strawberry.type(description="One direction of a mailbox: the server, and how it is.")
class MailServer:
    direction: MailDirection = strawberry.field(description="Which way mail goes by it.")
    host: str = strawberry.field(description="Its name, or its IP address.")
    port: int = strawberry.field(description="Its port.")
    security: MailSecurity = strawberry.field(description="How the connection is encrypted.")
    auth: MailAuth = strawberry.field(description="How the desk signs in.")
    username: str = strawberry.field(description="As whom; empty for the mailbox's address.")
    folder: str = strawberry.field(description="Of IMAP: what mail is fetched from.")
    delete_after_import: bool = strawberry.field(
        description="Of IMAP: whether mails are deleted on the server once they are in the desk."
    )
    paused: bool = strawberry.field(description="By an administrator.")
    state: MailboxState = strawberry.field(description="How it is.")
    error: str = strawberry.field(description="What is wrong, in words; empty for nothing.")
    retry_at: datetime | None = strawberry.field(description="When it is tried again.")
    failures: int = strawberry.field(description="In a row.")
    trouble_since: datetime | None = strawberry.field(description="Null while all is well.")
    last_success_at: datetime | None = strawberry.field(description="When it last went well.")
    last_mail_at: datetime | None = strawberry.field(description="When mail last went by it.")
    backlog: int = strawberry.field(
        description="Of IMAP: mails on the server that are not in the desk yet, when last looked."
    )

    @strawberry.field(description="Whether there is a password: itself it is never told.")
    def has_password(self, row: Parent[rows.MailServer]) -> bool:
        return bool(row.secret)

    @strawberry.field(description="What is allowed, and not wise.")
    def warnings(self, row: Parent[rows.MailServer]) -> list[str]:
        return mailboxes.warnings(row)


@strawberry.type(description="The OAuth2 client of a mailbox.")
class MailboxOAuth:
    @strawberry.field(description="`google`, `microsoft` or `custom`.")
    def provider(self, row: Parent[rows.Mailbox]) -> str:
        return row.oauth_provider

    @strawberry.field(description="The client id the provider registered.")
    def client_id(self, row: Parent[rows.Mailbox]) -> str:
        return row.oauth_client_id

    @strawberry.field(description="Whether there is a client secret: itself it is never told.")
    def has_client_secret(self, row: Parent[rows.Mailbox]) -> bool:
        return bool(row.oauth_client_secret)

    @strawberry.field(description="Where consent is given.")
    def authorise_url(self, row: Parent[rows.Mailbox]) -> str:
        return row.oauth_authorise_url

    @strawberry.field(description="Where tokens come from.")
    def token_url(self, row: Parent[rows.Mailbox]) -> str:
        return row.oauth_token_url

    @strawberry.field(description="What is asked for: scopes between spaces.")
    def scope(self, row: Parent[rows.Mailbox]) -> str:
        return row.oauth_scope

    @strawberry.field(description="Whether consent was given, and not withdrawn since.")
    def authorised(self, row: Parent[rows.Mailbox]) -> bool:
        return bool(row.oauth_refresh_token)


@strawberry.type(
    description="How many recipients a mailbox may write to, and wrote to today (UTC)."
)
class MailboxQuota:
    limit: int = strawberry.field(description="A day.")
    used: int = strawberry.field(description="Today.")
    reserve: int = strawberry.field(
        description="Beyond the limit, for test mails and links that contacts ask for."
    )
    reserve_used: int = strawberry.field(description="Of the reserve, today.")


@strawberry.type(description="A folder being read anew.")
class MailboxReimport:
    folder: str = strawberry.field(description="Which.")
    since: datetime = strawberry.field(description="Mails from here on are looked at again.")
    total: int = strawberry.field(description="How many the desk has not; 0 until counted.")
    done: int = strawberry.field(description="How many were looked at.")


@strawberry.type(description="A mail account of the desk, which serves one department or more.")
class Mailbox(Node):
    id: strawberry.ID = global_id("Mailbox")
    name: str = strawberry.field(description="As operators call it.")
    address: str = strawberry.field(description="Its address.")
    sender_name: str = strawberry.field(
        description="Before the address in From; empty for the department's name."
    )
    plus_addressing: bool = strawberry.field(
        description="Mail to name+anything@ arrives: replies carry their ticket in the address."
    )
    authserv_id: str = strawberry.field(
        description="Whose Authentication-Results are believed (RFC 8601); empty for nobody's."
    )
    acknowledge: bool = strawberry.field(
        description="Who opens a ticket by mail is told its number."
    )
    null_return_path: bool = strawberry.field(
        description="Automatic mails go out with an empty envelope sender."
    )
    daily_limit: int = strawberry.field(description="Recipients a day (UTC).")
    created_at: datetime = strawberry.field(
        description="Mails older than this are imported without telling anybody."
    )

    @strawberry.field(
        graphql_type=Department | None,
        description="Whose a mail is that names no address of a department.",
    )
    async def default_department(self, row: Parent[rows.Mailbox], info: Info) -> Any:
        return await info.context.loaders.departments.load(row.default_department_id or 0)

    @strawberry.field(graphql_type=MailServer | None, description="That mail is fetched from.")
    async def incoming(self, row: Parent[rows.Mailbox], info: Info) -> Any:
        servers = await info.context.loaders.mail_servers.load(row.id)
        return servers.get(MailDirection.IN)

    @strawberry.field(graphql_type=MailServer | None, description="That mail is sent by.")
    async def outgoing(self, row: Parent[rows.Mailbox], info: Info) -> Any:
        servers = await info.context.loaders.mail_servers.load(row.id)
        return servers.get(MailDirection.OUT)

    @strawberry.field(graphql_type=MailboxOAuth | None, description="Null when it has none.")
    def oauth(self, row: Parent[rows.Mailbox]) -> Any:
        return row if row.oauth_client_id else None

    @strawberry.field(
        graphql_type=list[Department], description="Whose mail arrives here, by name."
    )
    async def receives_for(self, row: Parent[rows.Mailbox], info: Info) -> Any:
        return await _departments(row, info, MailDirection.IN)

    @strawberry.field(
        graphql_type=list[Department], description="Whose mail is sent by it, by name."
    )
    async def sends_for(self, row: Parent[rows.Mailbox], info: Info) -> Any:
        return await _departments(row, info, MailDirection.OUT)

    @strawberry.field(description="Every address that leads to a department here.")
    async def aliases(self, row: Parent[rows.Mailbox], info: Info) -> list[str]:
        served = await _departments(row, info, MailDirection.IN)
        every = {address for one in served for address in (one.email, *one.aliases)}
        return sorted(every - {""})

    @strawberry.field(graphql_type=MailboxQuota, description="How much it may send, and sent.")
    async def quota(self, row: Parent[rows.Mailbox], info: Info) -> MailboxQuota:
        today = await info.context.loaders.mail_quotas.load(row.id)
        used, beyond = (today.sent, today.reserve_sent) if today is not None else (0, 0)
        return MailboxQuota(
            limit=row.daily_limit, used=used, reserve=mailboxes.RESERVE, reserve_used=beyond
        )

    @strawberry.field(
        graphql_type=MailboxReimport | None, description="Null when none is under way."
    )
    async def reimport(self, row: Parent[rows.Mailbox], info: Info) -> MailboxReimport | None:
        folder = mailboxes.reimport_of(await info.context.loaders.mail_folders.load(row.id))
        if folder is None or folder.reimport_since is None:
            return None
        return MailboxReimport(
            folder=folder.name,
            since=folder.reimport_since,
            total=folder.reimport_total,
            done=folder.reimport_done,
        )

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, rows.Mailbox)


async def _departments(
    row: rows.Mailbox, info: Info, direction: MailDirection
) -> list[desk.Department]:
    return await info.context.loaders.departments_of_mailboxes.load((row.id, direction))
