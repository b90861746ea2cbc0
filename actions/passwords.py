"""Passwords: argon2id, off the event loop, the same work whether the account exists or not."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from actions.refusals import invalid

LENGTH = 12
LENGTH_MOST = 1000
COMMONEST = 10_000
_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(2, "passwords")
"""Each hash takes 64 MiB and one core: more at once only queue."""


def check(password: str, email: str, path: str = "password") -> None:
    """Raises InvalidInput for a password too short, too long, too common, or the address."""
    if len(password) < LENGTH:
        raise invalid(path, f"Choose a password of {LENGTH} characters or more.")
    if len(password) > LENGTH_MOST:
        raise invalid(path, f"Choose a password of at most {LENGTH_MOST} characters.")
    plain = password.lower()
    if plain in (email, email.partition("@")[0]) or plain in common():
        raise invalid(path, "Choose another password: this one is easily guessed.")


@cache
def common() -> frozenset[str]:
    """The 10,000 commonest passwords."""
    ranked: list[str] = FREQUENCY_LISTS["passwords"]
    return frozenset(ranked[:COMMONEST])


def generated() -> str:
    """One that nobody guesses: 120 random bits, as 20 characters."""
    return secrets.token_urlsafe(15)


async def hashed(password: str) -> str:
    """The argon2id hash (RFC 9106, low-memory profile) to be stored."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def verify(password: str, hash: str) -> bool:
    """Whether the password is the one hashed; without a hash, the same time passes for nothing."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verified, password, hash)


@cache
def _nobody() -> str:
    return _hasher.hash("the password of no account")


def _verified(password: str, hash: str) -> bool:
    try:
        return _hasher.verify(hash or _nobody(), password) and bool(hash)
    except (VerificationError, InvalidHashError):
        return False
