"""What templates can say: of the ticket, the contact, the department, and of nothing else.

Only what a contact may read goes in, whoever the mail is to: no note, no event, no file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import nh3
from markupsafe import Markup, escape

from models.desk import Category, Department
from models.enums import VISIBLE_KINDS, EntryKind
from models.mail_enums import CONTACT_MAILS, MailKind
from models.mails import OutboundMail
from models.people import Contact, Operator
from models.tickets import Ticket
from models.timeline import TimelineEntry

MAGIC_LINK = "{{magic_link}}"
"""Stands for the link until the mail is put together: no database holds what opens a ticket."""
SECRET_URL = "{{secret_url}}"  # noqa: S105 - stands for one, likewise
LAST = (7, 14)
"""How many of the last posts are offered."""
ITEMS_MOST = 100
"""Notices that a digest lists."""
_TAGS = nh3.ALLOWED_TAGS - {"img"}
INPUT = ("subject", "mailbox", "address", "direction", "state", "error")
"""What mails that are about no ticket are given besides: too large, alerts of mailboxes."""
Variables = dict[str, Any]
_set_password_urls: list[str | None] = [None]


def use_set_password_url(url: str | None) -> None:
    """Said once by the composition root: where contacts without a password can set one."""
    _set_password_urls[:] = [url]


async def variables_of(mail: OutboundMail) -> Variables:
    """All of a mail's, of what is committed now."""
    ticket = await Ticket.get_or_none(id=mail.ticket_id or 0)
    department = await Department.get_or_none(id=mail.department_id or 0)
    contact = await Contact.get_or_none(id=mail.contact_id or 0)
    entry = await _entry(mail)
    to_contact = mail.kind in CONTACT_MAILS
    signature = await _signature(department, entry) if to_contact else ""
    posts = await _posts(mail) if to_contact else []
    return {
        "contact": {
            "name": contact.name if contact else mail.recipient_name,
            "email": mail.recipient,
        },
        "ticket": await _ticket(ticket),
        "department": {
            "name": department.name if department else "",
            "email": department.email if department else "",
        },
        "staff_name": department.staff_name if department else "",
        "signature": signature,
        "signature_html": lines(signature),
        "post": await _post(entry) if entry is not None and to_contact else NO_POST,
        **{f"last_{count}_posts": posts[-count:] for count in LAST},
        "magic_link": MAGIC_LINK if mail.magic_link_id is not None else "",
        "set_password_url": _set_password_url(mail, contact),
        "closed": bool(mail.input.get("closed")),
        "by": str(mail.input.get("by", "")),
        "items": mail.input.get("items", [])[:ITEMS_MOST],
        "more": max(0, len(mail.input.get("items", [])) - ITEMS_MOST),
        "input": dict(mail.input),
    }


NO_POST = {"author": "", "date": "", "text": "", "html": Markup("")}


def _set_password_url(mail: OutboundMail, contact: Contact | None) -> str:
    """Where they can set a password, for those who have none, and who ask."""
    if mail.kind is MailKind.PASSWORD_RESET:
        return SECRET_URL
    if contact is None or contact.password_hash:
        return ""
    return _set_password_urls[0] or ""


async def _ticket(ticket: Ticket | None) -> Variables:
    if ticket is None:
        return {"number": "", "subject": "", "category": "", "opened": "", "contact": ""}
    category = await Category.get_or_none(id=ticket.chosen_category_id or 0)
    contact = await Contact.get(id=ticket.contact_id)
    return {
        "number": ticket.id,
        "subject": ticket.subject,
        "category": category.name if category else "",
        "opened": _date(ticket.created_at),
        "contact": contact.display_name,
    }


async def _entry(mail: OutboundMail) -> TimelineEntry | None:
    """The post it is about, if contacts can read that."""
    return await TimelineEntry.get_or_none(
        ticket_id=mail.ticket_id or 0, number=mail.entry_number or 0, kind__in=list(VISIBLE_KINDS)
    )


async def _posts(mail: OutboundMail) -> list[Variables]:
    """The last ones up to what it is about, the oldest first."""
    found = TimelineEntry.filter(ticket_id=mail.ticket_id or 0, kind__in=list(VISIBLE_KINDS))
    if mail.entry_number is not None:
        found = found.filter(number__lte=mail.entry_number)
    return [await _post(one) for one in reversed(await found.order_by("-number").limit(max(LAST)))]


async def _post(entry: TimelineEntry) -> Variables:
    return {
        "author": await _author(entry),
        "date": _date(entry.created_at),
        "text": entry.body_text,
        "html": Markup(nh3.clean(entry.body, tags=_TAGS)),  # noqa: S704 - it is clean
    }


async def _author(entry: TimelineEntry) -> str:
    """As contacts see them: the department's name for its operators, where it has one."""
    if entry.contact_id is not None:
        contact = await Contact.get_or_none(id=entry.contact_id)
        return contact.display_name if contact else ""
    if entry.staff_name or entry.operator_id is None:
        return entry.staff_name or entry.automation
    operator = await Operator.get_or_none(id=entry.operator_id)
    return operator.name if operator else ""


async def _signature(department: Department | None, entry: TimelineEntry | None) -> str:
    """The operator's own, where they are wanted under replies, and the department's."""
    if department is None:
        return ""
    operator = None
    if department.personal_signatures and entry and entry.kind is EntryKind.OPERATOR_REPLY:
        operator = await Operator.get_or_none(id=entry.operator_id or 0)
    own = operator.signature if operator is not None else ""
    return "\n\n".join(filter(None, (own, department.signature)))


def lines(text: str) -> Markup:
    """Plain text as HTML, line by line."""
    return Markup("<br>\n").join(escape(line) for line in text.split("\n"))


def _date(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def sample(*, full: bool) -> Variables:
    """All there can be, made up: what templates are tried on; or as little as there can be."""
    post = {"author": "Anna", "date": "2026-01-31 08:00 UTC", "text": "…", "html": Markup("…")}
    text, posts = ("…", [post, post]) if full else ("", [])
    item = {"kind": MailKind.NEW_TICKET.value, "number": 1, "subject": "…", "by": text}
    given: Mapping[str, Any] = dict.fromkeys(INPUT, text)
    return {
        "contact": {"name": text, "email": text},
        "ticket": {"number": 1, **dict.fromkeys(("subject", "category", "opened"), text)}
        | {"contact": text},
        "department": {"name": text, "email": text},
        "staff_name": text,
        "signature": text,
        "signature_html": Markup(""),
        "post": post if full else NO_POST,
        **{f"last_{count}_posts": posts for count in LAST},
        "magic_link": MAGIC_LINK if full else "",
        "set_password_url": text,
        "closed": full,
        "by": text,
        "items": [item] if full else [],
        "more": 1 if full else 0,
        "input": dict(given),
    }
