"""How a try ended, written down: the mail's state, the reply's, the mailbox's, what was counted."""

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from actions import mail_health, mail_quota
from actions.mail_delivery import CARRYING, moved
from actions.mail_leases import Lease
from actions.unit_of_work import unit_of_work
from models.mail_enums import MailboxState, OutboundState
from models.mailboxes import MailServer
from models.mails import OutboundMail
from models.sql import clock

DELAYS_MIN = (1, 5, 15, 60, 240, 480, 960, 1120)
"""Minutes to wait after each refusal for now: 48 hours together."""
JITTER = 0.2
"""Part of a delay by which it may be longer, so that not all come back at once."""
SERVER_DELAYS_MIN = (1, 5, 15, 60)
"""Likewise, for a server that cannot be used; the last goes on."""
LONGEST = timedelta(hours=48)
"""That a mail waits for a server that cannot be reached, all of that time."""
GIVEN_UP_MOST = 1000
"""Mails at a time; the next try ends the next."""
TOO_LATE = "The server could not be reached for two days:"
QUOTA_PAUSE = timedelta(hours=1)
"""When a server says that it takes no more: it does not say until when."""
UNCERTAIN = "The connection broke when the mail was under way: it may have arrived."
_FREE = {"lease_owner": "", "lease_until": None}
_SENDING = (OutboundState.SENDING, OutboundState.UNCERTAIN)
"""Who comes back late with an answer knows more than who found them missing."""


async def kept(lease: Lease, **rendered: object) -> bool:
    """The words of the mail, written down before anybody hears them; False: no longer theirs."""
    mail = lease.mail

    async def do() -> bool:
        return await moved(mail, OutboundState.SENDING, among=[OutboundState.SENDING], **rendered)

    return await unit_of_work(do)


async def sent(lease: Lease, code: int | None, text: str, size: int, refused: str = "") -> None:
    """The server has it; `refused` says which part of the recipients it did not want."""

    async def do() -> None:
        now = await clock()
        columns = {"sent_at": now, "size": size, "last_code": code, "smtp_reply": text}
        reason = refused or lease.mail.reason
        await moved(
            lease.mail, OutboundState.SENT, among=_SENDING, reason=reason, **columns, **_FREE
        )
        await mail_health.report(lease.server.id, MailboxState.OK, mail_at=now)

    await unit_of_work(do)


async def failed(lease: Lease, code: int | None, text: str) -> None:
    """Never, says the server, or we do: this mail alone. The server itself is well."""

    async def do() -> None:
        columns = {"reason": text, "last_code": code, "smtp_reply": text}
        await moved(lease.mail, OutboundState.FAILED, among=_SENDING, **columns, **_FREE)
        if code is not None:
            await mail_health.report(lease.server.id, MailboxState.OK)
        await mail_quota.given_back(lease.mailbox.id, lease.day)

    await unit_of_work(do)


async def put_off(lease: Lease, code: int | None, text: str) -> None:
    """Not now: later, and later again, for two days; then it has failed."""
    mail = lease.mail

    async def do() -> None:
        columns: dict[str, Any] = {"reason": text, "last_code": code, "smtp_reply": text}
        if mail.attempts >= len(DELAYS_MIN):
            await moved(mail, OutboundState.FAILED, among=_SENDING, **columns, **_FREE)
        else:
            again = await clock() + _delay(DELAYS_MIN, mail.attempts)
            columns |= {"attempts": mail.attempts + 1, "next_try": again}
            await moved(mail, OutboundState.QUEUED, among=_SENDING, **columns, **_FREE)
        if code is not None:
            await mail_health.report(lease.server.id, MailboxState.OK)
        await mail_quota.given_back(lease.mailbox.id, lease.day)

    await unit_of_work(do)


async def returned(lease: Lease, state: MailboxState, code: int | None, text: str) -> None:
    """The mailbox cannot send just now: the mail waits as if it had not been tried.

    But for a server that says it takes no more, which may be about this mail: that counts as a try,
    and has an end. So has the wait for a server that cannot be reached.
    """
    mail = lease.mail

    async def do() -> None:
        now = await clock()
        columns: dict[str, Any] = {"reason": text, "last_code": code, "smtp_reply": text}
        retry_at, ending = None, OutboundState.QUEUED
        if state is MailboxState.UNREACHABLE:
            # What may go in spite of a pause is not to be tried again and again.
            columns["next_try"] = retry_at = now + _delay(SERVER_DELAYS_MIN, lease.server.failures)
        if state is MailboxState.PAUSED:
            retry_at = now + QUOTA_PAUSE
            if mail.attempts >= len(DELAYS_MIN):
                ending = OutboundState.FAILED
            again = max(retry_at, now + _delay(DELAYS_MIN, mail.attempts))
            columns |= {"attempts": mail.attempts + 1, "next_try": again}
        await moved(mail, ending, among=_SENDING, **columns, **_FREE)
        await mail_health.report(lease.server.id, state, text, retry_at=retry_at)
        await mail_quota.given_back(lease.mailbox.id, lease.day)

    await unit_of_work(do)
    if state is MailboxState.UNREACHABLE:
        await _given_up(lease.server.id, text)


async def _given_up(server_id: int, text: str) -> None:
    """What waited for a server that could not be reached for two days has failed."""
    until = await clock() - LONGEST
    server = await MailServer.get_or_none(id=server_id)
    since = server.trouble_since if server is not None else None
    if server is None or since is None or since > until:
        return
    late = OutboundMail.filter(
        mailbox_id=server.mailbox_id, state=OutboundState.QUEUED, created_at__lte=until
    )
    for mail in await late.order_by("id").limit(GIVEN_UP_MOST):
        among, reason = [OutboundState.QUEUED], f"{TOO_LATE} {text}"
        await unit_of_work(partial(moved, mail, OutboundState.FAILED, among=among, reason=reason))


async def in_doubt(mail: OutboundMail, text: str = UNCERTAIN) -> None:
    """The server may have it. Operators' words wait for a person; what a machine wrote goes again.

    Once, with the same Message-ID: most servers and programs show two such mails as one.
    """

    async def do() -> None:
        among = [OutboundState.SENDING]
        if mail.kind in CARRYING or mail.doubts:
            await moved(mail, OutboundState.UNCERTAIN, among=among, reason=text, lease_until=None)
            return
        again = await clock() + _delay(DELAYS_MIN, 0)
        columns = {"reason": text, "next_try": again, "doubts": mail.doubts + 1, **_FREE}
        await moved(mail, OutboundState.QUEUED, among=among, **columns)

    await unit_of_work(do)


def _delay(minutes: Sequence[float], before: int) -> timedelta:
    """After so many tries; the last delay goes on."""
    return timedelta(minutes=_jittered(minutes[min(before, len(minutes) - 1)]))


def _jittered(minutes: float) -> float:
    return minutes * (1 + random.random() * JITTER)  # noqa: S311 - nothing secret about it
