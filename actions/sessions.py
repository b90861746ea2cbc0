"""Signing in and out; sessions are opaque random tokens, of which only the hash is kept."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.expressions import F

from actions import locks, passwords
from actions.events import SessionEnded
from actions.refusals import InvalidCredentials, TooManyAttempts
from actions.unit_of_work import last_of_all, record, unit_of_work
from models.magic_links import MagicLink
from models.people import Contact, Operator
from models.sessions import Session, SessionsVersion, SignInAttempt
from models.sql import Statement, clock, rows

OPERATOR_SESSION = timedelta(hours=12)
CONTACT_SESSION = timedelta(days=30)
LINK_SESSION = timedelta(minutes=30)
"""They slide with use."""
SLIDES_EVERY = timedelta(minutes=5)
"""A use sooner than this after the last does not write."""
ATTEMPTS = 10
ATTEMPTS_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True)
class SignedIn:
    """A new session; `token` is shown this once."""

    account: Operator | Contact
    session: Session
    token: str


async def sign_in_operator(email: str, password: str, address: str) -> SignedIn:
    """A session for an active operator. Raises InvalidCredentials, TooManyAttempts."""
    account = await Operator.get_or_none(email=_tidy(email), active=True)
    return await _sign_in("operator", account, email, password, address)


async def sign_in_contact(email: str, password: str, address: str) -> SignedIn:
    """A session for a contact who is not blocked. Raises InvalidCredentials, TooManyAttempts."""
    account = await Contact.get_or_none(email=_tidy(email), blocked=False)
    return await _sign_in("contact", account, email, password, address)


async def sign_out(session_id: int) -> datetime:
    """End the session, its lock, and by its event every live connection; when it ended."""

    async def do() -> datetime:
        now = await clock()
        await Session.filter(id=session_id, ended_at=None).update(ended_at=now)
        await locks.session_over(session_id)
        note_ended(session_id)
        return now

    return await unit_of_work(do)


async def end_all(operator_id: int, *, tokens: bool, but: int = 0) -> None:
    """Within a unit of work: end an operator's sessions, and their API tokens too if so said.

    One session may stay: that of who asks.
    """
    now = await clock()
    for one in await Session.filter(operator_id=operator_id, ended_at=None, expires_at__gt=now):
        if one.id != but and (tokens or not one.is_token):
            await Session.filter(id=one.id).update(ended_at=now)
            await locks.session_over(one.id)
            note_ended(one.id)


def note_ended(session_id: int) -> None:
    """Within the unit of work that ended it: feeds learn of it with the next row they read."""
    last_of_all(_count_up)
    record(SessionEnded(session_id))


async def _count_up() -> None:
    await SessionsVersion.filter(id=1).update(version=F("version") + 1)


async def slide(session: Session) -> None:
    """Note the use, and move a session's expiry on with it; at most one write in five minutes.

    A token's first use is noted whenever it is: who holds it may be looking for a sign of life.
    """
    unused = session.is_token and session.used_at == session.created_at
    # Roughly: the write uses the database's clock.
    if datetime.now(UTC) - session.used_at < SLIDES_EVERY and not unused:
        return

    async def do() -> None:
        now = await clock()
        moved = {} if session.is_token else {"expires_at": await _end_of(session, now)}
        await Session.filter(id=session.id, ended_at=None).update(used_at=now, **moved)

    await unit_of_work(do)


async def _end_of(session: Session, now: datetime) -> datetime:
    """When it ends unless it is used again; one that a link began ends with the link."""
    if session.magic_link_id is not None:
        link = await MagicLink.get(id=session.magic_link_id)
        return min(now + LINK_SESSION, link.expires_at)
    return now + (OPERATOR_SESSION if session.operator_id is not None else CONTACT_SESSION)


async def end_those_of_contact(contact_id: int) -> None:
    """Within a unit of work that has written their row: whatever they are signed in with."""
    to = Statement()
    sql = f"""
        UPDATE session SET ended_at = {to.add(await clock())}
        WHERE contact_id = {to.add(contact_id)} AND ended_at IS NULL RETURNING id"""
    for row in await rows(sql, to):
        note_ended(row["id"])


async def end_those_of_links(link_ids: Sequence[int]) -> None:
    """Within a unit of work: end every session that these links began."""
    open_ones = Session.filter(magic_link_id__in=list(link_ids), ended_at=None)
    await end_these([one.id for one in await open_ones] if link_ids else [])


async def end_these(ids: Sequence[int]) -> None:
    """Within a unit of work: end these sessions of contacts."""
    now = await clock()
    for id in ids:
        await Session.filter(id=id).update(ended_at=now)
        note_ended(id)


def token_hash(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Attempt:
    """A try at a password, counted before its outcome is known."""

    subject: str
    ids: list[int]


async def counted(kind: str, email: str, address: str) -> Attempt:
    """Count a try for this account from this address. Raises TooManyAttempts."""
    subjects = (_account_subject(kind, email), f"address:{address}"[:80])
    return Attempt(subjects[0], await unit_of_work(lambda: _admit(subjects)))


async def forgiven(attempt: Attempt) -> None:
    """Within a unit of work: the password was right, and what failed before counts no more."""
    await SignInAttempt.filter(subject=attempt.subject).delete()
    await SignInAttempt.filter(id__in=attempt.ids).delete()


async def _sign_in(
    kind: str, account: Operator | Contact | None, email: str, password: str, address: str
) -> SignedIn:
    attempt = await counted(kind, email, address)
    if not await passwords.verify(password, account.password_hash if account else ""):
        raise InvalidCredentials
    if account is None:
        raise InvalidCredentials
    token = secrets.token_urlsafe(32)
    session = await unit_of_work(lambda: _begin(account, token, attempt))
    return SignedIn(account, session, token)


async def _admit(subjects: tuple[str, str]) -> list[int]:
    """Count this attempt, before its outcome is known, so that many at once are counted too.

    Ids of the rows. Raises TooManyAttempts when account or address has tried too often of late.
    """
    await one_at_a_time(subjects)
    now = await clock()
    for subject in subjects:
        since = now - ATTEMPTS_WITHIN
        earlier = await SignInAttempt.filter(subject=subject, at__gt=since).order_by("-at")
        if len(earlier) >= ATTEMPTS:
            raise TooManyAttempts(earlier[ATTEMPTS - 1].at + ATTEMPTS_WITHIN)
    return [(await SignInAttempt.create(subject=one, at=now)).id for one in subjects]


async def one_at_a_time(subjects: Sequence[str]) -> None:
    """Within a unit of work: what others do under these names waits on PostgreSQL until it ends.

    SQLite has but one writer.
    """
    for subject in sorted(subjects):
        to = Statement()
        if to.postgres:
            await rows(f"SELECT pg_advisory_xact_lock(hashtextextended({to.add(subject)}, 0))", to)


async def _begin(account: Operator | Contact, token: str, attempt: Attempt) -> Session:
    operator = isinstance(account, Operator)
    await _still_admitted(account)
    await forgiven(attempt)
    now = await clock()
    return await Session.create(
        token_hash=token_hash(token),
        operator_id=account.id if operator else None,
        contact_id=None if operator else account.id,
        created_at=now,
        used_at=now,
        expires_at=now + (OPERATOR_SESSION if operator else CONTACT_SESSION),
    )


async def _still_admitted(account: Operator | Contact) -> None:
    """Nobody changed the password or shut them out while it was compared."""
    to = Statement()
    operator = isinstance(account, Operator)
    table, admitted = ("operator", "active") if operator else ("contact", "NOT blocked")
    sql = f"""
        UPDATE {table} SET id = id WHERE id = {to.add(account.id)} AND {admitted}
        AND password_hash = {to.add(account.password_hash)} RETURNING id"""
    if not await rows(sql, to):
        raise InvalidCredentials


def _account_subject(kind: str, email: str) -> str:
    digest = hashlib.sha256(_tidy(email).encode()).hexdigest()
    return f"account:{kind}:{digest[:48]}"


def _tidy(email: str) -> str:
    return email.replace("\0", "").strip().lower()
