"""Tokens into accounts: who a request or a connection is from."""

from dataclasses import dataclass, replace

from actions import sessions
from models.enums import Right
from models.people import Contact, Operator
from models.sessions import Session, remaining
from models.sql import Statement, instances


@dataclass(frozen=True)
class Account:
    """A signed-in operator or contact, as the session says; rights are looked up when needed."""

    who: Operator | Contact
    session_id: int
    scopes: frozenset[Right] | None = None
    """Of an API token; None for a session."""

    @property
    def kind(self) -> str:
        """`operator` or `contact`."""
        return "operator" if isinstance(self.who, Operator) else "contact"

    @property
    def key(self) -> str:
        """The same for every request of the account's session."""
        return f"session:{self.session_id}"


async def operator_account(token: str) -> Account | None:
    """The active operator of a session in force; its expiry moves on with use."""
    session = await _session(token)
    if session is None or session.operator_id is None:
        return None
    operator = await Operator.get_or_none(id=session.operator_id, active=True)
    return Account(operator, session.id, session.scope()) if operator is not None else None


async def contact_account(token: str) -> Account | None:
    """The contact, not blocked, of a session in force; its expiry moves on with use."""
    session = await _session(token)
    if session is None or session.contact_id is None:
        return None
    contact = await Contact.get_or_none(id=session.contact_id, blocked=False)
    return Account(contact, session.id) if contact is not None else None


async def any_account(token: str) -> Account | None:
    """Either, for files."""
    return await operator_account(token) or await contact_account(token)


async def still(account: Account) -> Account | None:
    """The account as it is now, for a connection that outlives it; None when it has ended."""
    to = Statement()
    table, admitted = ("contact", "NOT w.blocked")
    model: type[Operator] | type[Contact] = Contact
    if isinstance(account.who, Operator):
        table, admitted, model = "operator", "w.active", Operator
    sql = f"""
        SELECT w.* FROM {table} w JOIN session s ON s.{table}_id = w.id
        WHERE s.id = {to.add(account.session_id)} AND s.ended_at IS NULL
        AND s.expires_at > {to.now} AND {admitted}"""
    found = await instances(model, sql, to)
    return replace(account, who=found[0]) if found else None


async def ended(session_ids: frozenset[int]) -> frozenset[int]:
    """Those of the sessions that are no longer in force, in one statement."""
    return session_ids - (await remaining(session_ids)).keys()


async def _session(token: str) -> Session | None:
    to = Statement()
    digest = to.add(sessions.token_hash(token))
    sql = f"""
        SELECT * FROM session s WHERE token_hash = {digest}
        AND ended_at IS NULL AND expires_at > {to.now}"""
    found = await instances(Session, sql, to)
    if not found:
        return None
    await sessions.slide(found[0])
    return found[0]
