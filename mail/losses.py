"""A mail at which fetching fails time and again is noted and left behind: it blocks no mailbox."""

from bisect import bisect_left
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from actions.events import MailboxChanged
from actions.unit_of_work import record, unit_of_work
from mail.checkpoints import Place, advance, silent_before
from mail.imap import BATCH, Facts
from mail.leases import LeaseLost, still_ours
from mail.parsing.charsets import clean
from mail.wire import Busy, Lost, MailServerError
from models.mail_enums import InboundState
from models.mailboxes import MailFolder
from models.mails import InboundMail
from models.sql import clock

log = structlog.get_logger()

MOST = 3
"""Failures at one mail, one after the other; then it is the mail's fault."""
MOST_BUSY = 10
"""Where the server says it is busy, or cannot give out the mail before either: with all that is
waited in between, some hours."""
AGAIN_AFTER = timedelta(hours=1)
"""Then it is asked for once more: what looked like the mail's fault may have been the server's."""
REASON = 900


class Passed(Lost):
    """It failed again, and the mail is left behind: go on at once."""


def parts(folder: MailFolder, uids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Of which mails to ask at once: one by one where it went wrong last time."""
    at = bisect_left(uids, folder.lost_uid) if folder.losses else len(uids)
    yield from _batches(uids[:at])
    for one in uids[at : at + BATCH]:
        yield [one]
    yield from _batches(uids[at + BATCH :])


def _batches(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]


@asynccontextmanager
async def noting(
    place: Place, folder: MailFolder, uids: Sequence[int], facts: Facts | None = None
) -> AsyncGenerator[None]:
    """Count a failure in the block against these; the last one against a single mail passes it.

    Raises Passed then, else what the block raises. An error of ours is not the mail's fault: it is
    tried for ever.
    """
    try:
        yield
    except LeaseLost:
        raise
    except MailServerError as error:
        if await _lost(place, folder, uids, facts, error):
            raise Passed(f"mail {uids[0]} is left behind: {error}") from error
        raise
    if folder.losses and uids[-1] >= folder.lost_uid and len(uids) == 1 and facts is not None:
        await _written(place, folder, 0, 0)


async def _lost(
    place: Place,
    folder: MailFolder,
    uids: Sequence[int],
    facts: Facts | None,
    error: MailServerError,
) -> bool:
    """Whether that was once too often."""
    uid = uids[0]
    losses = folder.losses + 1 if folder.lost_uid == uid else 1
    most = MOST_BUSY if isinstance(error, Busy) or await _another(place, folder) else MOST
    log.warning("mail not fetched", mailbox=place.mailbox.id, uid=uid, losses=losses)
    if len(uids) > 1 or losses < most:
        await _written(place, folder, uid, losses)
        return False
    await unit_of_work(lambda: _behind(place, folder, uid, facts, error))
    folder.last_uid = max(folder.last_uid, uid)
    await _written(place, folder, 0, 0)
    return True


async def _another(place: Place, folder: MailFolder) -> bool:
    """Whether the mail before was left behind, too: then it may well be the server's fault."""
    rows = InboundMail.filter(
        mailbox_id=place.mailbox.id, folder=folder.name, uidvalidity=folder.numbering
    )
    last = await rows.order_by("-uid").first()
    return last is not None and last.state is InboundState.FAILED and not last.raw_sha256


async def _behind(
    place: Place, folder: MailFolder, uid: int, facts: Facts | None, error: Exception
) -> None:
    """A row without bytes, and the checkpoint past it."""
    await still_ours(place.server.id, place.owner)
    await advance(folder, uid)
    here = InboundMail.filter(mailbox_id=place.mailbox.id, folder=folder.name)
    if await here.filter(uidvalidity=folder.numbering, uid=uid).exists():
        return
    now = await clock()
    at = min((facts.at if facts else None) or now, now)
    await InboundMail.create(
        mailbox_id=place.mailbox.id,
        folder=folder.name,
        uidvalidity=folder.numbering,
        uid=uid,
        raw_sha256="",
        state=InboundState.FAILED,
        reason=reason(error),
        silent=at < silent_before(place, folder),
        size=facts.size if facts else 0,
        attempts=MOST,
        next_try=now + AGAIN_AFTER,
        received_at=at,
        created_at=now,
    )
    record(MailboxChanged(place.mailbox.id))


def reason(error: Exception) -> str:
    """Why a mail could not be fetched, in words."""
    said = str(error) if isinstance(error, Lost) else f"{type(error).__name__}: {error}"
    return f"It could not be fetched: {clean(said)[:REASON]}"


async def _written(place: Place, folder: MailFolder, uid: int, losses: int) -> None:
    async def do() -> None:
        await still_ours(place.server.id, place.owner)
        await MailFolder.filter(id=folder.id).update(lost_uid=uid, losses=losses)

    await unit_of_work(do)
    folder.lost_uid, folder.losses = uid, losses
