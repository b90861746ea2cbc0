"""Mails put into the log as fetching does, and imported: what the cases of `test_cases*` do."""

from hashlib import sha256
from itertools import count

from mail.head import head_of
from mail.importing import import_mail
from models.mailboxes import Mailbox
from models.mails import InboundMail, RawMail
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

_uids = count(1)


class Memory:
    """Where attachments go."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    async def put(self, key: str, content: bytes) -> None:
        self.stored[key] = content

    async def remove(self, key: str) -> None:
        self.stored.pop(key, None)

    def media_type(self, content: bytes, name: str) -> str:
        return "image/png" if content.startswith(b"\x89PNG") else "application/octet-stream"


FILES = Memory()


async def kept(box: Mailbox, raw: bytes, *, silent: bool = False, folder: str = "INBOX") -> int:
    """The row of a mail just fetched."""
    digest = sha256(raw).hexdigest()
    if not await RawMail.exists(sha256=digest):
        await RawMail.create(sha256=digest, content=raw)
    head, now = head_of(raw), await clock()
    row = await InboundMail.create(
        mailbox_id=box.id, folder=folder, uidvalidity=1, uid=next(_uids), raw_sha256=digest,
        message_id=head.message_id, sender=head.sender, subject=head.subject, silent=silent,
        size=len(raw), received_at=now, created_at=now,
    )  # fmt: skip
    return row.id


async def arrived(box: Mailbox, raw: bytes, *, silent: bool = False) -> InboundMail:
    """The row of a mail, imported."""
    id = await kept(box, raw, silent=silent)
    await import_mail(id, FILES)
    return await InboundMail.get(id=id)


async def ticket_of(row: InboundMail) -> Ticket:
    assert row.ticket_id is not None, (row.state, row.reason)
    return await Ticket.get(id=row.ticket_id)


async def entries_of(row: InboundMail) -> list[TimelineEntry]:
    return await TimelineEntry.filter(ticket_id=row.ticket_id).order_by("number")


async def entry_of(row: InboundMail) -> TimelineEntry:
    return await TimelineEntry.get(ticket_id=row.ticket_id, number=row.entry_number)


def mail(
    body: str | bytes = "Good morning.",
    *,
    sender: str = "Maria <maria@customer.example>",
    to: str = "immigrazione@demo.test",
    subject: str = "A question",
    id: str | None = None,
    **headers: str,
) -> bytes:
    """A mail in bytes; headers by name, with _ for -."""
    message_id = f"{next(_uids)}@customer.example" if id is None else id
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    lines += [f"Message-ID: <{message_id}>"] if message_id else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + (body.encode() if isinstance(body, str) else body)
