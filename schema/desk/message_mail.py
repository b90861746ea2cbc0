"""What a mail says beside its words, for whoever reads the message it became."""

from datetime import datetime

import strawberry
from strawberry import Parent

from models import mails
from schema.core import Info


@strawberry.type(description="What every mail that came in says of itself.")
class MailFacts:
    sender: str = strawberry.field(description="The address in From; empty for none to be used.")
    received_at: datetime = strawberry.field(description="When its server got it.")

    @strawberry.field(description="The addresses it came by.")
    def recipients(self, mail: Parent[mails.InboundMail]) -> list[str]:
        return mail.details.get("recipients", [])

    @strawberry.field(description="Where it asks to be answered, if elsewhere.")
    def reply_to(self, mail: Parent[mails.InboundMail]) -> str | None:
        return mail.details.get("replyTo")

    @strawberry.field(description="What its From looks like, where that is not what it is.")
    def pretends(self, mail: Parent[mails.InboundMail]) -> str | None:
        return mail.details.get("pretends")

    @strawberry.field(description="From has an operator's address: it acts as none.")
    def from_operator(self, mail: Parent[mails.InboundMail]) -> bool:
        return bool(mail.details.get("fromOperator"))

    @strawberry.field(description="`pass` or `fail`, by the server the mailbox believes.")
    def authentication(self, mail: Parent[mails.InboundMail]) -> str | None:
        return mail.details.get("authentication")

    @strawberry.field(description="What the reader should know: encrypted, parts left out …")
    def notes(self, mail: Parent[mails.InboundMail]) -> list[str]:
        return mail.details.get("notes", [])


@strawberry.type(description="How a message came as a mail.")
class MessageMail(MailFacts):
    @strawberry.field(description="Its own subject, where that is clearly not the ticket's.")
    def changed_subject(self, mail: Parent[mails.InboundMail]) -> str | None:
        return mail.details.get("changedSubject")

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, mails.InboundMail)
