"""The second transaction: a kept mail becomes what it is, once, with everything that follows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

import structlog

from actions.events import MailboxChanged
from actions.inbound_review import held
from actions.texts import Body
from actions.unit_of_work import record, unit_of_work
from actions.uploads import StoredFile, is_forbidden
from mail.applying import Arrived, apply
from mail.facts import facts_of, reviewed
from mail.message import Message
from mail.parse import parse_apart
from mail.route import route
from models.desk import Desk
from models.documents import Document
from models.mail_enums import InboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, RawMail
from models.sql import clock

log = structlog.get_logger()

WAITING = frozenset({InboundState.RECEIVED, InboundState.FAILED})
TRIES = 3
"""By itself; then an administrator says when."""
AGAIN_AFTER = (timedelta(minutes=1), timedelta(minutes=10))
LOOK_EVERY_S = 1.0
AT_ONCE = 50
REASON = 1000


class Files(Protocol):
    """Where attachments go."""

    async def put(self, key: str, content: bytes) -> None:
        """Store bytes under a key; the same again does no harm."""

    async def remove(self, key: str) -> None:
        """Take them away; what is not there does no harm."""

    def media_type(self, content: bytes, name: str) -> str:
        """What they are, by themselves."""
        ...


@dataclass(frozen=True)
class Read:
    """A kept mail as it was parsed, its files put away; nothing is decided."""

    message: Message
    files: Sequence[StoredFile]
    notes: Sequence[str]


async def import_mail(id: int, files: Files) -> InboundState:
    """Decide what a kept mail is, and do it; the state it is in afterwards.

    A mail in a final state stays as it is, whoever asks and however often. What fails is FAILED,
    with the reason, and nothing of it is done.
    """
    return await finish(id, asyncio.create_task(read_mail(id, files)), files)


async def read_mail(id: int, files: Files) -> Read | InboundState:
    """Parse it, or say what has become of it already."""
    row = await InboundMail.get(id=id)
    if row.state not in WAITING:
        return row.state
    raw = await RawMail.get(sha256=row.raw_sha256)
    message = await parse_apart(raw.content)
    return Read(message, *await _stored(row, message, files))


async def finish(
    id: int, reading: "asyncio.Task[Read | InboundState]", files: Files
) -> InboundState:
    """The rest of `import_mail`, once it is read."""
    try:
        read = await reading
        if isinstance(read, InboundState):
            return read
        state = await unit_of_work(lambda: _import(id, read))
        await _tidy(read, files)
        return state
    except Exception as error:
        log.exception("mail not imported", mail=id)
        why = f"{type(error).__name__}: {error}"
    return await unit_of_work(lambda: _failed(id, why))


async def _stored(
    row: InboundMail, message: Message, files: Files
) -> tuple[list[StoredFile], list[str]]:
    """Its files, put away under keys of their own: tried again they are the same."""
    if not message.files:
        return [], []
    desk = await Desk.get(id=1)
    stored: list[StoredFile] = []
    notes: list[str] = []
    for place, file in enumerate(message.files):
        kind = files.media_type(file.content, file.name)
        if is_forbidden(kind, desk.forbidden_types) or len(file.content) > desk.upload_limit_bytes:
            notes.append(f"{file.name} ({kind}, {len(file.content):,} bytes) was not taken")
            continue
        digest = sha256(file.content).hexdigest()
        key = f"{digest[:2]}/{digest[2:4]}/{digest}-{row.id}-{place}"
        await files.put(key, file.content)
        id = file.content_id if file.inline else ""
        stored.append(StoredFile(file.name, len(file.content), kind, digest, key, id))
    return stored, notes


async def _tidy(read: Read, files: Files) -> None:
    """Take away files that became nobody's: of a duplicate, a loop, what waits for a decision."""
    keys = {one.storage_key for one in read.files}
    if not keys:
        return
    kept = await Document.filter(storage_key__in=list(keys)).only("storage_key")
    try:
        for key in keys.difference(one.storage_key for one in kept):
            await files.remove(key)
    except Exception as error:  # noqa: BLE001 - the mail is in, whatever the storage says
        log.warning("files not taken away", error=type(error).__name__)


async def _import(id: int, read: Read) -> InboundState:
    row = await held(id)
    if row is None or row.state not in WAITING:
        return row.state if row is not None else InboundState.IGNORED
    mailbox = await Mailbox.get(id=row.mailbox_id)
    message = read.message
    facts = await facts_of(message, row, mailbox)
    body = Body(message.html, message.text)
    arrived = Arrived(row, mailbox, message, facts, body, read.files, read.notes)
    decision = route(message, facts)
    if row.review is not None:
        decision = await reviewed(row.review, message, facts)
    done = await apply(arrived, decision)
    row.machine = message.machine.value if message.machine is not None else ""
    if done.state is InboundState.QUARANTINED:
        row.review = None
    row.state, row.reason = done.state, done.reason[:REASON]
    row.department_id, row.contact_id = done.department_id, done.contact_id
    row.ticket_id, row.entry_number = done.ticket_id, done.entry_number
    row.sender, row.subject = message.sender.address or "", message.subject
    row.details = done.details
    row.attempts += 1
    row.next_try = None
    await row.save()
    record(MailboxChanged(row.mailbox_id))
    log.info("mail imported", mail=row.id, state=row.state.value, ticket=row.ticket_id)
    return row.state


async def _failed(id: int, why: str) -> InboundState:
    row = await held(id)
    if row is None or row.state not in WAITING:
        return row.state if row is not None else InboundState.IGNORED
    row.state = InboundState.FAILED
    row.reason = why[:REASON].replace("\0", "")
    row.attempts += 1
    row.next_try = (
        await clock() + AGAIN_AFTER[min(row.attempts, len(AGAIN_AFTER)) - 1]
        if row.attempts < TRIES
        else None
    )
    await row.save()
    record(MailboxChanged(row.mailbox_id))
    return row.state
