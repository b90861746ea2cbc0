"""The live layer of one process, put together."""

from dataclasses import dataclass

from actions.unit_of_work import settle
from app.lock_keeper import LockKeeper
from app.sessions_watch import SessionsWatch
from app.transport.connections import Connections
from realtime.broker import Broker
from realtime.hub import Hub
from realtime.lists.streams import Lists
from realtime.presence import Presence


@dataclass(frozen=True)
class Live:
    """Broker, hub, lists, presence, and the keepers that watch over them."""

    broker: Broker
    hub: Hub
    lists: Lists
    presence: Presence
    keeper: LockKeeper
    watch: SessionsWatch

    @classmethod
    def build(cls, redis_url: str, connections: Connections) -> "Live":
        """Wired, not started; without a Redis URL it serves this process alone."""
        broker = Broker(redis_url or "memory://")
        hub = Hub(lambda: broker.healthy)
        lists = Lists(lambda: broker.healthy)
        keeper = LockKeeper(lambda: presence)
        presence = Presence(hub.viewers_moved, keeper.gone)
        watch = SessionsWatch(connections)
        broker.listen(hub.hint)
        broker.listen(lists.registry.hint)
        broker.listen(watch.hint)
        broker.on_gap(hub.wake_all)
        broker.on_gap(lists.sweep.gap)
        return cls(broker, hub, lists, presence, keeper, watch)

    async def start(self) -> None:
        """Begin to listen, check and keep."""
        await self.broker.start()
        self.hub.start()
        self.lists.start()
        self.keeper.start()
        self.watch.start()

    async def stop(self) -> None:
        """End, the units of work under way first."""
        await settle()
        await self.watch.stop()
        await self.keeper.stop()
        await self.lists.stop()
        await self.hub.stop()
        await self.broker.stop()
