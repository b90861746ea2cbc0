"""From a row to bytes: the same ones whenever it is asked, so that a second try is no second mail.

Headers are written down with the words when a mail is first put together; the Message-ID and the
date are the row's. What opens a ticket or sets a password is put in here, and nowhere else.
"""

import re
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape

from actions import magic_links
from actions.keys import ring
from actions.mail_delivery import CARRYING
from actions.mail_tokens import reply_address
from actions.texts import one_line
from mail.addresses import folded, named, on_the_line
from mail.variables import MAGIC_LINK, SECRET_URL
from models.desk import Department
from models.magic_links import MagicLink
from models.mail_enums import CONTACT_MAILS, MailKind
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail

Headers = list[list[str]]
REFERENCES_LIMIT = 1500
"""Characters; longer ones are refused by some servers."""
KNOWN_MOST = 50
"""Earlier mails of a conversation that are looked at."""
REDACTED = "[link]"
_ANSWERS = frozenset({MailKind.ACKNOWLEDGEMENT, MailKind.TOO_LARGE})
_OF_IDS = frozenset({"Message-ID", "In-Reply-To", "References"})
_OF_PEOPLE = frozenset({"From", "To", "Reply-To"})
_USABLE_ID = re.compile(r"[!-;=?-~]{1,240}")


async def headers_of(mail: OutboundMail, mailbox: Mailbox) -> Headers:
    """All but subject, id and date, from what is committed now."""
    department = await Department.get_or_none(id=mail.department_id or 0)
    address = (department.email if department is not None else "") or mailbox.address
    name = mailbox.sender_name or (department.name if department is not None else "")
    headers = [
        ["From", named(one_line(name or mailbox.name), on_the_line(address))],
        ["To", named(one_line(mail.recipient_name), on_the_line(mail.recipient))],
    ]
    if mail.kind in CONTACT_MAILS and mail.ticket_id is not None and mailbox.plus_addressing:
        answers = reply_address(mail.ticket_id, mailbox.address)
        headers.append(["Reply-To", on_the_line(answers)])
    earlier = await _earlier(mail)
    if earlier:
        headers.append(["In-Reply-To", f"<{earlier[-1]}>"])
        headers.append(["References", " ".join(f"<{one}>" for one in trimmed(earlier))])
    return [*headers, *_machine_headers(mail), ["X-Helpdesk-Loop", ring().instance]]


def _machine_headers(mail: OutboundMail) -> Headers:
    """Of what no person wrote (RFC 3834, 5): nobody's machine is to answer it."""
    if mail.kind in CARRYING:
        return []
    submitted = "auto-replied" if mail.kind in _ANSWERS else "auto-generated"
    return [
        ["Auto-Submitted", submitted],
        ["X-Auto-Response-Suppress", "All"],
        ["Precedence", "bulk"],
    ]


def envelope_sender(mail: OutboundMail, mailbox: Mailbox) -> str:
    """Where bounces go: to the address of a reply, to nobody for automatic mail where that works.

    Taken from From as it was written down, so that both stay one.
    """
    if mail.kind not in CARRYING and mailbox.null_return_path:
        return ""
    written = dict(mail.headers or []).get("From", "")
    return written.rpartition("<")[2].rstrip(">") or mailbox.address


async def composed(mail: OutboundMail) -> bytes:
    """The mail as it goes to the server. Raises LookupError for a row that is not rendered."""
    link = await MagicLink.get_or_none(id=mail.magic_link_id or 0)
    url = magic_links.url(link) if link is not None else ""
    secret: str = mail.input.get("secret_url", "")
    return _bytes(mail, {MAGIC_LINK: url, SECRET_URL: ring().decrypt(secret)})


def redacted(mail: OutboundMail) -> bytes:
    """The same for other eyes than the recipient's: without what opens anything."""
    return _bytes(mail, {MAGIC_LINK: REDACTED, SECRET_URL: REDACTED})


def _bytes(mail: OutboundMail, links: dict[str, str]) -> bytes:
    if mail.text is None or mail.html is None or mail.headers is None:
        raise LookupError(f"mail {mail.id} is not rendered")
    text, html = mail.text, mail.html
    for placeholder, url in links.items():
        text = text.replace(placeholder, url)
        html = html.replace(placeholder, escape(url))
    message = EmailMessage(policy=policy.SMTP)
    for name, value in mail.headers:
        if name not in _OF_IDS | _OF_PEOPLE:
            message[name] = value
    message["Subject"] = mail.subject or ""
    message["Date"] = format_datetime(mail.created_at)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{sha256(mail.message_id.encode()).hexdigest()[:32]}")
    # Python would leave the first line of ids empty, which some servers take amiss, and lose the
    # quotes of names.
    lines = [_of_ids("Message-ID", f"<{mail.message_id}>")]
    lines += [_of_ids(name, value) for name, value in mail.headers if name in _OF_IDS]
    lines += [folded(name, value) for name, value in mail.headers if name in _OF_PEOPLE]
    return "".join(lines).encode() + message.as_bytes()


def _of_ids(name: str, value: str) -> str:
    return f"{name}: {value}".replace("> <", ">\r\n <") + "\r\n"


async def _earlier(mail: OutboundMail) -> list[str]:
    """Ids of the conversation so far, the oldest first: ours to the same person, and theirs."""
    if mail.ticket_id is None:
        return []
    ours = OutboundMail.filter(ticket_id=mail.ticket_id, id__lt=mail.id, recipient=mail.recipient)
    found = [
        (one.created_at, one.message_id) for one in await ours.order_by("-id").limit(KNOWN_MOST)
    ]
    if mail.kind in CONTACT_MAILS:
        theirs = InboundMail.filter(
            ticket_id=mail.ticket_id, contact_id=mail.contact_id, created_at__lte=mail.created_at
        )
        found += [
            (one.created_at, one.message_id)
            for one in await theirs.order_by("-id").limit(KNOWN_MOST)
        ]
    return [id for _, id in sorted(found) if _USABLE_ID.fullmatch(id)]


def trimmed(ids: Sequence[str]) -> list[str]:
    """The first, which began it, and as many of the last as the header may hold."""
    kept: list[str] = []
    room = REFERENCES_LIMIT - len(ids[0]) - 3
    for id in reversed(ids[1:]):
        room -= len(id) + 3
        if room < 0:
            break
        kept.append(id)
    return [ids[0], *reversed(kept)]
