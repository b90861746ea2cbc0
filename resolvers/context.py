"""The context of one operation, or of one event of a subscription: who asks, and what is loaded."""

import asyncio

from models.callers import Caller, ContactCaller, OperatorCaller
from models.circles import circle_of
from models.desk import Desk
from models.people import Operator
from models.sights import sight_of
from realtime.feed_events import Frame
from resolvers.accounts import Account, still
from resolvers.errors import RequestRefused
from resolvers.loaders import Loaders, OwnLoaders
from resolvers.services import Origin, Services
from resolvers.together import Together


class Context:
    """Made anew for every operation and every event: what it loads never goes stale."""

    def __init__(self, account: Account | None, origin: Origin, services: Services) -> None:
        self.account = account
        self.origin = origin
        self.services = services
        self.cookies: list[str] = []
        self.loaders = Loaders()
        self._caller: asyncio.Task[Caller] | None = None
        self._own: OwnLoaders | None = None
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

    def share(self, frame: Frame) -> None:
        """Load from here on together with everybody this frame is shown to."""
        self.loaders = frame.memo.setdefault("loaders", self.loaders)
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
        if self.origin.live:
            now = await still(account)
            if now is None:
                raise RequestRefused("UNAUTHENTICATED", "The session has ended: sign in again.")
            self.account = account = now
        version = (await Desk.get(id=1)).rights_version
        return await caller_of(account, version)


SIGN_IN = "Sign in first: send the token as Authorization: Bearer."


async def caller_of(account: Account, version: int | None = None) -> Caller:
    """The account with its rights."""
    who = account.who
    if isinstance(who, Operator):
        sight = (await sight_of(who.id, version)).scoped(account.scopes)
        return OperatorCaller(who, account.session_id, sight, account.scopes)
    return ContactCaller(who, account.session_id, await circle_of(who.id, version))
