"""What the desk knows that matters for one mail: a few look-ups by index, whatever its size."""

from datetime import timedelta
from typing import Any

from actions.keys import ring
from actions.mail_tokens import ticket_of_message_id, ticket_of_reply_address
from mail.message import Message
from mail.route import (
    Append,
    Decision,
    Facts,
    Known,
    NewTicket,
    bare,
    tagged,
    verdict,
)
from models.circles import circle_of
from models.desk import Department
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact, Operator
from models.sql import clock
from models.tickets import Ticket

WITHIN = timedelta(hours=1)
STANDS_FOR = timedelta(days=1)
"""So long a ticket stands for a sender's too many."""
OPENED = (InboundState.IMPORTED, InboundState.THROTTLED, InboundState.AUTOMATIC)


async def facts_of(message: Message, row: InboundMail, mailbox: Mailbox) -> Facts:
    """Within the second transaction."""
    departments, ours = await _addresses(mailbox)
    contact = await _contact(message.sender.address)
    ids = [*message.in_reply_to, *reversed(message.references)]
    if message.report is not None:
        ids = list(message.report.original_ids)
    by_address, forged = await _by_address(message)
    number = tagged(message.subject)
    operator = Operator.filter(email=message.sender.address or "")
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
        circle=await _circle(contact),
        from_operator=await operator.exists(),
        verdict=verdict(message.authentication, mailbox.authserv_id),
        by_address=by_address if mailbox.plus_addressing else None,
        forged_token=forged,
        by_id=await _by_ids(ids, mailbox),
        by_subject=await _known(number) if number is not None else None,
        bounced_id=await _bounced(message),
        opened_lately=0 if row.silent or contact is None else await _opened(contact, mailbox),
        standing=None if contact is None else await _standing(contact, mailbox),
    )


async def reviewed(review: dict[str, Any], facts: Facts) -> Decision:
    """What somebody decided of a mail that waited, whatever we would have."""
    ticket = await _known(review["ticket"]) if "ticket" in review else None
    if ticket is not None:
        return Append(ticket, "attached after review")
    department_id = review.get("department", facts.default_department_id)
    return NewTicket(department_id, "accepted after review")


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
    """Whose address it is, or who they turned out to be."""
    found = await Contact.get_or_none(email=address) if address else None
    for _ in range(20):
        if found is None or found.merged_into_id is None:
            return found
        found = await Contact.get_or_none(id=found.merged_into_id)
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


async def _by_ids(ids: list[str], mailbox: Mailbox) -> Known | None:
    """By what we minted, or by mails that are in a ticket already, the nearest first."""
    stored = (
        {
            one.message_id: one.ticket_id
            for one in await InboundMail.filter(
                mailbox_id=mailbox.id, message_id__in=ids, ticket_id__not_isnull=True
            ).exclude(state=InboundState.QUARANTINED)
            if one.ticket_id is not None
        }
        if ids
        else {}
    )
    for id in ids:
        ticket_id = ticket_of_message_id(id) or stored.get(id)
        known = await _known(ticket_id) if ticket_id else None
        if known is not None:
            return known
    return None


async def _bounced(message: Message) -> str:
    """The first id of a bounce that is a mail of ours."""
    if message.report is None:
        return ""
    ids = [one for one in message.report.original_ids if ticket_of_message_id(one) is not None]
    if not ids:
        return ""
    found = {one.message_id for one in await OutboundMail.filter(message_id__in=ids)}
    return next((one for one in ids if one in found), "")


async def _duplicate(row: InboundMail) -> bool:
    """Whether the same bytes under the same id were there before, in this mailbox."""
    same = InboundMail.filter(
        mailbox_id=row.mailbox_id,
        message_id=row.message_id,
        raw_sha256=row.raw_sha256,
        id__lt=row.id,
    ).exclude(state=InboundState.DUPLICATE)
    return await same.exists()


async def _opened(contact: Contact, mailbox: Mailbox) -> int:
    """First messages by mail within the hour."""
    since = await clock() - WITHIN
    return await InboundMail.filter(
        contact_id=contact.id,
        mailbox_id=mailbox.id,
        created_at__gt=since,
        entry_number=1,
        state__in=list(OPENED),
    ).count()


async def _standing(contact: Contact, mailbox: Mailbox) -> Known | None:
    since = await clock() - STANDS_FOR
    row = await (
        InboundMail.filter(
            contact_id=contact.id,
            mailbox_id=mailbox.id,
            state=InboundState.THROTTLED,
            created_at__gt=since,
            entry_number=1,
        )
        .order_by("-id")
        .first()
    )
    known = await _known(row.ticket_id) if row is not None and row.ticket_id else None
    return known if known is not None and not known.closed else None


def recipients(message: Message) -> list[str]:
    """Addresses it came by, for the log."""
    return [bare(one) for one in message.delivered_to][:20]
