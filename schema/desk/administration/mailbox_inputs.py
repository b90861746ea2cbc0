"""What is given of a mailbox; what is left out stays as it is."""

from enum import Enum
from typing import Any

import strawberry
from strawberry import Maybe

from models.mail_enums import MailAuth, MailSecurity
from resolvers.refusals import InvalidInput, invalid
from schema.core import described
from schema.desk.administration.fields import MaybeFlag, MaybeId, MaybeText, given

MaybeNumber = Maybe[int | None]
STORED = (
    "Kept encrypted, never told. Needed anew when host, port or security change: what is stored "
    "is sent to no other server."
)


class MailOAuthProvider(Enum):
    """Who gives the consent."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    CUSTOM = "custom"


described(
    MailOAuthProvider,
    "Who gives the consent.",
    GOOGLE="Addresses and scope are known.",
    MICROSOFT="Addresses and scope are known; give those of the tenant if it has its own.",
    CUSTOM="Another: give its addresses and scope.",
)


@strawberry.input(description="A server that mail goes by.")
class MailServerInput:
    host: MaybeText = strawberry.field(description="A name, or an IP address.")
    port: MaybeNumber = strawberry.field(description="1 to 65535; a new one's is the usual.")
    security: Maybe[MailSecurity | None] = strawberry.field(description="TLS, unless said.")
    auth: Maybe[MailAuth | None] = strawberry.field(description="PASSWORD, unless said.")
    username: MaybeText = strawberry.field(description="Null for the mailbox's address.")
    password: MaybeText = strawberry.field(description=STORED)


@strawberry.input(description="The server that mail is fetched from: IMAP.")
class IncomingMailServerInput(MailServerInput):
    folder: MaybeText = strawberry.field(description="INBOX, unless said.")
    delete_after_import: MaybeFlag = strawberry.field(
        description="Delete mails on the server once they are in the desk; off, unless said."
    )


@strawberry.input(description="The server that mail is sent by: SMTP.")
class OutgoingMailServerInput(MailServerInput):
    pass


@strawberry.input(description="An OAuth2 client, as registered with the provider.")
class MailboxOAuthInput:
    provider: Maybe[MailOAuthProvider | None] = strawberry.field(description="Whose.")
    client_id: MaybeText = strawberry.field(description="As the provider gave it.")
    client_secret: MaybeText = strawberry.field(
        description="Kept encrypted, never told; null for none. Needed anew with another tokenUrl."
    )
    authorise_url: MaybeText = strawberry.field(description="Where consent is given: https.")
    token_url: MaybeText = strawberry.field(description="Where tokens come from: https.")
    scope: MaybeText = strawberry.field(description="Scopes between spaces.")


@strawberry.input(description="What a mailbox is; what is left out stays as it is.")
class MailboxInput:
    name: MaybeText = strawberry.field(
        description="1 to 200 characters, no other's; a new one needs it."
    )
    address: MaybeText = strawberry.field(description="Its address; a new one needs it.")
    sender_name: MaybeText = strawberry.field(
        description="Before the address in From; null for the department's name."
    )
    default_department_id: MaybeId = strawberry.field(
        description="Whose a mail is that names no address of a department; null for nobody's."
    )
    plus_addressing: MaybeFlag = strawberry.field(
        description="Mail to name+anything@ arrives; off, unless said."
    )
    authserv_id: MaybeText = strawberry.field(
        description="Whose Authentication-Results are believed; null for nobody's."
    )
    acknowledge: MaybeFlag = strawberry.field(
        description="Tell who opens a ticket by mail its number; on, unless said."
    )
    null_return_path: MaybeFlag = strawberry.field(
        description="Send automatic mails with an empty envelope sender; off, unless said."
    )
    daily_limit: MaybeNumber = strawberry.field(
        description="Recipients a day, 1 to 1,000,000; 500, unless said."
    )
    incoming: Maybe[IncomingMailServerInput | None] = strawberry.field(
        description="That mail is fetched from; null for none."
    )
    outgoing: Maybe[OutgoingMailServerInput | None] = strawberry.field(
        description="That mail is sent by; null for none."
    )
    oauth: Maybe[MailboxOAuthInput | None] = strawberry.field(
        description="For servers whose auth is OAUTH2; null for none. Consent is given after."
    )

    def fields(self) -> Any:
        """As the action takes them."""
        found = given(self, ids={"default_department_id": "Department"}, clearable=CLEARABLE)
        for part in PARTS & found.keys():
            if found[part] is not None:
                found[part] = _part(part, found[part])
        return found


PARTS = frozenset({"incoming", "outgoing", "oauth"})
CLEARABLE = PARTS | {"sender_name", "default_department_id", "authserv_id"}
CLEARABLE_OF_PARTS = frozenset({"username", "client_secret"})


def _part(name: str, input: Any) -> dict[str, Any]:
    """The fields of a part; what is wrong is told under the part's name."""
    try:
        found: dict[str, Any] = given(input, clearable=CLEARABLE_OF_PARTS)
    except InvalidInput as error:
        first = error.fields[0]
        raise invalid(".".join((name, *first.path)), first.message) from None
    if "provider" in found:
        found["provider"] = found["provider"].value
    return found
