"""What people decide of mails that came in: taken as a ticket, put into one, thrown away, retried.

The decision is written on the row and carried out by whoever imports, within a second: so it is
done once, whatever happens in between.
"""

from collections.abc import Sequence
from typing import Any

from actions.administration.editing import record_change
from actions.events import MailboxChanged
from actions.guard import Demand, LockRule, find
from actions.refusals import NotFound, NotPermitted, invalid
from actions.unit_of_work import record, unit_of_work
from models.callers import OperatorCaller
from models.conditions import ALWAYS, Condition, Every, Is, IsIn, Related
from models.desk import Department
from models.enums import Right, TicketAction
from models.mail_enums import InboundState, MailDirection
from models.mailboxes import MailFolder, MailServer
from models.mails import InboundMail
from models.sight import Sight
from models.sights import sight_for
from models.sql import Statement, instances

KIND = "InboundMail"


def reviewable(sight: Sight) -> Condition:
    """Mails an operator may read: administrators all, others what waits in their departments."""
    if sight.has(Right.ADMINISTER):
        return ALWAYS
    if not sight.has(Right.TICKETS_VIEW):
        return IsIn("id", frozenset())
    return Every(
        (
            Is("state", InboundState.QUARANTINED.value),
            IsIn("department_id", sight.departments),
            Related(lambda to: _of_none_or_seen(sight, to)),
        )
    )


def _of_none_or_seen(sight: Sight, to: Statement) -> str:
    """It wants to go to no ticket, or to one they see."""
    seen = f"SELECT t.id FROM ticket t WHERE {sight.condition().sql(to)}"
    return f"(t.ticket_id IS NULL OR t.ticket_id IN ({seen}))"


async def accept(id: int, department_id: int | None, by: OperatorCaller) -> InboundMail:
    """Have it open a ticket; in another department than its own, for whoever may transfer there.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> InboundMail:
        mail = await _waiting(id, by)
        department = await Department.get_or_none(id=department_id or 0)
        if department_id is not None and department is None:
            raise invalid("departmentId", "No such department: see departments.")
        if department_id not in {None, mail.department_id}:
            _require_transfer(await sight_for(by), department_id or 0)
        chosen = department_id or mail.department_id
        if chosen is None:
            raise invalid("departmentId", "Say whose it is: the mail names no department.")
        return await _decided(mail, {"department": chosen}, by, "accept")

    return await unit_of_work(do)


def _require_transfer(sight: Sight, department_id: int) -> None:
    if not (sight.has(Right.ADMINISTER) or sight.may_transfer_to(department_id)):
        raise NotPermitted(TicketAction.TRANSFER)


async def attach(id: int, ticket_id: int, by: OperatorCaller) -> InboundMail:
    """Have it added to an open ticket. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> InboundMail:
        mail = await _waiting(id, by)
        demand = Demand(TicketAction.REPLY, LockRule.NONE, closed_too=True)
        ticket = await find(by, ticket_id, demand)
        if ticket.closed:
            raise invalid("ticketId", "That ticket is closed: accept the mail as a new one.")
        return await _decided(mail, {"ticket": ticket.id}, by, "attach")

    return await unit_of_work(do)


async def discard(id: int, by: OperatorCaller) -> InboundMail:
    """Nothing is to follow from it; it stays in the log. Raises NotFound, NotPermitted."""

    async def do() -> InboundMail:
        mail = await _waiting(id, by)
        mail.state, was = InboundState.IGNORED, mail.state
        mail.reason = f"discarded by {by.operator.name}"
        await mail.save(update_fields=["state", "reason"])
        await _recorded(mail, by, "discard", [("state", was.value, mail.state.value)])
        return mail

    return await unit_of_work(do)


async def retry(id: int, by: OperatorCaller) -> InboundMail:
    """Try again to import one that failed; to fetch it, if that is what failed.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> InboundMail:
        sight = await sight_for(by)
        if not sight.has(Right.ADMINISTER):
            raise NotPermitted("RETRY")
        mail = await held(id)
        if mail is None:
            raise NotFound
        if mail.state is not InboundState.FAILED:
            raise invalid("mailId", "Choose one that failed.")
        if not mail.raw_sha256:
            return await _fetched_again(mail, by)
        mail.state, mail.next_try, mail.attempts = InboundState.RECEIVED, None, 0
        await mail.save(update_fields=["state", "next_try", "attempts"])
        await _recorded(mail, by, "retry", [("state", "FAILED", "RECEIVED")])
        return mail

    return await unit_of_work(do)


async def _fetched_again(mail: InboundMail, by: OperatorCaller) -> InboundMail:
    """It stays FAILED until whoever reads the mailbox has got it: no attempts mean one more."""
    folder = await MailFolder.get_or_none(mailbox_id=mail.mailbox_id, name=mail.folder)
    reads = MailServer.filter(mailbox_id=mail.mailbox_id, direction=MailDirection.IN)
    here = await reads.filter(folder=mail.folder).exists()
    if folder is None or folder.numbering != mail.uidvalidity or not here:
        message = "It was never fetched, and the mailbox reads another account or folder by now."
        raise invalid("mailId", message)
    mail.attempts, mail.reason = 0, "It is fetched again at the next look."
    await mail.save(update_fields=["attempts", "reason"])
    await _recorded(mail, by, "retry", [("attempts", None, "0")])
    return mail


async def _waiting(id: int, by: OperatorCaller) -> InboundMail:
    """A quarantined mail they may decide on, held. Raises NotFound, NotPermitted, InvalidInput."""
    sight = await sight_for(by)
    mail = await held(id, reviewable(sight))
    if mail is None:
        raise NotFound
    if not (sight.has(Right.TICKETS_WRITE) or sight.has(Right.ADMINISTER)):
        raise NotPermitted("REVIEW")
    if mail.state is not InboundState.QUARANTINED:
        raise invalid("mailId", "It does not wait for a decision (any more).")
    return mail


async def held(id: int, seen: Condition = ALWAYS) -> InboundMail | None:
    """The row, nobody else's until the unit ends; None where there is none, or none seen."""
    to = Statement()
    sql = f"SELECT t.* FROM inbound_mail t WHERE t.id = {to.add(id)} AND {seen.sql(to)}"
    if to.postgres:
        sql += " FOR UPDATE OF t"
    found = await instances(InboundMail, sql, to)
    return found[0] if found else None


async def _decided(
    mail: InboundMail, review: dict[str, Any], by: OperatorCaller, verb: str
) -> InboundMail:
    mail.review = review
    mail.state, mail.attempts, mail.next_try = InboundState.RECEIVED, 0, None
    await mail.save(update_fields=["review", "state", "attempts", "next_try"])
    change = next(iter(review.items()))
    await _recorded(mail, by, verb, [(change[0], None, str(change[1]))])
    return mail


async def _recorded(
    mail: InboundMail,
    by: OperatorCaller,
    verb: str,
    changes: Sequence[tuple[str, str | None, str | None]],
) -> None:
    await record_change(by, KIND, mail, verb, list(changes))
    record(MailboxChanged(mail.mailbox_id))
