"""Asks either schema as the server does, but for sockets and limits: a request is a call."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.sessions import token_hash
from app.live import Live
from app.transport.connections import Connections
from app.transport.endpoint import Ask, Endpoint
from app.transport.errors import RequestError
from app.transport.limits import Limits
from app.transport.operations import prepare, response, run
from app.transport.parameters import Parameters
from models.people import Contact, Operator
from models.sessions import Session
from resolvers.accounts import Account, contact_account, operator_account
from resolvers.context import Context
from resolvers.services import Services
from schema.client import SCHEMA as CLIENT
from schema.desk import SCHEMA as DESK
from tests.support.statements import counted

MUCH = 10_000_000
LIMITS = Limits(tokens=MUCH, depth=100, aliases=MUCH, repeats=MUCH, fragments=MUCH, cost=MUCH,
                bucket=MUCH)  # fmt: skip
"""Everything about a desk in few requests."""
ASK = Ask("127.0.0.1", "tests", None, "request", live=False)


@dataclass(frozen=True)
class Question:
    """A document and its variables."""

    document: str
    variables: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return f"{self.document[:200]} {self.variables}"


@dataclass(frozen=True)
class Asker:
    """Somebody signed in."""

    endpoint: Endpoint
    token: str

    async def answer(self, question: Question) -> dict[str, Any]:
        """What the server would send, its data or its errors."""
        parameters = Parameters(question.document, variables=question.variables)
        try:
            caller = await self.endpoint.identify(self.token)
            operation = prepare(self.endpoint, caller, parameters)
            return response(await run(operation, self.endpoint.context(caller, ASK, None)))
        except RequestError as error:
            return {"errors": error.errors}

    async def cost(self, question: Question) -> tuple[dict[str, Any], int]:
        """The answer, and how many SQL statements it took."""
        with counted() as sent:
            answer = await self.answer(question)
        return answer, len(sent)


async def asker(who: Operator | Contact) -> Asker:
    """They, in a new session."""
    token = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    is_operator = isinstance(who, Operator)
    await Session.create(
        token_hash=token_hash(token),
        operator_id=who.id if is_operator else None,
        contact_id=None if is_operator else who.id,
        created_at=now,
        used_at=now,
        expires_at=now + timedelta(hours=12),
    )
    return Asker(_desk if is_operator else _client, token)


def _endpoint(name: str, schema: Any, account: Any) -> Endpoint:
    live = Live.build("", Connections())
    services = Services(
        hub=live.hub,
        presence=live.presence,
        lists=live.lists,
        notices=live.notices,
        mailboxes=live.mailboxes,
        origin="https://desk.test",
        refused=lambda _field, _refusal: None,
        download_url=lambda document, _session: f"/files/{document}",
        set_cookie=lambda token, lifetime: f"{token}; {lifetime}",
    )

    async def identify(token: str) -> Account:
        found: Account | None = await account(token)
        if found is None:
            raise LookupError("the session has ended")
        return found

    def context(caller: Any, ask: Ask, _channel: object) -> Context:
        return Context(caller, ask, services)

    return Endpoint(
        name=name,
        path=f"/{name}",
        schema=schema.core,
        cookie=name,
        identify=identify,
        context=context,
        limits=LIMITS,
    )


_desk = _endpoint("desk", DESK, operator_account)
_client = _endpoint("client", CLIENT, contact_account)
