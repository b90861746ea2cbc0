"""What desk mutations are given about lock, draft, presence and sign-in; helpers for ids."""

import strawberry

from models.enums import DraftKind, ViewerState
from resolvers.ids import decode, local_id
from resolvers.writes import SaveDraft

TICKET = "Which ticket."
IF_HELD = "The reply lock's token, if the caller holds it."
NOTE = "Why; kept with the event, for colleagues."
UPLOADS = "Ids of files sent to POST /files, each used once."
IDEMPOTENCY = "The same key and input within 24 h returns the first result."
LAST_SEEN = (
    "The last entry the author had read. If anybody else has posted since, nothing is sent: "
    "ConversationMovedOn."
)
HTML = "HTML; sanitised. At most 200 kB."


def ticket_id(gid: str) -> int:
    """A ticket's local id; 0 for garbage."""
    return local_id(gid, "Ticket")


def optional_id(gid: str | None, kind: str) -> int | None:
    """A local id; None for none, 0 for garbage."""
    return None if gid is None else local_id(gid, kind)


def assignee_of(gid: str | None) -> tuple[str, int] | None:
    """An assignee's kind and local id; ("", 0) for garbage, None for nobody."""
    if gid is None:
        return None
    kind, id = decode(gid)
    return {"Operator": ("operator", id), "Group": ("group", id)}.get(kind, ("", 0))


def uploads(ids: list[strawberry.ID] | None) -> tuple[str, ...]:
    """Upload ids as the actions take them."""
    return tuple(ids or ())


@strawberry.input(description="Credentials of an operator.")
class SignInInput:
    email: str = strawberry.field(description="The account's address.")
    password: str = strawberry.field(description="Its password.")
    cookie: bool | None = strawberry.field(
        default=False, description="Set the session as a cookie; `token` is then null."
    )


@strawberry.input(description="A ticket to take the reply lock of.")
class ReplyLockAcquireInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)


@strawberry.input(description="A reply lock to keep.")
class ReplyLockRenewInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    lock_token: str = strawberry.field(description="The current token.")


@strawberry.input(description="A reply lock to give back.")
class ReplyLockReleaseInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    lock_token: str = strawberry.field(description="The current token.")
    hand_to: strawberry.ID | None = strawberry.field(
        default=None, description="Hand over to the operator who asked."
    )


@strawberry.input(description="A ticket whose reply lock to take, whoever holds it.")
class ReplyLockTakeOverInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    reason: str | None = strawberry.field(default=None, description=NOTE)


@strawberry.input(description="A ticket to ask the holder of the reply lock for it.")
class ReplyLockRequestInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)


@strawberry.input(description="A ticket to leave.")
class TicketLeaveInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)


@strawberry.input(description="A ticket to delete.")
class TicketDeleteInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)


@strawberry.input(description="A deleted ticket to bring back.")
class TicketRestoreInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)


@strawberry.input(description="Where to look for the next ticket.")
class TicketTakeNextInput:
    department_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only from this department."
    )


@strawberry.input(description="An unsent text.")
class DraftSaveInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    body: str = strawberry.field(description="As typed; at most 200 kB.")
    base_revision: int = strawberry.field(
        description="The revision this text was typed on; 0 for a new one. Sending restarts none."
    )
    kind: DraftKind = strawberry.field(default=DraftKind.REPLY, description="What it will become.")
    upload_ids: list[strawberry.ID] | None = strawberry.field(default=None, description=UPLOADS)

    def request(self) -> SaveDraft:
        return SaveDraft(
            ticket_id=ticket_id(self.ticket_id),
            kind=self.kind,
            body=self.body,
            upload_ids=uploads(self.upload_ids),
            base_revision=self.base_revision,
        )


@strawberry.input(description="An unsent text to throw away.")
class DraftDeleteInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    kind: DraftKind = strawberry.field(
        default=DraftKind.REPLY, description="Which of the two texts."
    )


@strawberry.input(description="A reply the mail of which did not arrive.")
class ReplyResendInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    number: int = strawberry.field(description="The reply's number in the timeline.")


@strawberry.input(description="How far a ticket was read.")
class TicketMarkReadInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    up_to: int = strawberry.field(description="The last entry read; 0 marks all unread.")


@strawberry.input(description="Whether the caller looks at the ticket.")
class PresenceSetInput:
    ticket_id: strawberry.ID = strawberry.field(description=TICKET)
    state: ViewerState = strawberry.field(
        description="VIEWING or IDLE; who holds the lock shows as REPLYING anyhow."
    )
