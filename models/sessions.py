"""Who is signed in, and who tried to be."""

from datetime import UTC, datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns
from models.enums import Right
from models.sql import Statement, instances


class Session(Model):
    """A signed-in operator or contact, or an API token: of the token only the hash is kept."""

    id: int = columns.BigIntField(primary_key=True)
    token_hash: str = columns.CharField(max_length=64, unique=True)
    operator_id: int | None
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False, null=True)
    contact_id: int | None
    contact: Any = columns.ForeignKeyField("models.Contact", related_name=False, null=True)
    created_at: datetime = columns.DatetimeField()
    used_at: datetime = columns.DatetimeField()
    expires_at: datetime = columns.DatetimeField(db_index=True)
    ended_at: datetime | None = columns.DatetimeField(null=True)
    """Signed out, or revoked."""
    name: str = columns.CharField(max_length=200, default="", db_default="")
    """Of an API token; empty for a session. A token does not slide."""
    magic_link_id: int | None
    magic_link: Any = columns.ForeignKeyField("models.MagicLink", related_name=False, null=True)
    """Of a session begun by a magic link: it reaches that link's ticket alone."""
    scopes: list[str] | None = columns.JSONField(null=True)
    """Of an API token: the rights it may use, never beyond its operator's."""

    @property
    def is_token(self) -> bool:
        """Whether a program holds it, and no person."""
        return self.scopes is not None

    def scope(self) -> frozenset[Right] | None:
        """The scopes, typed; None for a session, which may all its operator may."""
        return None if self.scopes is None else frozenset(Right(one) for one in self.scopes)

    class Meta(Model.Meta):
        table = "session"
        indexes = (Index(fields=("contact_id",)), Index(fields=("operator_id",)))


class SessionsVersion(Model):
    """One row that moves with every session or token that is ended: feeds read it with tickets.

    Not the desk's row, which changes of the organisation hold while they end sessions: this one
    is taken last of all, so that nobody waits for anybody in a circle.
    """

    id: int = columns.IntField(primary_key=True)
    version: int = columns.BigIntField(default=0)

    class Meta(Model.Meta):
        table = "sessions_version"


class SignInAttempt(Model):
    """One failed sign-in, counted per account and per address."""

    id: int = columns.BigIntField(primary_key=True)
    subject: str = columns.CharField(max_length=80)
    """`account:` and a hash, or `address:` and an address."""
    at: datetime = columns.DatetimeField(db_index=True)

    class Meta(Model.Meta):
        table = "sign_in_attempt"
        indexes = (Index(fields=("subject", "at")),)


async def remaining(session_ids: frozenset[int]) -> dict[int, float]:
    """Seconds left of those that are in force, by the database's clock, in one statement.

    In force: not ended, not expired, and of an operator who is active or a contact not blocked.
    """
    if not session_ids:
        return {}
    to = Statement()
    now = f", {to.now} AS now" if to.postgres else ""
    sql = f"""
        SELECT s.*{now} FROM session s
        LEFT JOIN operator o ON o.id = s.operator_id
        LEFT JOIN contact c ON c.id = s.contact_id
        WHERE {to.among("s.id", session_ids)} AND s.ended_at IS NULL AND s.expires_at > {to.now}
        AND COALESCE(o.active, NOT c.blocked)"""
    found = await instances(Session, sql, to, extra=("now",) if to.postgres else ())
    here = datetime.now(UTC)
    return {one.id: (one.expires_at - getattr(one, "now", here)).total_seconds() for one in found}
