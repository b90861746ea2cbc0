"""A real uvicorn with the file routes, people who may ask it, and what lies in its storage."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import obstore
from obstore.store import LocalStore
from starlette.applications import Starlette
from uvicorn import Server

from app.files.deps import FileDeps
from app.files.routes import file_routes
from app.files.storage import Storage, new_key
from app.transport.endpoint import BadCredential
from app.transport.protocol import uvicorn_config
from models.callers import Caller
from models.desk import Desk
from models.documents import Document
from models.enums import EntryKind, Right, TicketSharing, TicketSource, Turn
from models.hierarchy import Profile, Role
from models.people import Contact, Operator, Organisation
from models.sessions import Session
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.accounts import Account
from resolvers.context import caller_of
from resolvers.ids import encode

BUCKET = "sportello"
SECRET = "a secret of thirty-two characters or more"
LISTED = "https://widget.example"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """Sharing is private: `owner` sees the ticket, `stranger` does not; colleagues share."""

    owner: Operator
    stranger: Operator
    contact: Contact
    colleague: Contact
    outsider: Contact
    ticket: Ticket

    @classmethod
    async def made(cls) -> "World":
        await Desk.filter(id=1).update(ticket_sharing=TicketSharing.PRIVATE)
        profile = await Profile.create(name="Agents", rights=[Right.TICKETS_VIEW.value])
        role = await Role.create(name="Agent", profile_id=profile.id)
        owner, stranger = [
            await Operator.create(name=name, email=f"{name}@desk.example", role_id=role.id)
            for name in ("owner", "stranger")
        ]
        firm = await Organisation.create(name="Firm", shares_tickets=True)
        contact, colleague, outsider = [
            await Contact.create(
                name=name, email=f"{name}@home.example", organisation_id=of, created_at=NOW
            )
            for name, of in (("contact", firm.id), ("colleague", firm.id), ("outsider", None))
        ]
        ticket = await Ticket.create(
            subject="Renewal",
            contact_id=contact.id,
            turn=Turn.OPERATOR,
            source=TicketSource.CLIENT_AREA,
            assignee_operator_id=owner.id,
            created_at=NOW,
            updated_at=NOW,
            visible_at=NOW,
        )
        for who in (owner, stranger, contact, colleague, outsider):
            await signed_in(who)
        return cls(owner, stranger, contact, colleague, outsider, ticket)


@dataclass
class Site:
    """A running server and what is behind it."""

    host: str
    http: httpx.AsyncClient
    world: World
    storage: Storage
    server: Server

    async def post(self, *files: Any, as_: Operator | Contact | None = None) -> httpx.Response:
        """Upload files, each as httpx describes one."""
        form = [("file", file) for file in files]
        return await self.http.post("/files", files=form, headers=bearer(as_ or self.world.owner))

    async def fetch(
        self,
        document: Document,
        as_: Operator | Contact | None = None,
        method: str = "GET",
        **headers: Any,
    ) -> httpx.Response:
        """Ask for a document; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.request(
            method, path(document), headers=bearer(as_ or self.world.owner) | named
        )

    async def document(self, content: bytes = b"0123456789", **fields: Any) -> Document:
        """A stored file that belongs to the ticket."""
        key = new_key()
        await self.storage.put(key, chunked(content))
        number = await TimelineEntry.filter(ticket_id=self.world.ticket.id).count() + 1
        entry = await TimelineEntry.create(
            ticket_id=self.world.ticket.id,
            number=number,
            kind=EntryKind.CONTACT_MESSAGE,
            turn_after=Turn.OPERATOR,
            contact_id=self.world.contact.id,
            created_at=NOW,
        )
        values: dict[str, Any] = {
            "name": "letter.txt",
            "media_type": "text/plain",
            "sha256": "5" * 64,
            "from_desk": False,
        }
        return await Document.create(
            contact_id=self.world.contact.id,
            ticket_id=self.world.ticket.id,
            entry_id=entry.id,
            size=len(content),
            storage_key=key,
            created_at=NOW,
            **(values | fields),
        )


@asynccontextmanager
async def serving(world: World, storage: Storage, **more: Any) -> AsyncGenerator[Site]:
    deps = FileDeps(
        storage=storage,
        identify=identify,
        secret=SECRET,
        cookies={"operator": "desk", "contact": "client"},
        origins=frozenset({LISTED}),
        **more,
    )
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        app = Starlette(routes=file_routes(deps))
        server = Server(uvicorn_config(app, "127.0.0.1", 0, graceful_shutdown=5))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        await eventually(lambda: server.started)
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(
                base_url=f"http://{host}", trust_env=False, timeout=60
            ) as http:
                yield Site(host, http, world, storage, server)
        finally:
            server.should_exit = True
            await task


async def identify(token: str) -> Caller:
    """A token is the caller's key."""
    caller = await caller_named(token) if ":" in token else None
    if caller is None:
        raise BadCredential
    return caller


async def caller_named(key: str) -> Caller | None:
    """The caller of a key, with rights as of now; None for who is shut out."""
    kind, _, number = key.partition(":")
    who: Operator | Contact | None
    if kind == "operator":
        who = await Operator.get_or_none(id=int(number), active=True)
    else:
        who = await Contact.get_or_none(id=int(number), blocked=False)
    return None if who is None else await caller_of(Account(who, session_of(who)))


async def signed_in(who: Operator | Contact) -> None:
    """A session of theirs."""
    operator = isinstance(who, Operator)
    await Session.create(
        id=session_of(who),
        token_hash=f"hash {session_of(who)}",
        operator_id=who.id if operator else None,
        contact_id=None if operator else who.id,
        created_at=NOW,
        used_at=NOW,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


def session_of(who: Operator | Contact) -> int:
    """Its id."""
    return 1_000 * (1 if isinstance(who, Operator) else 2) + who.id


def key(who: Operator | Contact) -> str:
    return f"{'operator' if isinstance(who, Operator) else 'contact'}:{who.id}"


def bearer(who: Operator | Contact) -> dict[str, str]:
    return {"Authorization": f"Bearer {key(who)}"}


def path(document: Document) -> str:
    return f"/files/{encode('Document', document.id)}"


def code(response: httpx.Response) -> str:
    """The code of a refusal, which always has a message too."""
    error = response.json()["error"]
    assert error["message"]
    return error["code"]


def stored(storage: Storage) -> list[str]:
    """Everything in a storage, halves of files included; S3 hides those, see `unfinished`."""
    if isinstance(storage._store, LocalStore):
        root = storage._store.prefix
        return [str(one) for one in Path(root or "").rglob("*") if one.is_file()]
    listed = cast("Iterable[list[dict[str, Any]]]", cast("Any", obstore).list(storage._store))
    return [one["path"] for page in listed for one in page]


async def unfinished(address: str) -> bool:
    """Whether an S3 server holds parts of uploads that were never completed."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return "<UploadId>" in (await http.get(f"{address}/{BUCKET}?uploads")).text


async def chunked(content: bytes, size: int = 65536) -> AsyncGenerator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so; the time limit of the test is the only one."""
    while True:
        if condition():
            return
        await asyncio.sleep(0.005)
