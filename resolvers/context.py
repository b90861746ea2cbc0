"""The context of one operation, or of one event of a subscription: who asks, and what is loaded."""

import asyncio
from collections import OrderedDict
from typing import Any

from models import rows
from models.callers import Caller, ContactCaller, OperatorCaller
from models.circles import circle_of
from models.desk import Desk
from models.people import Operator
from models.sights import sight_of
from realtime.channel import Channel
from realtime.feed_events import Frame
from realtime.log import VERSIONS
from resolvers.accounts import Account, still
from resolvers.errors import RequestRefused
from resolvers.loaders import Loaders, OwnLoaders
from resolvers.services import Origin, Services
from resolvers.sharing import SharedLoader
from resolvers.together import Together

REMEMBERED = 4096
"""Callers of sockets kept per process."""


class Context:
    """Made anew for every operation and every event: what it loads never goes stale."""

    def __init__(
        self,
        account: Account | None,
        origin: Origin,
        services: Services,
        channel: Channel | None = None,
    ) -> None:
        """`channel` is the way out of a subscription that is being opened."""
        self.account = account
        self.origin = origin
        self.services = services
        self.channel = channel
        self.cookies: list[str] = []
        self.loaders = Loaders()
        self.viewers = SharedLoader(load_fn=services.presence.viewers_of)
        """By (ticket id, holder of its lock)."""
        self._caller: asyncio.Task[Caller] | None = None
        self._own: OwnLoaders | None = None
        self._versions: tuple[int, int] | None = None
        """Of rights and sessions, when they were read with what is shown."""
        self._together: Together | None = None

    async def operator(self) -> OperatorCaller:
        """The operator who asks, with rights as of now; raises RequestRefused when nobody does."""
        caller = await self._known()
        if not isinstance(caller, OperatorCaller):
            raise RequestRefused("UNAUTHENTICATED", SIGN_IN)
        return caller

    async def contact(self) -> ContactCaller:
        """The contact who asks; raises RequestRefused when nobody does."""
        caller = await self._known()
        if not isinstance(caller, ContactCaller):
            raise RequestRefused("UNAUTHENTICATED", SIGN_IN)
        return caller

    async def own(self) -> OwnLoaders:
        """Loaders of what depends on who looks."""
        if self._own is None:
            caller = await self._known()
            self._own = OwnLoaders(caller.condition, caller.id, self._together)
        return self._own

    def since(self, after: str | None) -> str | None:
        """Where a feed begins: what the connection says goes before the document's argument."""
        return (self.channel.since if self.channel is not None else None) or after

    async def still_told(self, told: object) -> None:
        """Return if the session was in force when what is told was read; else end the connection.

        Then there is no return: the connection takes whoever waits with it.
        """
        memo: dict[str, Any] = getattr(told, "memo", {})
        versions = memo.get(VERSIONS) or await rows.versions()
        try:
            if self.account is not None:
                await callers.known(self.account, versions)
        except RequestRefused:
            if self.channel is None:
                raise
            self.channel.expire()
            await asyncio.Event().wait()

    def share(self, frame: Frame) -> None:
        """Load from here on together with everybody this frame is shown to."""
        self.loaders = frame.memo.setdefault("loaders", self.loaders)
        self._versions = frame.memo.get(VERSIONS)
        self._together = Together.of(frame.memo)

    async def _known(self) -> Caller:
        """Looked up once: fields resolved side by side wait for the first."""
        if self.account is None:
            raise RequestRefused("UNAUTHENTICATED", SIGN_IN)
        if self._caller is None:
            self._caller = asyncio.create_task(self._look_up(self.account))
        return await asyncio.shield(self._caller)

    async def _look_up(self, account: Account) -> Caller:
        """A connection outlives sessions, accounts and rights: there, all are looked up again."""
        if not self.origin.live:
            return await caller_of(account, (await Desk.get(id=1)).rights_version)
        if self._versions is None:
            return await caller_of(await _now(account), (await Desk.get(id=1)).rights_version)
        return await callers.known(account, self._versions)


async def _now(account: Account) -> Account:
    """As it is; raises RequestRefused when its session is over."""
    now = await still(account)
    if now is None:
        raise RequestRefused("UNAUTHENTICATED", "The session has ended: sign in again.")
    return now


class Callers:
    """Who asked of late, as of which versions of rights and sessions.

    A frame shown to a hundred viewers, each by their own rights, must not cost a hundred look-ups.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, tuple[int, int]], Caller] = OrderedDict()

    async def known(self, account: Account, versions: tuple[int, int]) -> Caller:
        """The caller by the rights of these versions; raises RequestRefused when none is left.

        A session that ends by time alone is ended by the watch over sessions, within a second.
        """
        key = (account.session_id, versions)
        if key not in self._known:
            self._known[key] = await caller_of(await _now(account), versions[0])
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return self._known[key]


callers = Callers()
SIGN_IN = "Sign in first: send the token as Authorization: Bearer."


async def caller_of(account: Account, version: int | None = None) -> Caller:
    """The account with its rights."""
    who = account.who
    if isinstance(who, Operator):
        sight = (await sight_of(who.id, version)).scoped(account.scopes)
        return OperatorCaller(who, account.session_id, sight, account.scopes)
    if account.only_ticket is not None:
        return ContactCaller(who, account.session_id, frozenset({who.id}), account.only_ticket)
    return ContactCaller(who, account.session_id, await circle_of(who.id, version))
