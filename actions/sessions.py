"""Signing in and out; sessions are opaque random tokens, of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actions import passwords
from actions.events import SessionEnded
from actions.refusals import InvalidCredentials, TooManyAttempts
from actions.unit_of_work import record, unit_of_work
from models.people import Contact, Operator
from models.sessions import Session, SignInAttempt
from models.sql import Statement, clock, rows

OPERATOR_SESSION = timedelta(hours=12)
CONTACT_SESSION = timedelta(days=30)
"""Both slide with use."""
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
    """End the session, and by its event every live connection; when it ended."""

    async def do() -> datetime:
        now = await clock()
        await Session.filter(id=session_id, ended_at=None).update(ended_at=now)
        record(SessionEnded(session_id))
        return now

    return await unit_of_work(do)


async def slide(session: Session) -> None:
    """Note the use, and move a session's expiry on with it; at most one write in five minutes."""
    if datetime.now(UTC) - session.used_at < SLIDES_EVERY:  # roughly: the write uses the clock
        return
    life = OPERATOR_SESSION if session.operator_id is not None else CONTACT_SESSION

    async def do() -> None:
        now = await clock()
        moved = {} if session.is_token else {"expires_at": now + life}
        await Session.filter(id=session.id, ended_at=None).update(used_at=now, **moved)

    await unit_of_work(do)


def token_hash(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


async def _sign_in(
    kind: str, account: Operator | Contact | None, email: str, password: str, address: str
) -> SignedIn:
    subjects = (_account_subject(kind, email), f"address:{address}"[:80])
    attempts = await unit_of_work(lambda: _admit(subjects))
    if not await passwords.verify(password, account.password_hash if account else ""):
        raise InvalidCredentials
    if account is None:
        raise InvalidCredentials
    token = secrets.token_urlsafe(32)
    session = await unit_of_work(lambda: _begin(account, token, subjects[0], attempts))
    return SignedIn(account, session, token)


async def _admit(subjects: tuple[str, str]) -> list[int]:
    """Count this attempt, before its outcome is known, so that many at once are counted too.

    Ids of the rows. Raises TooManyAttempts when account or address has tried too often of late.
    """
    await _one_at_a_time(subjects)
    now = await clock()
    for subject in subjects:
        since = now - ATTEMPTS_WITHIN
        earlier = await SignInAttempt.filter(subject=subject, at__gt=since).order_by("-at")
        if len(earlier) >= ATTEMPTS:
            raise TooManyAttempts(earlier[ATTEMPTS - 1].at + ATTEMPTS_WITHIN)
    return [(await SignInAttempt.create(subject=one, at=now)).id for one in subjects]


async def _one_at_a_time(subjects: tuple[str, str]) -> None:
    """Nobody sees attempts under way: on PostgreSQL they wait (SQLite has but one writer)."""
    for subject in sorted(subjects):
        to = Statement()
        if to.postgres:
            await rows(f"SELECT pg_advisory_xact_lock(hashtextextended({to.add(subject)}, 0))", to)


async def _begin(
    account: Operator | Contact, token: str, subject: str, attempts: list[int]
) -> Session:
    now = await clock()
    operator = isinstance(account, Operator)
    await SignInAttempt.filter(subject=subject).delete()
    await SignInAttempt.filter(id__in=attempts).delete()
    return await Session.create(
        token_hash=token_hash(token),
        operator_id=account.id if operator else None,
        contact_id=None if operator else account.id,
        created_at=now,
        used_at=now,
        expires_at=now + (OPERATOR_SESSION if operator else CONTACT_SESSION),
    )


def _account_subject(kind: str, email: str) -> str:
    digest = hashlib.sha256(_tidy(email).encode()).hexdigest()
    return f"account:{kind}:{digest[:48]}"


def _tidy(email: str) -> str:
    return email.replace("\0", "").strip().lower()
