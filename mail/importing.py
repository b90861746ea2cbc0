"""The second transaction: a kept mail becomes what it is, once, with everything that follows."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import zip_longest
from typing import Protocol

import structlog

from actions import mailing
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
from models.mail_enums import InboundState, MailKind
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail, RawMail
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
    return await _imported(id, asyncio.create_task(_read(id, files)))


async def _read(id: int, files: Files) -> Read | InboundState:
    """Parse it, or say what has become of it already."""
    row = await InboundMail.get(id=id)
    if row.state not in WAITING:
        return row.state
    raw = await RawMail.get(sha256=row.raw_sha256)
    message = await parse_apart(raw.content)
    return Read(message, *await _stored(row, message, files))


async def _imported(id: int, reading: "asyncio.Task[Read | InboundState]") -> InboundState:
    try:
        read = await reading
        if isinstance(read, InboundState):
            return read
        return await unit_of_work(lambda: _import(id, read))
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
        decision = await reviewed(row.review, facts)
    done = await apply(arrived, decision)
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


async def tell_senders_of_large() -> None:
    """Who sent what was too large is told once a day, if anybody can be."""
    untold = InboundMail.filter(state=InboundState.TOO_LARGE, attempts=0).limit(AT_ONCE)
    for row in await untold:
        await unit_of_work(lambda row=row: _tell_of_large(row.id))


async def _tell_of_large(id: int) -> None:
    row = await held(id)
    if row is None or row.attempts:
        return
    mailbox = await Mailbox.get(id=row.mailbox_id)
    row.attempts = 1
    row.department_id = mailbox.default_department_id
    await row.save(update_fields=["attempts", "department_id"])
    to = mailing.To(row.sender)
    if row.silent or not row.sender or await mailing.is_ours(row.sender):
        return
    since = await clock() - timedelta(days=1)
    told = OutboundMail.filter(kind=MailKind.TOO_LARGE, recipient=row.sender, created_at__gt=since)
    if not await told.exists():
        about = mailing.About(department_id=row.department_id, input={"subject": row.subject})
        await mailing.queue(MailKind.TOO_LARGE, to, about)


@dataclass
class Importer:
    """Imports what was kept, one after the other; any number of processes may."""

    files: Files

    def __post_init__(self) -> None:
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="mail importer")

    async def stop(self) -> None:
        """End; a unit under way completes by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    async def _run(self) -> None:
        while True:
            try:
                while await self.once():
                    pass
            except Exception:
                log.exception("mail importer failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._news.wait()
            self._news.clear()

    async def once(self) -> int:
        """Import what waits, in the order it came; how many were taken.

        While one is written the next is parsed, in its process.
        """
        waiting = await self._waiting()
        reading: asyncio.Task[Read | InboundState] | None = None
        try:
            for id, following in zip_longest(waiting, waiting[1:]):
                ready = reading or self._begun(id)
                await asyncio.wait([ready])
                reading = self._begun(following) if following is not None else None
                await _imported(id, ready)
        finally:
            if reading is not None:
                reading.cancel()
        await tell_senders_of_large()
        return len(waiting)

    def _begun(self, id: int) -> "asyncio.Task[Read | InboundState]":
        return asyncio.create_task(_read(id, self.files), name="mail being read")

    async def _waiting(self) -> list[int]:
        now = await clock()
        new = InboundMail.filter(state=InboundState.RECEIVED).order_by("id").limit(AT_ONCE)
        again = InboundMail.filter(state=InboundState.FAILED, next_try__lte=now).limit(AT_ONCE)
        return [one.id for query in (new, again) for one in await query.only("id")]
