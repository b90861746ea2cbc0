"""A running Sportello: the real application on a real uvicorn, and clients of its two APIs."""

import asyncio
import secrets
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from uvicorn import Server

from actions.sessions import token_hash
from app.settings import Settings
from app.transport.protocol import uvicorn_config
from app.web import build
from models.people import Contact, Operator
from models.sessions import Session
from resolvers.ids import encode
from tests.support.example_b import OPERATORS, PASSWORD
from tests.support.live import Connection, connected

DESK, CLIENT = "/graphql", "/client/graphql"

SIGN_IN = """
mutation ($email: String!, $password: String!) {
  signIn(input: {email: $email, password: $password}) {
    __typename
    ... on SignedIn { token }
  }
}"""


class Failed(AssertionError):
    """The answer had top-level errors."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(str(errors))
        self.errors = errors

    @property
    def code(self) -> str:
        return self.errors[0]["extensions"]["code"]


@dataclass(frozen=True)
class Client:
    """Somebody's program: HTTP and websockets, with their token."""

    http: httpx.AsyncClient
    host: str
    path: str
    token: str | None

    async def post(self, query: str, **variables: Any) -> httpx.Response:
        """The raw response."""
        return await self.http.post(
            self.path,
            json={"query": query, "variables": variables},
            headers={
                "Accept": "application/graphql-response+json",
                **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
            },
        )

    async def run(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors; raises Failed."""
        body = (await self.post(query, **variables)).json()
        if body.get("errors"):
            raise Failed(body["errors"])
        return body["data"]

    async def do(self, mutation: str, fields: str = "", **input: Any) -> dict[str, Any]:
        """The result of `mutation(input: …)` in full: __typename, message, and `fields`."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        data = await self.run(
            f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{"
            f" __typename ... on UserError {{ message }} {fields} }} }}",
            input=input,
        )
        return data[mutation]

    @asynccontextmanager
    async def live(self) -> AsyncGenerator[Connection]:
        """A websocket that has been acknowledged."""
        async with connected(self.host, self.path, self.token) as connection:
            yield connection


@dataclass(frozen=True)
class Site:
    """The address of a running desk, and who may ask it. Everybody's name is a sign-in."""

    http: httpx.AsyncClient
    host: str
    settings: Settings

    async def sign_in(self, name: str) -> Client:
        """A client with a session: operators at the desk, others in the client area.

        The session is put into the database: argon2 costs what a test should not pay each time.
        """
        model = Operator if name in OPERATORS else Contact
        return await self.client_of(await model.get(email=f"{name}@demo.test"))

    async def client_of(self, who: Operator | Contact) -> Client:
        """The same for anybody, as whoever they are."""
        is_operator = isinstance(who, Operator)
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        await Session.create(
            token_hash=token_hash(token),
            operator_id=who.id if is_operator else None,
            contact_id=None if is_operator else who.id,
            created_at=now,
            used_at=now,
            expires_at=now + timedelta(hours=12),
        )
        return Client(self.http, self.host, DESK if is_operator else CLIENT, token)

    async def sign_in_with_password(self, name: str, password: str = PASSWORD) -> Client:
        """The same through the API."""
        path = DESK if name in OPERATORS else CLIENT
        anonymous = self.anonymous(path)
        data = await anonymous.run(SIGN_IN, email=f"{name}@demo.test", password=password)
        return Client(self.http, self.host, path, data["signIn"]["token"])

    def anonymous(self, path: str = DESK) -> Client:
        """A client without credentials."""
        return Client(self.http, self.host, path, None)

    async def upload(self, by: Client, name: str, content: bytes) -> str:
        """The id of a file sent to POST /files."""
        answer = await self.http.post(
            "/files",
            files={"file": (name, content)},
            headers={"Authorization": f"Bearer {by.token}"},
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["uploads"][0]["id"]


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[Site]:
    """The application on a free port of this machine, in this very loop."""
    server = Server(uvicorn_config(build(settings), "127.0.0.1", 0))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(2048)
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            if task.done():
                await task
                raise AssertionError("the server did not start: see its log")
            await asyncio.sleep(0.01)
        limits = httpx.Limits(max_connections=None)
        try:
            async with httpx.AsyncClient(
                base_url=f"http://{host}", timeout=60, trust_env=False, limits=limits
            ) as http:
                yield Site(http, host, settings)
        finally:
            server.should_exit = True
            await task


async def category(by: Client, name: str) -> str:
    """The id of a category by name, as operators or contacts find it."""
    if by.path == DESK:
        found = (await by.run("{ categories(for: CHANGE) { id name } }"))["categories"]
    else:
        roots = (await by.run("{ categories { id name children { id name } } }"))["categories"]
        found = [one for root in roots for one in (root, *root["children"])]
    return next(one["id"] for one in found if one["name"] == name)


def gid(kind: str, id: int) -> str:
    """A global id: Ticket, Category, Department, Operator, Group, Contact …"""
    return encode(kind, id)
