"""A mail goes into the queue again."""

from actions import magic_links, password_resets
from actions.mail_delivery import moved
from actions.mailing import To
from actions.refusals import invalid
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from models.people import Contact
from models.tickets import Ticket

ENDED_BADLY = (OutboundState.FAILED, OutboundState.UNCERTAIN, OutboundState.BOUNCED)
MAY_GO = (*ENDED_BADLY, OutboundState.QUEUED)
"""One that waits for its time may go at once."""


async def again(mail: OutboundMail, path: str) -> None:
    """Within a unit of work: send it as if for the first time; raises InvalidInput with `path`.

    To the contact's address of now; with the same Message-ID, and in the same words unless the
    address is another. What it opens is made anew: that of then may have been revoked, or expired.
    """
    columns = {"attempts": 0, "doubts": 0, "next_try": None, "reason": "", "lease_owner": ""}
    to = await _to(mail, path)
    if to is not None and to.address != mail.recipient:
        unsaid = dict.fromkeys(("subject", "text", "html", "headers"))
        columns |= {"recipient": to.address, "recipient_name": to.name, **unsaid}
    if not await moved(mail, OutboundState.QUEUED, among=MAY_GO, **columns):
        raise invalid(path, "It is being sent just now.")
    await _opens_again(mail)


async def _opens_again(mail: OutboundMail) -> None:
    if mail.contact_id is None:
        return
    if mail.kind is MailKind.PASSWORD_RESET:
        mail.input = {**mail.input, **await password_resets.issue(mail.contact_id)}
    elif mail.magic_link_id is not None and mail.ticket_id is not None:
        mail.magic_link_id = (await magic_links.issue(mail.contact_id, mail.ticket_id)).id
    await mail.save(update_fields=["input", "magic_link_id"])


async def _to(mail: OutboundMail, path: str) -> To | None:
    """Where its contact is written to now; None for a mail to nobody who is known."""
    contact = await Contact.get_or_none(id=mail.contact_id or 0)
    if contact is None:
        return None
    to = To.contact(contact, await Ticket.get_or_none(id=mail.ticket_id or 0))
    if to is None:
        raise invalid(path, "The contact has no address that may be written to.")
    return to
