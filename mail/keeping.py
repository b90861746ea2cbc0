"""The first transaction: a mail's bytes, its row in the log and the checkpoint, together.

Nothing is parsed here but a few headers, and the server's flags are neither read nor written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from mail.checkpoints import Place, advance, past, silent_before
from mail.head import Head, head_of
from mail.imap import Facts, Fetched, Imap
from mail.leases import still_ours
from mail.losses import noting
from mail.wire import Lost
from models.mail_enums import InboundState
from models.mailboxes import MailFolder
from models.mails import InboundMail
from models.sql import Statement, clock, rows

log = structlog.get_logger()

LARGEST = 25 * 1024 * 1024
"""Bytes; of a larger mail only the head is fetched."""


@dataclass(frozen=True)
class Reading:
    """A folder under way: on which line, from where on, and who is told of each new mail."""

    client: Imap
    place: Place
    folder: MailFolder
    uidnext: int
    """0 where the server does not say."""
    arrived: Callable[[], None]

    async def facts(self, uids: Sequence[int]) -> dict[int, Facts | None]:
        """Of those that are there; None where the server tells too little of one."""
        async with noting(self.place, self.folder, uids):
            found = await self.client.facts(uids)
            silent = [one for one in uids if one not in found]
            there = await self.client.still(silent)
        unreal = {one for one in silent if one not in there or 0 < self.uidnext <= one}
        return {one: found.get(one) for one in uids if one not in unreal}

    async def take(self, uid: int, facts: Facts | None) -> bool:
        """Keep one mail and move the checkpoint past it; whether there is a new row."""
        async with noting(self.place, self.folder, [uid], facts):
            if facts is None:
                raise Lost(f"it lists mail {uid}, and does not say what it is")
            return await self._take(uid, facts)

    async def _take(self, uid: int, facts: Facts) -> bool:
        folder = self.folder
        older = facts.at is not None and facts.at < folder.baseline_at
        if older and uid <= folder.baseline_until:
            await past(self.place, folder, uid)
            return False
        large = facts.size > LARGEST
        fetched = await (self.client.head(uid) if large else self.client.fetch(uid))
        if fetched is None:
            if await self.client.still([uid]):
                raise Lost(f"it lists mail {uid}, and does not give it out")
            return False  # another program has taken it away meanwhile
        made = await unit_of_work(lambda: _row(self.place, folder, uid, fetched, facts))
        folder.last_uid = max(folder.last_uid, uid)
        if made:
            self.arrived()
        return made


async def _row(place: Place, folder: MailFolder, uid: int, fetched: Fetched, facts: Facts) -> bool:
    """Transaction 1; whether the mail was new."""
    await still_ours(place.server.id, place.owner)
    now = await clock()
    too_large = facts.size > LARGEST
    head, digest = shown_head(fetched.raw), "" if too_large else sha256(fetched.raw).hexdigest()
    await advance(folder, uid)
    if await _known(place, folder, uid, head, digest):
        return False
    if digest:
        await keep_raw(digest, fetched.raw)
    received_at = min(facts.at or fetched.at or now, now)
    await InboundMail.create(
        mailbox_id=place.mailbox.id,
        folder=folder.name,
        uidvalidity=folder.numbering,
        uid=uid,
        raw_sha256=digest,
        message_id=head.message_id,
        sender=head.sender,
        subject=head.subject,
        machine=head.machine,
        state=InboundState.TOO_LARGE if too_large else InboundState.RECEIVED,
        reason=f"{facts.size:,} bytes: mails may have {LARGEST:,}" if too_large else "",
        silent=received_at < silent_before(place, folder),
        size=facts.size,
        received_at=received_at,
        created_at=now,
    )
    record(MailboxChanged(place.mailbox.id))
    return True


def shown_head(raw: bytes) -> Head:
    """What the log shows; nothing where headers break us: the mail is kept all the same."""
    try:
        return head_of(raw)
    except Exception:
        log.exception("headers not read")
        return Head()


async def _known(place: Place, folder: MailFolder, uid: int, head: Head, digest: str) -> bool:
    """Whether it has a row: this one, or, renumbered, the same bytes under the same id."""
    here = InboundMail.filter(mailbox_id=place.mailbox.id, folder=folder.name)
    if await here.filter(uidvalidity=folder.numbering, uid=uid).exists():
        return True
    if uid > folder.baseline_until or not (digest or head.message_id):
        return False
    same = here.filter(message_id=head.message_id, raw_sha256=digest)
    if not digest:
        same = same.filter(state=InboundState.TOO_LARGE)
    return await same.exclude(uidvalidity=folder.numbering).exists()


async def keep_raw(digest: str, raw: bytes) -> None:
    """Within a unit of work: each once."""
    to = Statement()
    sql = f"""
        INSERT INTO raw_mail (sha256, content) VALUES ({to.add(digest)}, {to.add(raw)})
        ON CONFLICT (sha256) DO NOTHING RETURNING sha256"""
    await rows(sql, to)
