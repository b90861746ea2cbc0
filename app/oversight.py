"""What those who run a desk see of a process: health, metrics, spans; and its claim."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from actions.events import Happened
from actions.unit_of_work import watch
from app import database
from app.claims import Claim, claim_on
from app.health.departure import Departure
from app.health.loop_lag import LoopLag
from app.health.readiness import Readiness
from app.health.routes import health_routes
from app.live import Live
from app.metrics.requests import CountedRequests
from app.metrics.route import metrics_route
from app.metrics.sources import Sources
from app.settings import Settings
from app.telemetry import tracing_of
from app.transport.bucket import Bucket, MemoryBucket
from app.transport.connections import Connections
from app.transport.endpoint import Around, untraced
from app.transport.shared_bucket import SharedBucket
from realtime.redis_bucket import RedisBucket

Announce = Callable[[Happened], Awaitable[None]]


class Oversight:
    """Of one application; nothing runs before `watching`."""

    def __init__(self, settings: Settings, live: Live, connections: Connections) -> None:
        """Raises SettingsError when spans are wished for and cannot be made."""
        self._settings = settings
        self._redis = (
            RedisBucket(settings.redis_url, settings.redis_prefix) if settings.redis_url else None
        )
        self._shared = SharedBucket(self._redis) if self._redis else None
        self.bucket: Bucket = self._shared or MemoryBucket()
        self.departure = Departure(connections.close_all)
        self.tracing = tracing_of(settings)
        self.around: Around = self.tracing.operation if self.tracing else untraced
        self._claim: Claim | None = None
        self._lag = LoopLag()
        self.readiness = Readiness(
            database.applied_migrations,
            stopping=lambda: self.departure.begun,
            hints=lambda: live.broker.healthy,
            claim=self._claimed,
            lag_s=lambda: self._lag.worst_s,
        )
        self.sources = Sources(
            connections=connections,
            tally=live.tally,
            hints=live.broker.counts,
            hints_flow=lambda: live.broker.healthy,
            costs_shared=lambda: self._shared is not None and not self._shared.away,
            claim_held=self._claimed,
            lag=self._lag,
        )

    @property
    def routes(self) -> list[Route]:
        """`/health/…` and `/metrics`."""
        metrics = metrics_route(self.sources, self._settings.metrics_token)
        return [*health_routes(self.readiness), metrics]

    @property
    def middleware(self) -> list[Middleware]:
        """What goes around the application."""
        counted = Middleware(CountedRequests, requests=self.sources.requests)
        return [*(self.tracing.middleware if self.tracing else ()), counted]

    def announcing(self, announce: Announce) -> Announce:
        """The listener of committed events, in a span if there are any."""
        return self.tracing.announcing(announce) if self.tracing else announce

    def attach(self, app: Starlette) -> None:
        """Leave with the application what its server needs to know."""
        app.state.departure = self.departure

    @asynccontextmanager
    async def watching(self) -> AsyncGenerator[None]:
        """Within the block the process has its claim; the database is open, and stays so.

        Raises ClaimRefused.
        """
        async with AsyncExitStack() as ends:
            claim = claim_on(self._settings)
            await claim.take()
            self._claim = claim
            ends.push_async_callback(claim.release)
            self.readiness.known = database.known_migrations(self._settings)
            ends.push_async_callback(self.readiness.stop)
            self._lag.start()
            ends.push_async_callback(self._lag.stop)
            ends.callback(watch(self.sources.units.ended))
            if self._redis:
                ends.push_async_callback(self._redis.close)
            if self.tracing:
                ends.push_async_callback(self.tracing.stop)
                ends.callback(watch(self.tracing.unit))
            yield

    def _claimed(self) -> bool:
        return self._claim is not None and self._claim.held
