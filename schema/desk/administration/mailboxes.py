"""Mailboxes: looked up, made, changed, deleted."""

from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import mailboxes as rows
from models.enums import Right
from models.mail_enums import MailSecurity
from resolvers.administration import mailboxes
from resolvers.ids import local_id
from schema.core import Info
from schema.desk.administration.fields import INPUT, KEY, Id, administration, local
from schema.desk.administration.mailbox_inputs import MailboxInput
from schema.desk.administration.mailbox_types import Mailbox, MailServer
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.rules import right, scope

VIEW = right(Right.SETTINGS_VIEW)


@strawberry.input(description="A mailbox to make: a server at least.")
class MailboxCreateInput(MailboxInput):
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of a mailbox; what is left out stays.")
class MailboxUpdateInput(MailboxInput):
    mailbox_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A mailbox to delete.")
class MailboxDeleteInput:
    mailbox_id: strawberry.ID = strawberry.field(
        description="One that serves no department, and whose log is empty."
    )


@strawberry.type(description="Made.")
class MailboxCreated:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="The new one.")


@strawberry.type(description="Changed.")
class MailboxUpdated:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="As it is.")


@strawberry.type(description="Deleted.")
class MailboxDeleted:
    mailbox_id: strawberry.ID = strawberry.field(description="Which.")


MailboxCreateResult = Annotated[
    MailboxCreated | InvalidInput | NotFound | NotPermitted | IdempotencyConflict,
    strawberry.union("MailboxCreateResult", description="Of mailboxCreate."),
]
MailboxUpdateResult = Annotated[
    MailboxUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxUpdateResult", description="Of mailboxUpdate."),
]
MailboxDeleteResult = Annotated[
    MailboxDeleted | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxDeleteResult", description="Of mailboxDelete."),
]


@strawberry.type(description="Where a provider's server is.")
class MailServerPreset:
    host: str = strawberry.field(description="Its name.")
    port: int = strawberry.field(description="Its port.")
    security: MailSecurity = strawberry.field(description="How the connection is encrypted.")


@strawberry.type(description="What is known of a provider, to fill in a form with.")
class MailProviderPreset:
    name: str = strawberry.field(description="As people call it.")
    incoming: mailboxes.ServerPreset = strawberry.field(
        graphql_type=MailServerPreset, description="IMAP."
    )
    outgoing: mailboxes.ServerPreset = strawberry.field(
        graphql_type=MailServerPreset, description="SMTP."
    )
    authorise_url: str = strawberry.field(description="Where consent is given.")
    token_url: str = strawberry.field(description="Where tokens come from.")
    scope: str = strawberry.field(description="What is asked for: scopes between spaces.")

    @strawberry.field(description="As in MailOAuthProvider.")
    def provider(self, row: Parent[mailboxes.Preset]) -> str:
        return row.provider.upper()


@strawberry.type(description="A server that needs an administrator.")
class DeskAlert:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="Of this mailbox.")
    server: rows.MailServer = strawberry.field(graphql_type=MailServer, description="How it is.")


@strawberry.type(description="Mailboxes, for who may see the settings.")
class MailboxQueries:
    @strawberry.field(
        graphql_type=list[Mailbox], extensions=[VIEW], description="All mailboxes, by name."
    )
    async def mailboxes(self) -> list[rows.Mailbox]:
        return await mailboxes.every()

    @strawberry.field(
        graphql_type=Mailbox | None, extensions=[VIEW], description="One; null for none."
    )
    async def mailbox(self, info: Info, id: Id) -> Any:
        return await info.context.loaders.mailboxes.load(local_id(id, "Mailbox"))

    @strawberry.field(
        graphql_type=list[MailProviderPreset],
        extensions=[VIEW],
        description="What is known of the large providers.",
    )
    def mail_provider_presets(self) -> Any:
        return list(mailboxes.PRESETS)

    @strawberry.field(
        graphql_type=list[DeskAlert],
        extensions=[scope(Right.SETTINGS_VIEW)],
        description=(
            "What needs an administrator now, the oldest first; empty for who may not see the "
            "settings, so that every dashboard can ask."
        ),
    )
    async def desk_alerts(self, info: Info) -> Any:
        return await mailboxes.alerts(info.context)


@strawberry.type(description="Changes of mailboxes.")
class MailboxMutations:
    @administration(MailboxCreateResult, "Make a mailbox; mail is fetched and sent at once.")
    async def mailbox_create(self, info: Info, input: Annotated[MailboxCreateInput, INPUT]) -> Any:
        made = await mailboxes.create(info.context, input.fields(), input.idempotency_key)
        return MailboxCreated(mailbox=made)

    @administration(MailboxUpdateResult, "Change a mailbox; servers that change are tried at once.")
    async def mailbox_update(self, info: Info, input: Annotated[MailboxUpdateInput, INPUT]) -> Any:
        id = local(input.mailbox_id, "Mailbox")
        return MailboxUpdated(mailbox=await mailboxes.update(info.context, id, input.fields()))

    @administration(MailboxDeleteResult, "Delete a mailbox that nothing uses.")
    async def mailbox_delete(self, info: Info, input: Annotated[MailboxDeleteInput, INPUT]) -> Any:
        await mailboxes.delete(info.context, local(input.mailbox_id, "Mailbox"))
        return MailboxDeleted(mailbox_id=input.mailbox_id)
