"""The web application: both endpoints, files, the live layer, put together."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import structlog
from starlette.applications import Starlette

from actions import keys, magic_links, mail_hosts
from actions.unit_of_work import announce_to
from app import database
from app.files.deps import FileDeps
from app.files.routes import file_routes
from app.files.signing import signed_path
from app.files.storage import Storage
from app.live import Live
from app.mail_original import original
from app.mail_room import mail_room
from app.oauth_routes import oauth_routes
from app.oversight import Oversight
from app.pages.routes import Pages
from app.reactions import announcer
from app.settings import VAR, Settings, secret_keys
from app.transport.connections import Connections
from app.transport.endpoint import Around, Ask, BadCredential, Endpoint
from app.transport.http import http_route
from app.transport.sharing import Faces, Sharing
from app.transport.websocket import websocket_route
from app.worker import Worker
from mail.variables import use_set_password_url
from models.callers import Caller
from realtime.channel import Channel
from resolvers.accounts import Account, any_account, contact_account, operator_account
from resolvers.context import Context, caller_of
from resolvers.services import Services
from schema.client import SCHEMA as CLIENT, shareable as client_sharing
from schema.core import Schema
from schema.desk import SCHEMA as DESK, shareable as desk_sharing


def build(settings: Settings, *, migrate: bool = False) -> Starlette:
    """The application; at start it opens the database (and migrates it, if asked to)."""
    secrets = secret_keys(settings, VAR)
    keys.use(secrets)
    mail_hosts.use(private=settings.private_mail_hosts)
    magic_links.use_base(settings.origin)
    use_set_password_url(f"{settings.origin}/password")
    key = secrets[0]
    storage = Storage.open(settings.files_url, settings.files_endpoint)
    connections = Connections()
    live = Live.build(settings.redis_url, connections, settings.redis_prefix)
    oversight = Oversight(settings, live, connections)
    bucket = oversight.bucket

    def download_url(document: int, session: int) -> str:
        return signed_path(document, session, key, datetime.now(UTC))

    def services(cookie: str) -> Services:
        return Services(
            hub=live.hub,
            lists=live.lists,
            presence=live.presence,
            notices=live.notices,
            mailboxes=live.mailboxes,
            origin=settings.origin,
            refused=oversight.sources.refused,
            download_url=download_url,
            set_cookie=lambda token, lifetime: _cookie(settings, cookie, token, lifetime),
        )

    names = {
        "operator": _cookie_name(settings, "desk"),
        "contact": _cookie_name(settings, "client"),
    }
    desk_origins, client_origins = (
        _origins(settings.desk_origins),
        _origins(settings.client_origins),
    )
    desk = _endpoint(
        settings,
        "desk",
        "/graphql",
        DESK,
        names["operator"],
        operator_account,
        services,
        oversight.around,
        origins=desk_origins,
        any_origin=False,
    )
    client = _endpoint(
        settings, "client", "/client/graphql", CLIENT, names["contact"], contact_account, services,
        oversight.around, origins=client_origins, any_origin=True,
    )  # fmt: skip
    link_cookie = names["contact"] if settings.client_area_url else _cookie_name(settings, "link")
    files = FileDeps(
        storage=storage,
        identify=_identify_caller,
        secret=key,
        cookies=names,
        origins=desk_origins | client_origins,
        operator_origins=desk_origins,
    )
    routes = [
        *(http_route(one, bucket, connections) for one in (desk, client)),
        *(websocket_route(one, bucket, connections) for one in (desk, client)),
        *Pages(
            origin=settings.origin,
            cookie=link_cookie,
            set_cookie=lambda token, lives: _cookie(settings, link_cookie, token, lives),
            identify=_identify_caller,
            download_url=download_url,
            client_area=settings.client_area_url,
        ).routes(),
        *file_routes(files, {"/mails/{id}": original}),
        *oauth_routes(names["operator"], operator_account, settings.origin),
        *oversight.routes,
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        await database.connect(settings)
        worker = Worker(storage, mail_room(settings, storage))
        try:
            await (database.migrate if migrate else database.require_current)(settings)
            async with oversight.watching():
                await live.start()
                deafen = announce_to(oversight.announcing(announcer(live.broker)))
                if settings.embedded:
                    worker.start()
                try:
                    yield
                finally:
                    await worker.stop()
                    await live.stop()
                    deafen()
        finally:
            await database.disconnect()

    app = Starlette(routes=routes, lifespan=lifespan, middleware=oversight.middleware)
    oversight.attach(app)
    return app


def _endpoint(
    settings: Settings,
    name: str,
    path: str,
    schema: Schema,
    cookie: str,
    account: Callable[[str], Any],
    services: Callable[[str], Services],
    around: Around,
    *,
    origins: frozenset[str],
    any_origin: bool,
) -> Endpoint:
    shared = services(cookie)

    async def identify(token: str) -> Account:
        found: Account | None = await account(token)
        if found is None:
            raise BadCredential
        structlog.contextvars.bind_contextvars(**{found.kind: found.who.id})
        return found

    def context(caller: Any, ask: Ask, channel: Channel | None) -> Context:
        return Context(caller, ask, shared, channel)

    return Endpoint(
        name=name,
        path=path,
        schema=schema.core,
        cookie=cookie,
        identify=identify,
        context=context,
        origins=origins,
        any_origin=any_origin,
        explorer=not settings.production,
        introspection_for_anonymous=not settings.production,
        sharing=SHARING[name],
        around=around,
    )


SHARING = {
    "desk": Sharing(desk_sharing.SHAREABLE, lambda frame: Faces(*desk_sharing.faces(frame))),
    "client": Sharing(client_sharing.SHAREABLE, lambda frame: Faces(*client_sharing.faces(frame))),
}


async def _identify_caller(token: str) -> Caller:
    account = await any_account(token)
    if account is None:
        raise BadCredential
    return await caller_of(account)


def _origins(listed: str) -> frozenset[str]:
    return frozenset(origin.strip().rstrip("/") for origin in listed.split(",") if origin.strip())


def _cookie_name(settings: Settings, area: str) -> str:
    prefix = "__Host-" if settings.secure_cookies else ""
    return f"{prefix}sportello-{area}"


def _cookie(settings: Settings, name: str, token: str, lifetime_s: int) -> str:
    secure = "; Secure" if settings.secure_cookies else ""
    return f"{name}={token}; Path=/; Max-Age={lifetime_s}; HttpOnly; SameSite=Lax{secure}"
