"""Tokens into accounts: who a request or a connection is from."""

from dataclasses import dataclass, replace

from actions import magic_links, sessions
from models.enums import Right
from models.magic_links import MagicLink
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
    only_ticket: int | None = None
    """Of a session begun by a magic link: what it reaches."""

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
    if contact is None:
        return None
    return Account(contact, session.id, only_ticket=await _only_ticket(session))


async def any_account(token: str) -> Account | None:
    """Either, for files."""
    return await operator_account(token) or await contact_account(token)


async def account_of(session_id: int) -> Account | None:
    """Whose session this is, while it is in force; being asked is no use of it."""
    to = Statement()
    session = await _in_force(f"id = {to.add(session_id)}", to)
    if session is None:
        return None
    who: Operator | Contact | None
    if session.operator_id is not None:
        who = await Operator.get_or_none(id=session.operator_id, active=True)
    else:
        who = await Contact.get_or_none(id=session.contact_id, blocked=False)
    if who is None:
        return None
    return Account(who, session.id, session.scope(), await _only_ticket(session))


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
    if not found:
        return None
    only_ticket = account.only_ticket
    if only_ticket is not None:
        only_ticket = await _led_on(only_ticket)
    return replace(account, who=found[0], only_ticket=only_ticket)


async def ended(session_ids: frozenset[int]) -> frozenset[int]:
    """Those of the sessions that are no longer in force, in one statement."""
    return session_ids - (await remaining(session_ids)).keys()


async def _only_ticket(session: Session) -> int | None:
    """What the magic link that began a session reaches; None for a session of another kind."""
    if session.magic_link_id is None:
        return None
    return await _led_on((await MagicLink.get(id=session.magic_link_id)).ticket_id)


async def _led_on(ticket_id: int) -> int:
    """What it was merged into, if it was."""
    ticket = await magic_links.leads_to(ticket_id)
    return ticket.id if ticket is not None else ticket_id


async def _session(token: str) -> Session | None:
    to = Statement()
    session = await _in_force(f"token_hash = {to.add(sessions.token_hash(token))}", to)
    if session is not None:
        await sessions.slide(session)
    return session


async def _in_force(which: str, to: Statement) -> Session | None:
    sql = f"SELECT * FROM session s WHERE {which} AND ended_at IS NULL AND expires_at > {to.now}"
    found = await instances(Session, sql, to)
    return found[0] if found else None
