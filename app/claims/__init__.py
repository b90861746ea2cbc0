"""A process's claim on its database: alone without Redis, beside others with it.

Hints between processes go through Redis. Two processes without it, or one of them, would each be
right and hear nothing of the other, so the second is refused before it begins.
"""

from app.claims.base import Claim, ClaimRefused, Company
from app.claims.file import FileHold
from app.claims.postgres import PostgresHold
from app.database import sqlite_path
from app.settings import Settings

__all__ = ["Claim", "ClaimRefused", "Company", "claim_on"]


def claim_on(settings: Settings) -> Claim:
    """The claim of a process with these settings, not taken yet; the database is open."""
    hold = FileHold(sqlite_path(settings)) if settings.sqlite else PostgresHold()
    return Claim(hold, shared=not settings.embedded)
