"""Mailboxes under way: paused, resumed, read anew, consented to, watched."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import mailboxes as rows
from models.mail_enums import MailDirection
from resolvers import feeds
from resolvers.administration import mailboxes
from resolvers.administration.mailboxes import MailboxFrame
from resolvers.ids import encode
from schema.core import Info
from schema.desk.administration.fields import INPUT, administration, local
from schema.desk.administration.mailbox_types import Mailbox
from schema.desk.refusals import InvalidInput, NotFound, NotPermitted
from schema.rules import PERSON


@strawberry.input(description="A direction of a mailbox to pause.")
class MailboxPauseInput:
    mailbox_id: strawberry.ID = strawberry.field(description="Which.")
    direction: MailDirection = strawberry.field(description="IN: fetch nothing. OUT: send nothing.")


@strawberry.input(description="A direction of a mailbox to go on with.")
class MailboxResumeInput:
    mailbox_id: strawberry.ID = strawberry.field(description="Which.")
    direction: MailDirection = strawberry.field(description="IN: fetch. OUT: send.")


@strawberry.input(description="A mailbox to read anew.")
class MailboxReimportInput:
    mailbox_id: strawberry.ID = strawberry.field(description="Which.")
    since: datetime = strawberry.field(description="From when on, by arrival on the server.")


@strawberry.input(description="A mailbox to give consent for.")
class MailboxOAuthBeginInput:
    mailbox_id: strawberry.ID = strawberry.field(description="One that has an OAuth2 client.")


@strawberry.type(description="Paused: what waits stays.")
class MailboxPaused:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="As it is.")


@strawberry.type(description="Goes on, and is tried at once.")
class MailboxResumed:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="As it is.")


@strawberry.type(description="Begun: reimport says how far it is.")
class MailboxReimportBegun:
    mailbox: rows.Mailbox = strawberry.field(graphql_type=Mailbox, description="As it is.")


@strawberry.type(description="To be gone on with in a browser.")
class MailboxOAuthBegun:
    url: str = strawberry.field(
        description="Where the provider asks for consent: open it within 15 minutes, in the "
        "browser that has the session cookie of whoever began."
    )


MailboxPauseResult = Annotated[
    MailboxPaused | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxPauseResult", description="Of mailboxPause."),
]
MailboxResumeResult = Annotated[
    MailboxResumed | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxResumeResult", description="Of mailboxResume."),
]
MailboxReimportResult = Annotated[
    MailboxReimportBegun | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxReimportResult", description="Of mailboxReimport."),
]
MailboxOAuthBeginResult = Annotated[
    MailboxOAuthBegun | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailboxOAuthBeginResult", description="Of mailboxOAuthBegin."),
]


@strawberry.type(description="Mailboxes under way.")
class MailboxControlMutations:
    @administration(MailboxPauseResult, "Fetch nothing, or send nothing, until it is resumed.")
    async def mailbox_pause(self, info: Info, input: Annotated[MailboxPauseInput, INPUT]) -> Any:
        id = local(input.mailbox_id, "Mailbox")
        return MailboxPaused(mailbox=await mailboxes.pause(info.context, id, input.direction))

    @administration(
        MailboxResumeResult,
        "Go on and try at once, whatever kept it: a pause, a limit, refused credentials.",
    )
    async def mailbox_resume(self, info: Info, input: Annotated[MailboxResumeInput, INPUT]) -> Any:
        id = local(input.mailbox_id, "Mailbox")
        return MailboxResumed(mailbox=await mailboxes.resume(info.context, id, input.direction))

    @administration(
        MailboxReimportResult,
        "Look again at mails from a time on; those that are in the desk already stay once.",
    )
    async def mailbox_reimport(
        self, info: Info, input: Annotated[MailboxReimportInput, INPUT]
    ) -> Any:
        id = local(input.mailbox_id, "Mailbox")
        done = await mailboxes.reimport(info.context, id, input.since)
        return MailboxReimportBegun(mailbox=done)

    @administration(
        MailboxOAuthBeginResult,
        "Begin to give consent to a mailbox, with the provider.",
        PERSON,
        name="mailboxOAuthBegin",
    )
    async def mailbox_oauth_begin(
        self, info: Info, input: Annotated[MailboxOAuthBeginInput, INPUT]
    ) -> Any:
        id = local(input.mailbox_id, "Mailbox")
        return MailboxOAuthBegun(url=await mailboxes.begin_consent(info.context, id))


@strawberry.type(description="A mailbox, as it is now.")
class MailboxHealth:
    @strawberry.field(description="Which.")
    def mailbox_id(self, frame: Parent[MailboxFrame]) -> strawberry.ID:
        return strawberry.ID(encode("Mailbox", frame.mailbox_id))

    @strawberry.field(graphql_type=Mailbox | None, description="Null when it was deleted.")
    def mailbox(self, frame: Parent[MailboxFrame]) -> rows.Mailbox | None:
        return frame.mailbox


@strawberry.type(description="Mailboxes, live.")
class MailboxSubscriptions:
    @strawberry.subscription(
        graphql_type=MailboxHealth,
        description=(
            "Every mailbox as it is; then each that is made, changed or deleted, or whose servers, "
            "queue or re-import are not what they were, the newest state alone. For who may see "
            "the settings; it ends with that right."
        ),
    )
    async def mailbox_health_changed(self, info: Info) -> AsyncGenerator[MailboxFrame]:
        feed = await mailboxes.feed(info.context)
        async with aclosing(feeds.while_signed_in(info.context, feed.frames())) as frames:
            async for frame in frames:
                yield frame
