"""Mails of ours: the log, sending again, and the words of each kind."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import mail_enums, mails
from models.enums import Right
from models.paging import Page
from resolvers.administration import mails as resolvers
from resolvers.administration.mails import Saying, Which
from resolvers.ids import local_id
from schema.core import Info, described, global_id
from schema.desk.administration.fields import INPUT, administration, local
from schema.desk.refusals import InvalidInput, NotFound, NotPermitted
from schema.desk.ticket import Ticket
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import right, scope

MailKind = described(
    mail_enums.MailKind,
    "What a mail of ours says.",
    ACKNOWLEDGEMENT="To the contact: we have your message, and this is its number.",
    TICKET_OPENED="To the contact: we have opened a ticket for you.",
    REPLY="To the contact: an operator's reply.",
    CLOSED="To the contact: the ticket is closed.",
    RATING_REQUEST="To the contact: how was it?",
    MAGIC_LINK="To the contact: the link they asked for.",
    PASSWORD_RESET="To the contact: the link to set a password.",  # noqa: S106
    TOO_LARGE="To the sender: your mail was too large.",
    NEW_TICKET="To an operator: a new ticket in a department of theirs.",
    ASSIGNED="To an operator: assigned to them or a group of theirs.",
    MENTIONED="To an operator: mentioned in a note.",
    CONTACT_REPLIED="To an operator: the contact has replied on a ticket of theirs.",
    SLA_BREACHED="To an operator: a target was missed.",
    DIGEST="To an operator: several of these in one mail.",
    MAILBOX_ALERT="To administrators: a mailbox needs them.",
    TEST="To whom an administrator says: sending works.",
)
OutboundState = described(
    mail_enums.OutboundState,
    "How far a mail of ours has come.",
    QUEUED="It waits.",
    SENDING="It is under way.",
    SENT="The server has taken it.",
    UNCERTAIN="The line broke after the data: the server may have it.",
    FAILED="It was refused, or given up.",
    BOUNCED="It came back.",
)
ADMINISTER = scope(Right.ADMINISTER)
DEPARTMENT = "Whose; null for the whole desk."
LANGUAGE = "One of the desk's languages."


@strawberry.type(description="One mail of ours, as the log has it.")
class OutboundMail:
    id: strawberry.ID = global_id("OutboundMail")
    kind: mail_enums.MailKind = strawberry.field(description="What it says.")
    language: str = strawberry.field(description="In which language.")
    recipient: str = strawberry.field(description="To which address.")
    state: mail_enums.OutboundState = strawberry.field(description="How far it has come.")
    reason: str = strawberry.field(description="Why it is in this state; or empty.")
    attempts: int = strawberry.field(description="How often the server has put it off.")
    next_try: datetime | None = strawberry.field(description="When it goes next; null for now.")
    smtp_reply: str = strawberry.field(description="What the server said last; or empty.")
    message_id: str = strawberry.field(description="Its Message-ID, without < >.")
    created_at: datetime = strawberry.field(description="When it was written.")
    sent_at: datetime | None = strawberry.field(description="When the server took it.")

    @strawberry.field(description="Bytes as sent; 0 before.")
    def size(self, mail: Parent[mails.OutboundMail]) -> float:
        return float(mail.size)

    @strawberry.field(
        graphql_type=Ticket | None,
        extensions=[scope(Right.TICKETS_VIEW)],
        description="What it is about, where that may be seen.",
    )
    async def ticket(self, mail: Parent[mails.OutboundMail], info: Info) -> Any:
        own = await info.context.own()
        return await own.tickets.load(mail.ticket_id or 0)

    @strawberry.field(description="As sent, links left out; null before it was put together.")
    def original(self, mail: Parent[mails.OutboundMail]) -> str | None:
        return resolvers.original(mail)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, mails.OutboundMail)


@strawberry.type(description="What is said in mails of one kind to people of one language.")
class MailTemplate:
    kind: mail_enums.MailKind = strawberry.field(description="Which mails.")
    language: str = strawberry.field(description="Of the people who get them.")
    own: bool = strawberry.field(
        description="Written by the department asked for, or by the desk; it can be reset."
    )

    @strawberry.field(description="The subject, a template (Jinja).")
    def subject(self, told: Parent[Any]) -> str:
        return told.words.subject

    @strawberry.field(description="The plain text, a template.")
    def text(self, told: Parent[Any]) -> str:
        return told.words.text

    @strawberry.field(description="The HTML, a template; empty when it is made from the text.")
    def html(self, told: Parent[Any]) -> str:
        return told.words.html

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return resolvers.is_template(row)


@strawberry.input(description="Which mails of ours; all that is given must hold.")
class OutboundMailFilter:
    mailbox_id: strawberry.ID | None = strawberry.field(default=None, description="By this one.")
    state: mail_enums.OutboundState | None = strawberry.field(default=None, description="So far.")
    kind: mail_enums.MailKind | None = strawberry.field(default=None, description="Of this kind.")


@strawberry.input(description="A mail to send again.")
class OutboundMailResendInput:
    mail_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.input(description="A template to write.")
class MailTemplateSaveInput:
    kind: mail_enums.MailKind = strawberry.field(description="Which mails.")
    language: str = strawberry.field(description=LANGUAGE)
    subject: str = strawberry.field(description="The subject, a template.")
    text: str = strawberry.field(description="The plain text, a template.")
    html: str = strawberry.field(default="", description="The HTML; empty: made from the text.")
    department_id: strawberry.ID | None = strawberry.field(default=None, description=DEPARTMENT)


@strawberry.input(description="A template to try on a ticket.")
class MailTemplatePreviewInput(MailTemplateSaveInput):
    ticket_id: strawberry.ID = strawberry.field(description="One the caller sees.")


@strawberry.input(description="A template to throw away.")
class MailTemplateResetInput:
    kind: mail_enums.MailKind = strawberry.field(description="Which mails.")
    language: str = strawberry.field(description=LANGUAGE)
    department_id: strawberry.ID | None = strawberry.field(default=None, description=DEPARTMENT)


@strawberry.type(description="In the queue again.")
class OutboundMailResent:
    mail: mails.OutboundMail = strawberry.field(graphql_type=OutboundMail, description="As it is.")


@strawberry.type(description="Said so from now on.")
class MailTemplateSaved:
    template: Any = strawberry.field(graphql_type=MailTemplate, description="As it is.")


@strawberry.type(description="Back to what is said otherwise.")
class MailTemplateWasReset:
    template: Any = strawberry.field(graphql_type=MailTemplate, description="What is said now.")


@strawberry.type(description="What a mail would say.")
class MailTemplatePreviewed:
    subject: str = strawberry.field(description="The subject.")
    text: str = strawberry.field(description="The plain text.")
    html: str = strawberry.field(description="The HTML.")


OutboundMailResendResult = Annotated[
    OutboundMailResent | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OutboundMailResendResult", description="Of outboundMailResend."),
]
MailTemplateSaveResult = Annotated[
    MailTemplateSaved | InvalidInput | NotPermitted,
    strawberry.union("MailTemplateSaveResult", description="Of mailTemplateSave."),
]
MailTemplateResetResult = Annotated[
    MailTemplateWasReset | NotFound | NotPermitted,
    strawberry.union("MailTemplateResetResult", description="Of mailTemplateReset."),
]
MailTemplatePreviewResult = Annotated[
    MailTemplatePreviewed | InvalidInput | NotFound | NotPermitted,
    strawberry.union("MailTemplatePreviewResult", description="Of mailTemplatePreview."),
]


@strawberry.type(description="Mails of ours.")
class OutgoingQueries:
    @strawberry.field(
        graphql_type=Connection[OutboundMail],
        extensions=[right(Right.ADMINISTER)],
        description="Every mail of ours, the newest first.",
    )
    async def outbound_mails(
        self,
        filter: Annotated[
            OutboundMailFilter | None, strawberry.argument(description="Which mails.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[mails.OutboundMail]:
        wanted = filter or OutboundMailFilter()
        return await resolvers.log(
            mailbox_id=local_id(wanted.mailbox_id, "Mailbox") if wanted.mailbox_id else None,
            state=wanted.state,
            kind=wanted.kind,
            page=request(first, after, last, before),
        )

    @strawberry.field(
        graphql_type=list[MailTemplate] | None,
        extensions=[right(Right.SETTINGS_VIEW)],
        description="What a department says in its mails, or the desk: every kind in every "
        "language; null for no such department.",
    )
    async def mail_templates(
        self,
        department_id: Annotated[
            strawberry.ID | None, strawberry.argument(description=DEPARTMENT)
        ] = None,
    ) -> Any:
        return await resolvers.templates(_department(department_id))


@strawberry.type(description="Changes of mails of ours.")
class OutgoingMutations:
    @administration(OutboundMailResendResult, "Send a mail again, or at once.", ADMINISTER)
    async def outbound_mail_resend(
        self, info: Info, input: Annotated[OutboundMailResendInput, INPUT]
    ) -> Any:
        id = local(input.mail_id, "OutboundMail")
        return OutboundMailResent(mail=await resolvers.resend(info.context, id))

    @administration(MailTemplateSaveResult, "Write what is said in mails of a kind.")
    async def mail_template_save(
        self, info: Info, input: Annotated[MailTemplateSaveInput, INPUT]
    ) -> Any:
        saved = await resolvers.save(info.context, _which(input), _saying(input))
        return MailTemplateSaved(template=saved)

    @administration(MailTemplateResetResult, "Throw away what was written for mails of a kind.")
    async def mail_template_reset(
        self, info: Info, input: Annotated[MailTemplateResetInput, INPUT]
    ) -> Any:
        return MailTemplateWasReset(template=await resolvers.reset(info.context, _which(input)))

    @administration(MailTemplatePreviewResult, "See what a mail would say; nothing is kept.")
    async def mail_template_preview(
        self, info: Info, input: Annotated[MailTemplatePreviewInput, INPUT]
    ) -> Any:
        ticket_id = local(input.ticket_id, "Ticket")
        told = await resolvers.preview(info.context, ticket_id, _which(input), _saying(input))
        return MailTemplatePreviewed(subject=told.subject, text=told.text, html=told.html)


def _department(gid: str | None) -> int | None:
    return local_id(gid, "Department") if gid is not None else None


def _which(input: MailTemplateSaveInput | MailTemplateResetInput) -> Which:
    return Which(_department(input.department_id), input.kind, input.language)


def _saying(input: MailTemplateSaveInput) -> Saying:
    return Saying(input.subject, input.text, input.html)
