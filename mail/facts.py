"""What the desk knows that matters for one mail: a few look-ups by index, whatever its size."""

from datetime import timedelta
from typing import Any

from tortoise.queryset import QuerySet

from actions.keys import ring
from actions.mail_tokens import bare, ticket_of_message_id, ticket_of_reply_address
from mail.decisions import Append, Decision, Facts, Known, NewTicket, Quarantine
from mail.message import Machine, Message
from mail.route import is_automatic, tagged, verdict
from models.circles import circle_of
from models.desk import Department
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact, Operator
from models.sql import Statement, clock, is_postgres, rows
from models.tickets import Ticket

WITHIN = timedelta(hours=1)
STANDS_FOR = timedelta(days=1)
"""So long a ticket stands for a sender's too many."""
TICKETS = 20
"""That ids of one mail may lead to."""
OPENED = (InboundState.IMPORTED, InboundState.THROTTLED, InboundState.AUTOMATIC)


async def facts_of(message: Message, row: InboundMail, mailbox: Mailbox) -> Facts:
    """Within the second transaction."""
    departments, ours = await _addresses(mailbox)
    contact = await _contact(message.sender.address)
    circle = await _circle(contact)
    ids = [*message.in_reply_to, *reversed(message.references)]
    if message.report is not None:
        ids = list(message.report.original_ids)
    by_address, forged = await _by_address(message)
    number = tagged(message.subject)
    address = message.sender.address or ""
    operator = Operator.filter(email__in=[address, bare(address)])
    return Facts(
        departments=departments,
        default_department_id=row.department_id or mailbox.default_department_id,
        ours=ours,
        archived=row.archived,
        instances=frozenset() if row.archived else ring().instances,
        own_message=not row.archived and ticket_of_message_id(message.message_id) is not None,
        duplicate=await _duplicate(row),
        contact_id=contact.id if contact is not None else None,
        blocked=contact is not None and contact.blocked,
        circle=circle,
        from_operator=await operator.exists(),
        verdict=verdict(message, mailbox.authserv_id),
        by_address=by_address if mailbox.plus_addressing else None,
        forged_token=forged,
        by_id=await _by_ids(ids, mailbox, circle),
        by_subject=await _known(number) if number is not None else None,
        bounced_id=await _bounced(message),
        problem_waits=message.report is not None and await _problem_waits(mailbox),
        opened_lately=0 if row.silent else await _opened(address, mailbox),
        standing=await _standing(address, mailbox),
    )


async def reviewed(review: dict[str, Any], message: Message, facts: Facts) -> Decision:
    """What somebody decided of a mail that waited, whatever we would have.

    A machine's stays a machine's. What can no longer be done waits for another decision.
    """
    machine = is_automatic(message)
    if "ticket" not in review:
        department_id = review.get("department", facts.default_department_id)
        listed = message.machine is Machine.LIST
        return NewTicket(department_id, "accepted after review", machine=machine, listed=listed)
    ticket = await _known(review["ticket"])
    if ticket is None or ticket.closed:
        gone = "closed" if ticket is not None else "deleted"
        return Quarantine(
            f"the ticket it was to be attached to is {gone}", facts.default_department_id, ticket
        )
    return Append(ticket, "attached after review", machine=machine, reviewed=True)


async def _addresses(mailbox: Mailbox) -> tuple[dict[str, int], frozenset[str]]:
    """Of the departments this mailbox serves, and all the desk has."""
    served: dict[str, int] = {}
    ours = {one.address for one in await Mailbox.all().only("address")}
    for department in await Department.all().order_by("id"):
        addresses = [one for one in (department.email, *department.aliases) if one]
        ours.update(addresses)
        if department.incoming_mailbox_id == mailbox.id:
            for one in addresses:
                served.setdefault(one.lower(), department.id)
    return served, frozenset(ours)


async def _contact(address: str | None) -> Contact | None:
    """Whose address it is, or who they turned out to be; no other mail of theirs is imported now.

    Else several at once would each find that they are not too many.
    """
    found = await Contact.get_or_none(email=address) if address else None
    for _ in range(20):
        if found is None or found.merged_into_id is None:
            break
        found = await Contact.get_or_none(id=found.merged_into_id)
    if found is not None and is_postgres():
        to = Statement()
        await rows(f"SELECT id FROM contact WHERE id = {to.add(found.id)} FOR NO KEY UPDATE", to)
    return found


async def _circle(contact: Contact | None) -> frozenset[int]:
    return await circle_of(contact.id) | {contact.id} if contact is not None else frozenset()


async def _known(ticket_id: int) -> Known | None:
    """A ticket that is not deleted; merged ones lead on."""
    for _ in range(20):
        ticket = await Ticket.get_or_none(id=ticket_id, deleted_at=None)
        if ticket is None:
            return None
        if ticket.merged_into_id is None:
            return Known(
                ticket.id, ticket.contact_id, ticket.closed, ticket.subject, ticket.department_id
            )
        ticket_id = ticket.merged_into_id
    return None


async def _by_address(message: Message) -> tuple[Known | None, bool]:
    """The ticket of the first token we signed; whether there was one we did not."""
    forged = False
    for address in message.delivered_to:
        found = ticket_of_reply_address(address)
        if found is not None and found[1]:
            return await _known(found[0]), forged
        forged = forged or found is not None
    return None, forged


async def _by_ids(ids: list[str], mailbox: Mailbox, circle: frozenset[int]) -> Known | None:
    """By what we minted, or by mails that are in a ticket already, the nearest first.

    Ids can be used again, by others too: where one leads to several conversations, or several ids
    do, it is one that the sender has a part in; else the first.
    """
    stored: dict[str, list[int]] = {}
    if ids:
        mails = InboundMail.filter(
            mailbox_id=mailbox.id, message_id__in=ids, ticket_id__not_isnull=True
        ).exclude(state=InboundState.QUARANTINED)
        for one in await mails.order_by("id"):
            stored.setdefault(one.message_id, []).append(one.ticket_id or 0)
    tickets: list[int] = []
    for id in ids:
        minted = ticket_of_message_id(id)
        tickets += [minted] if minted else []
        tickets += stored.get(id, [])
    first: Known | None = None
    for ticket_id in list(dict.fromkeys(tickets))[:TICKETS]:
        known = await _known(ticket_id)
        if known is not None and known.contact_id in circle:
            return known
        first = first or known
    return first


async def _bounced(message: Message) -> str:
    """The first id of a bounce that is a mail of ours, and that somebody who had it reports.

    A report of a mail says whom it was for, or gives it back; an id alone anybody can know.
    """
    report = message.report
    if report is None:
        return ""
    ids = [one for one in report.original_ids if ticket_of_message_id(one) is not None]
    if not ids:
        return ""
    found = {one.message_id: one for one in await OutboundMail.filter(message_id__in=ids)}
    for id in ids:
        mail = found.get(id)
        named = mail is not None and mail.recipient.lower() in report.recipients
        if named or (mail is not None and id in report.returned_ids):
            return id
    return ""


async def _problem_waits(mailbox: Mailbox) -> bool:
    """One bounce of no mail of ours a day is enough to look at: others may be a forger's."""
    since = await clock() - timedelta(days=1)
    return await InboundMail.filter(
        mailbox_id=mailbox.id,
        state=InboundState.QUARANTINED,
        machine=Machine.BOUNCE.value,
        created_at__gt=since,
    ).exists()


async def _duplicate(row: InboundMail) -> bool:
    """Whether the same bytes under the same id were there before, in this mailbox."""
    same = InboundMail.filter(
        mailbox_id=row.mailbox_id,
        message_id=row.message_id,
        raw_sha256=row.raw_sha256,
        id__lt=row.id,
    ).exclude(state=InboundState.DUPLICATE)
    return await same.exists()


def _of(address: str, mailbox: Mailbox) -> "QuerySet[InboundMail]":
    """First messages by mail from an address; "" is all from whom it cannot be made out."""
    return InboundMail.filter(sender=address, mailbox_id=mailbox.id, entry_number=1)


async def _opened(address: str, mailbox: Mailbox) -> int:
    """Within the hour."""
    since = await clock() - WITHIN
    return await _of(address, mailbox).filter(created_at__gt=since, state__in=list(OPENED)).count()


async def _standing(address: str, mailbox: Mailbox) -> Known | None:
    since = await clock() - STANDS_FOR
    throttled = _of(address, mailbox).filter(state=InboundState.THROTTLED, created_at__gt=since)
    row = await throttled.order_by("-id").first()
    known = await _known(row.ticket_id) if row is not None and row.ticket_id else None
    return known if known is not None and not known.closed else None


def recipients(message: Message) -> list[str]:
    """Addresses it came by, for the log."""
    return [bare(one) for one in message.delivered_to][:20]
