"""Mails that came in: the log, and the queue of those that wait for a decision."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import mail_enums, mails
from models.enums import Right
from models.paging import Page
from resolvers.administration import inbound as resolvers
from resolvers.ids import encode, local_id
from schema.core import Info, described, global_id
from schema.desk.administration.fields import INPUT, administration, local
from schema.desk.message_mail import MailFacts
from schema.desk.people import Department
from schema.desk.refusals import InvalidInput, NotFound, NotPermitted
from schema.desk.ticket import Ticket
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import scope

InboundState = described(
    mail_enums.InboundState,
    "What became of a mail that came in.",
    RECEIVED="Kept, and not looked at yet.",
    IMPORTED="A new ticket, or a message in one.",
    DUPLICATE="The same mail is in the log already.",
    IGNORED="A loop, the desk's own, of a blocked contact, or discarded.",
    AUTOMATIC="A machine's: kept in its ticket; it moves no turn and is not answered.",
    BOUNCE="A report on a mail of ours.",
    QUARANTINED="It waits for a decision: accept, attach, discard.",
    THROTTLED="One of too many from a sender: added to the ticket that stands for them.",
    TOO_LARGE="Not fetched.",
    FAILED="It could not be imported; inboundMailRetry tries again.",
)
WRITE, ADMINISTER = scope(Right.TICKETS_WRITE), scope(Right.ADMINISTER)


@strawberry.type(description="One mail that came in, as the log has it.")
class InboundMail(MailFacts):
    id: strawberry.ID = global_id("InboundMail")
    state: mail_enums.InboundState = strawberry.field(description="What became of it.")
    reason: str = strawberry.field(description="Why it is in this state; or empty.")
    subject: str = strawberry.field(description="Its subject.")
    message_id: str = strawberry.field(description="Its Message-ID, without < >; or empty.")
    folder: str = strawberry.field(description="Where it was; `archive:` and a name for a file.")
    silent: bool = strawberry.field(description="Old mail: nobody was told of it.")
    attempts: int = strawberry.field(description="How often it was tried.")
    next_try: datetime | None = strawberry.field(description="When a failed one goes again.")
    created_at: datetime = strawberry.field(description="When the desk got it.")
    removed_at: datetime | None = strawberry.field(description="When it was deleted there.")
    entry_number: int | None = strawberry.field(description="Of the entry it became.")

    @strawberry.field(description="Bytes.")
    def size(self, mail: Parent[mails.InboundMail]) -> float:
        return float(mail.size)

    @strawberry.field(description="The mailbox it came by.")
    def mailbox_id(self, mail: Parent[mails.InboundMail]) -> strawberry.ID:
        return strawberry.ID(encode("Mailbox", mail.mailbox_id))

    @strawberry.field(graphql_type=Department | None, description="Whose it is.")
    async def department(self, mail: Parent[mails.InboundMail], info: Info) -> Any:
        return await info.context.loaders.departments.load(mail.department_id or 0)

    @strawberry.field(
        graphql_type=Ticket | None,
        extensions=[scope(Right.TICKETS_VIEW)],
        description="Where it went, or wants to go; where that may be seen.",
    )
    async def ticket(self, mail: Parent[mails.InboundMail], info: Info) -> Any:
        own = await info.context.own()
        return await own.tickets.load(mail.ticket_id or 0)

    @strawberry.field(description="Its words, cut at 20,000, of one that waits, or was discarded.")
    def text(self, mail: Parent[mails.InboundMail]) -> str | None:
        return mail.details.get("text")

    @strawberry.field(description="Where administrators download it as it came; or null.")
    def original_url(self, mail: Parent[mails.InboundMail]) -> str | None:
        return f"/mails/{encode('InboundMail', mail.id)}" if mail.raw_sha256 else None

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, mails.InboundMail)


@strawberry.input(description="Which mails; all that is given must hold.")
class InboundMailFilter:
    mailbox_id: strawberry.ID | None = strawberry.field(default=None, description="By this one.")
    state: mail_enums.InboundState | None = strawberry.field(default=None, description="So far.")


@strawberry.input(description="A mail to take as a new ticket.")
class InboundMailAcceptInput:
    mail_id: strawberry.ID = strawberry.field(description="Which.")
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose ticket; the mail's own, unless said."
    )


@strawberry.input(description="A mail to add to a ticket.")
class InboundMailAttachInput:
    mail_id: strawberry.ID = strawberry.field(description="Which.")
    ticket_id: strawberry.ID = strawberry.field(description="An open one the caller may answer.")


@strawberry.input(description="A mail nothing is to follow from.")
class InboundMailDiscardInput:
    mail_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A mail to try again.")
class InboundMailRetryInput:
    mail_id: strawberry.ID = strawberry.field(description="One that failed.")


@strawberry.type(description="Decided; a mail that is taken is imported within a second.")
class InboundMailDecided:
    mail: mails.InboundMail = strawberry.field(graphql_type=InboundMail, description="As it is.")


def _result(name: str, *more: Any) -> Any:
    members: Any = InboundMailDecided
    for one in (*more, NotFound, NotPermitted):
        members = members | one
    return Annotated[members, strawberry.union(name, description="Decided, or why not.")]


InboundMailAcceptResult = _result("InboundMailAcceptResult", InvalidInput)
InboundMailAttachResult = _result("InboundMailAttachResult", InvalidInput)
InboundMailDiscardResult = _result("InboundMailDiscardResult", InvalidInput)
InboundMailRetryResult = _result("InboundMailRetryResult", InvalidInput)


@strawberry.type(description="Mails that came in.")
class InboundQueries:
    @strawberry.field(
        graphql_type=Connection[InboundMail],
        extensions=[scope(Right.TICKETS_VIEW)],
        description="For administrators every mail that came in, the newest first; for others "
        "those that wait for a decision in departments they are members of.",
    )
    async def inbound_mails(
        self,
        info: Info,
        filter: Annotated[
            InboundMailFilter | None, strawberry.argument(description="Which mails.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[mails.InboundMail]:
        wanted = filter or InboundMailFilter()
        return await resolvers.log(
            info.context,
            mailbox_id=local_id(wanted.mailbox_id, "Mailbox") if wanted.mailbox_id else None,
            state=wanted.state,
            page=request(first, after, last, before),
        )


@strawberry.type(description="Decisions on mails that came in.")
class InboundMutations:
    @administration(InboundMailAcceptResult, "Take a mail that waits as a new ticket.", WRITE)
    async def inbound_mail_accept(
        self, info: Info, input: Annotated[InboundMailAcceptInput, INPUT]
    ) -> Any:
        department = input.department_id
        department_id = local(department, "Department") if department is not None else None
        id = local(input.mail_id, "InboundMail")
        return InboundMailDecided(mail=await resolvers.accept(info.context, id, department_id))

    @administration(InboundMailAttachResult, "Add a mail that waits to a ticket.", WRITE)
    async def inbound_mail_attach(
        self, info: Info, input: Annotated[InboundMailAttachInput, INPUT]
    ) -> Any:
        id, ticket_id = local(input.mail_id, "InboundMail"), local(input.ticket_id, "Ticket")
        return InboundMailDecided(mail=await resolvers.attach(info.context, id, ticket_id))

    @administration(InboundMailDiscardResult, "Throw away a mail that waits; it is logged.", WRITE)
    async def inbound_mail_discard(
        self, info: Info, input: Annotated[InboundMailDiscardInput, INPUT]
    ) -> Any:
        id = local(input.mail_id, "InboundMail")
        return InboundMailDecided(mail=await resolvers.discard(info.context, id))

    @administration(InboundMailRetryResult, "Import a mail that failed, again.", ADMINISTER)
    async def inbound_mail_retry(
        self, info: Info, input: Annotated[InboundMailRetryInput, INPUT]
    ) -> Any:
        id = local(input.mail_id, "InboundMail")
        return InboundMailDecided(mail=await resolvers.retry(info.context, id))
