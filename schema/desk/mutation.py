"""The desk's mutations: unpack the input, name the result."""

from typing import Annotated, Any

import strawberry

from models.enums import Right, ViewerState
from resolvers import signing_in, writes
from resolvers.ids import encode
from schema.core import Info
from schema.desk import inputs, results, ticket_inputs
from schema.desk.administration.accounts import AccountMutations
from schema.desk.administration.categories import CategoryMutations
from schema.desk.administration.contacts import ContactMutations
from schema.desk.administration.departments import DepartmentMutations
from schema.desk.administration.groups import GroupMutations
from schema.desk.administration.inbound import InboundMutations
from schema.desk.administration.mailbox_control import MailboxControlMutations
from schema.desk.administration.mailbox_trials import MailboxTrialMutations
from schema.desk.administration.mailboxes import MailboxMutations
from schema.desk.administration.mails import OutgoingMutations
from schema.desk.administration.operators import OperatorMutations
from schema.desk.administration.organisations import OrganisationMutations
from schema.desk.administration.roles import RoleMutations
from schema.desk.administration.settings import SettingsMutations
from schema.desk.administration.tokens import TokenMutations
from schema.desk.magic_links import MagicLinkMutations
from schema.desk.notifications import NotificationMutations
from schema.desk.refusals import REFUSALS
from schema.rules import ANONYMOUS, Needs, scope

INPUT = strawberry.argument(description="What to do.")
VIEW, WRITE = scope(Right.TICKETS_VIEW), scope(Right.TICKETS_WRITE)
DELETE = scope(Right.TICKETS_DELETE)


def _mutation(result: Any, description: str, rule: Needs) -> Any:
    return strawberry.mutation(
        graphql_type=result, extensions=[REFUSALS, rule], description=description
    )


def _gid(ticket_id: int) -> strawberry.ID:
    return strawberry.ID(encode("Ticket", ticket_id))


def _moved(moved: writes.Moved, done: Any, **fields: Any) -> Any:
    """The success, or that the ticket has gone out of the caller's sight."""
    if not moved.in_sight:
        return results.TicketOutOfSight(ticket_id=_gid(moved.ticket.id))
    return done(ticket=moved.ticket, **fields)


@strawberry.type(description="What operators do.")
class Mutation(
    MagicLinkMutations,
    RoleMutations,
    OperatorMutations,
    AccountMutations,
    TokenMutations,
    CategoryMutations,
    SettingsMutations,
    ContactMutations,
    OrganisationMutations,
    GroupMutations,
    DepartmentMutations,
    NotificationMutations,
    MailboxMutations,
    MailboxTrialMutations,
    MailboxControlMutations,
    OutgoingMutations,
    InboundMutations,
):
    @_mutation(results.SignInResult, "Begin a session.", ANONYMOUS)
    async def sign_in(self, info: Info, input: Annotated[inputs.SignInInput, INPUT]) -> Any:
        cookie = bool(input.cookie)
        done = await signing_in.sign_in_operator(
            info.context, input.email, input.password, cookie=cookie
        )
        return results.SignedIn(
            expires_at=done.session.expires_at,
            operator=done.account,
            token=None if cookie else done.token,
        )

    @_mutation(results.SignOutResult, "End the session.", ANONYMOUS)
    async def sign_out(self, info: Info) -> Any:
        return results.SignedOut(at=await signing_in.sign_out(info.context))

    @_mutation(results.TicketOpenResult, "Open a ticket for a contact.", WRITE)
    async def ticket_open(
        self, info: Info, input: Annotated[ticket_inputs.TicketOpenInput, INPUT]
    ) -> Any:
        done = await writes.open_ticket(info.context, input.request())
        return results.TicketOpened(ticket=done.ticket)

    @_mutation(results.TicketReplyResult, "Answer the contact.", WRITE)
    async def ticket_reply(
        self, info: Info, input: Annotated[ticket_inputs.TicketReplyInput, INPUT]
    ) -> Any:
        done = await writes.reply(info.context, input.request())
        return results.TicketReplied(ticket=done.ticket, reply=done.entry)

    @_mutation(results.ReplyResendResult, "Send the mail of a reply again.", WRITE)
    async def reply_resend(
        self, info: Info, input: Annotated[inputs.ReplyResendInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        done = await writes.resend_reply(info.context, ticket_id, input.number)
        return results.ReplyResent(ticket=done.ticket, reply=done.entry)

    @_mutation(results.TicketAddNoteResult, "Leave a note for colleagues.", WRITE)
    async def ticket_add_note(
        self, info: Info, input: Annotated[ticket_inputs.TicketAddNoteInput, INPUT]
    ) -> Any:
        done = await writes.add_note(info.context, input.request())
        return results.TicketNoted(ticket=done.ticket, note=done.entry)

    @_mutation(results.TicketChangeCategoryResult, "Move a ticket to another category.", WRITE)
    async def ticket_change_category(
        self, info: Info, input: Annotated[ticket_inputs.TicketChangeCategoryInput, INPUT]
    ) -> Any:
        done = await writes.change_category(info.context, input.request())
        return _moved(done, results.TicketCategoryChanged)

    @_mutation(results.TicketChangeLevelResult, "Raise or lower a ticket's level.", WRITE)
    async def ticket_change_level(
        self, info: Info, input: Annotated[ticket_inputs.TicketChangeLevelInput, INPUT]
    ) -> Any:
        done = await writes.change_level(info.context, input.request())
        return _moved(done, results.TicketLevelChanged)

    @_mutation(results.TicketAssignResult, "Assign a ticket, or let it go.", WRITE)
    async def ticket_assign(
        self, info: Info, input: Annotated[ticket_inputs.TicketAssignInput, INPUT]
    ) -> Any:
        done = await writes.assign(info.context, input.request())
        return _moved(done.moved, results.TicketAssigned, cannot_see=done.cannot_see)

    @_mutation(results.TicketTransferResult, "Hand a ticket to another department.", WRITE)
    async def ticket_transfer(
        self, info: Info, input: Annotated[ticket_inputs.TicketTransferInput, INPUT]
    ) -> Any:
        done = await writes.transfer(info.context, input.request())
        return _moved(done, results.TicketTransferred)

    @_mutation(results.TicketUpdateResult, "Edit a ticket's fields.", WRITE)
    async def ticket_update(
        self, info: Info, input: Annotated[ticket_inputs.TicketUpdateInput, INPUT]
    ) -> Any:
        return results.TicketFieldsUpdated(
            ticket=await writes.update(info.context, input.request())
        )

    @_mutation(results.TicketCloseResult, "Close a ticket, for good.", WRITE)
    async def ticket_close(
        self, info: Info, input: Annotated[ticket_inputs.TicketCloseInput, INPUT]
    ) -> Any:
        done = await writes.close(info.context, input.request())
        return results.TicketClosed(ticket=done.ticket)

    @_mutation(
        results.TicketLeaveResult, "Give back the reply lock, if held, and the presence.", VIEW
    )
    async def ticket_leave(
        self, info: Info, input: Annotated[inputs.TicketLeaveInput, INPUT]
    ) -> Any:
        ticket = await writes.leave(info.context, inputs.ticket_id(input.ticket_id))
        return results.TicketPresenceEnded(ticket_id=_gid(ticket.id))

    @_mutation(results.ReplyLockAcquireResult, "Take the reply lock, giving back any other.", WRITE)
    async def reply_lock_acquire(
        self, info: Info, input: Annotated[inputs.ReplyLockAcquireInput, INPUT]
    ) -> Any:
        ticket = await writes.acquire_lock(info.context, inputs.ticket_id(input.ticket_id))
        return results.ReplyLockHeld(ticket=ticket, lock=ticket.reply_lock)

    @_mutation(results.ReplyLockRenewResult, "Begin the lock's lease anew.", WRITE)
    async def reply_lock_renew(
        self, info: Info, input: Annotated[inputs.ReplyLockRenewInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        ticket = await writes.renew_lock(info.context, ticket_id, input.lock_token)
        return results.ReplyLockHeld(ticket=ticket, lock=ticket.reply_lock)

    @_mutation(
        results.ReplyLockReleaseResult,
        "Give the reply lock back, or to a colleague who asked.",
        WRITE,
    )
    async def reply_lock_release(
        self, info: Info, input: Annotated[inputs.ReplyLockReleaseInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        hand_to = inputs.optional_id(input.hand_to, "Operator")
        ticket = await writes.release_lock(info.context, ticket_id, input.lock_token, hand_to)
        return results.ReplyLockReleased(ticket=ticket)

    @_mutation(
        results.ReplyLockTakeOverResult,
        "Take the reply lock from whoever holds it; the timeline says so.",
        WRITE,
    )
    async def reply_lock_take_over(
        self, info: Info, input: Annotated[inputs.ReplyLockTakeOverInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        ticket = await writes.take_over_lock(info.context, ticket_id, input.reason)
        return results.ReplyLockHeld(ticket=ticket, lock=ticket.reply_lock)

    @_mutation(
        results.ReplyLockRequestResult,
        "Ask the holder for the reply lock; when nobody else has it, take it.",
        WRITE,
    )
    async def reply_lock_request(
        self, info: Info, input: Annotated[inputs.ReplyLockRequestInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        ticket, held = await writes.request_lock(info.context, ticket_id)
        if held:
            return results.ReplyLockHeld(ticket=ticket, lock=ticket.reply_lock)
        return results.ReplyLockAsked(lock=ticket.reply_lock)

    @_mutation(results.DraftSaveResult, "Save an unsent text.", WRITE)
    async def draft_save(self, info: Info, input: Annotated[inputs.DraftSaveInput, INPUT]) -> Any:
        return results.DraftSaved(draft=await writes.save_draft(info.context, input.request()))

    @_mutation(results.DraftDeleteResult, "Throw an unsent text away.", WRITE)
    async def draft_delete(
        self, info: Info, input: Annotated[inputs.DraftDeleteInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        await writes.delete_draft(info.context, ticket_id, input.kind)
        return results.DraftDeleted(ticket_id=_gid(ticket_id))

    @_mutation(results.TicketMarkReadResult, "Say how far a ticket was read.", VIEW)
    async def ticket_mark_read(
        self, info: Info, input: Annotated[inputs.TicketMarkReadInput, INPUT]
    ) -> Any:
        ticket_id = inputs.ticket_id(input.ticket_id)
        return results.TicketMarked(
            ticket=await writes.mark_read(info.context, ticket_id, input.up_to)
        )

    @_mutation(results.PresenceSetResult, "Say whether the caller looks at a ticket.", VIEW)
    async def presence_set(
        self, info: Info, input: Annotated[inputs.PresenceSetInput, INPUT]
    ) -> Any:
        idle = input.state is ViewerState.IDLE
        await writes.set_presence(info.context, inputs.ticket_id(input.ticket_id), idle=idle)
        return results.PresenceIsSet(state=input.state)

    @_mutation(results.TicketTakeNextResult, "Take the ticket that has waited longest.", WRITE)
    async def ticket_take_next(
        self, info: Info, input: Annotated[inputs.TicketTakeNextInput, INPUT]
    ) -> Any:
        department_id = inputs.optional_id(input.department_id, "Department")
        return results.TicketTaken(ticket=await writes.take_next(info.context, department_id))

    @_mutation(results.TicketMergeResult, "Merge a ticket into another of the same contact.", WRITE)
    async def ticket_merge(
        self, info: Info, input: Annotated[ticket_inputs.TicketMergeInput, INPUT]
    ) -> Any:
        return results.TicketMerged(into=await writes.merge(info.context, input.request()))

    @_mutation(results.TicketDeleteResult, "Delete a ticket; it can be restored.", DELETE)
    async def ticket_delete(
        self, info: Info, input: Annotated[inputs.TicketDeleteInput, INPUT]
    ) -> Any:
        ticket = await writes.delete(info.context, inputs.ticket_id(input.ticket_id))
        return results.TicketDeleted(ticket_id=_gid(ticket.id))

    @_mutation(results.TicketRestoreResult, "Bring a deleted ticket back.", DELETE)
    async def ticket_restore(
        self, info: Info, input: Annotated[inputs.TicketRestoreInput, INPUT]
    ) -> Any:
        ticket = await writes.restore(info.context, inputs.ticket_id(input.ticket_id))
        return results.TicketRestored(ticket=ticket)
