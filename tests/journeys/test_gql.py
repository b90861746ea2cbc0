"""The story, shorter, told by an independent client: Python's gql over HTTP and websockets."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from gql import Client as Gql, gql
from gql.client import AsyncClientSession
from gql.transport.exceptions import (
    TransportConnectionFailed,
    TransportQueryError,
)
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

from tests.journeys.documents import documents_of
from tests.support.live import PATIENCE_S
from tests.support.site import Client, Site, category

SUBPROTOCOL = WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL
"""What gql calls graphql-transport-ws."""
OPEN = """
mutation ($input: TicketOpenInput!) {
  ticketOpen(input: $input) { __typename ... on TicketOpened { ticket { id } } }
}"""
REPLY = """
mutation ($input: TicketReplyInput!) {
  ticketReply(input: $input) {
    __typename ... on TicketReplied { ticket { turn } reply { number } }
    ... on TicketLocked { lock { operator { name } } }
  }
}"""
ACQUIRE = """
mutation ($input: ReplyLockAcquireInput!) {
  replyLockAcquire(input: $input) { __typename ... on ReplyLockHeld { lock { token } } }
}"""
POST = """
mutation ($input: MessagePostInput!) { messagePost(input: $input) { __typename } }"""


@asynccontextmanager
async def over_http(who: Client) -> AsyncGenerator[AsyncClientSession]:
    """gql's session over httpx."""
    transport = HTTPXAsyncTransport(
        f"http://{who.host}{who.path}",
        headers={"Authorization": f"Bearer {who.token}"},
        trust_env=False,
        timeout=PATIENCE_S,
    )
    async with Gql(transport=transport, execute_timeout=PATIENCE_S) as session:
        yield session


@asynccontextmanager
async def over_websocket(who: Client) -> AsyncGenerator[AsyncClientSession]:
    """gql's session over a websocket."""
    transport = WebsocketsTransport(
        f"ws://{who.host}{who.path}",
        init_payload={"authorization": f"Bearer {who.token}"},
        subprotocols=[SUBPROTOCOL],
        connect_args={"proxy": None},
    )
    async with Gql(transport=transport, execute_timeout=PATIENCE_S) as session:
        yield session


async def ask(session: AsyncClientSession, document: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer."""
    request = gql(document)
    request.variable_values = variables
    return await session.execute(request)


async def do(session: AsyncClientSession, document: str, **input: Any) -> dict[str, Any]:
    """The result of the document's one mutation."""
    (result,) = (await ask(session, document, input=input)).values()
    return result


class Lines:
    """What a feed over gql told so far, and where it goes on from."""

    def __init__(self, who: Client, ticket_id: str) -> None:
        self.told: list[dict[str, Any]] = []
        self.ticket_id = ticket_id
        self._documents = documents_of(who)
        self._variables: dict[str, Any] = {"id": ticket_id, "after": None}

    async def start(self, session: AsyncClientSession) -> None:
        """Load the page that the feed goes on from."""
        ticket = (await ask(session, self._documents.page, id=self._variables["id"]))["ticket"]
        self._variables["after"] = ticket["feedCursor"]
        self.told = self._of(ticket)

    async def listen(self, session: AsyncClientSession, number: int) -> dict[str, Any]:
        """Subscribe where it stands, until the line with this number and the snapshot are there."""
        request = gql(self._documents.feed)
        request.variable_values = self._variables
        state: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE_S), aclosing(session.subscribe(request)) as feed:
            async for data in feed:
                frame = data["ticketEvents"]
                self._variables["after"] = frame.get("cursor", self._variables["after"])
                state = frame.get("ticket", state)
                if frame["__typename"] == self._documents.added:
                    self.told.append(frame[self._documents.item])
                if len(self.told) >= number and state:
                    return state
        raise AssertionError("the feed ended")

    async def equal_the_log(self, session: AsyncClientSession) -> None:
        """Nothing missing, nothing twice."""
        page = await ask(session, self._documents.page, id=self._variables["id"])
        assert self.told == self._of(page["ticket"])

    def _of(self, ticket: dict[str, Any]) -> list[dict[str, Any]]:
        return [edge["node"] for edge in ticket[self._documents.items]["edges"]]


async def test_two_sides_talk_through_gql(site: Site) -> None:
    mario, anna, bruno = [await site.sign_in(name) for name in ("mario", "anna", "bruno")]
    rinnovo = await category(mario, "Rinnovo permesso")
    async with over_http(mario) as marios, over_http(anna) as annas, over_http(bruno) as brunos:
        opened = await do(
            marios, OPEN, subject="Rinnovo", body="<p>Buongiorno</p>", categoryId=rinnovo
        )
        id = opened["ticket"]["id"]
        hers, his = Lines(anna, id), Lines(mario, id)
        await hers.start(annas)
        await his.start(marios)
        lock = await do(annas, ACQUIRE, ticketId=id)
        refused = await do(brunos, REPLY, ticketId=id, body="mia")
        assert refused == {
            "__typename": "TicketLocked",
            "lock": {"operator": {"name": "Anna"}},
        }
        await anna_replies_over_her_websocket(anna, mario, hers, his, lock["lock"]["token"])
        posted = await do(marios, POST, ticketId=id, body="<p>Ecco</p>")
        assert posted == {"__typename": "MessagePosted"}
        await both_resume(anna, mario, hers, his)
        await hers.equal_the_log(annas)
        await his.equal_the_log(marios)


async def anna_replies_over_her_websocket(
    anna: Client, mario: Client, hers: Lines, his: Lines, token: str
) -> None:
    """The mutation on the very connection that carries her feed."""
    async with over_websocket(anna) as live, over_websocket(mario) as other:
        both = asyncio.gather(hers.listen(live, 2), his.listen(other, 2))
        input = {"ticketId": hers.ticket_id, "body": "<p>Porti il passaporto</p>"}
        replied = await do(live, REPLY, **input, lockToken=token, lastSeenEntry=1)
        assert replied == {
            "__typename": "TicketReplied",
            "ticket": {"turn": "CONTACT"},
            "reply": {"number": 2},
        }
        assert [state["turn"] for state in await both] == ["CONTACT", "CONTACT"]


async def both_resume(anna: Client, mario: Client, hers: Lines, his: Lines) -> None:
    """On new connections, after what Mario wrote while nobody listened."""
    async with over_websocket(anna) as live, over_websocket(mario) as other:
        for lines, session in ((hers, live), (his, other)):
            state = await lines.listen(session, 3)
            assert state["turn"] == "OPERATOR"
            assert [line["number"] for line in lines.told] == [1, 2, 3]


async def test_a_bad_token_is_refused_on_both_transports(site: Site) -> None:
    stranger = Client(site.http, site.host, "/graphql", "made-up")
    async with over_http(stranger) as session:
        with pytest.raises(TransportQueryError) as refused:
            await ask(session, "{ viewer { name } }")
        assert refused.value.errors is not None
        assert refused.value.errors[0]["extensions"] == {"code": "UNAUTHENTICATED"}
    with pytest.raises(TransportConnectionFailed) as closed:
        async with over_websocket(stranger):
            pass
    reason = closed.value.__cause__
    assert isinstance(reason, ConnectionClosed)
    assert reason.rcvd is not None
    assert reason.rcvd.code == 4401
