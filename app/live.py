"""The live layer of one process, put together."""

from dataclasses import dataclass

from actions.unit_of_work import settle
from app.lock_keeper import LockKeeper
from app.sessions_watch import SessionsWatch
from app.transport.connections import Connections
from realtime.backends.memory_board import MemoryBoard
from realtime.backends.redis_board import RedisBoard
from realtime.broker import Broker
from realtime.hub import Hub
from realtime.lists.streams import Lists
from realtime.mailbox_watch import MailboxWatch
from realtime.notices import Notices
from realtime.presence import Presence
from realtime.tally import Tally


@dataclass(frozen=True)
class Live:
    """Broker, hub, presence, and the keepers that watch over them."""

    broker: Broker
    hub: Hub
    lists: Lists
    presence: Presence
    tally: Tally
    notices: Notices
    mailboxes: MailboxWatch
    keeper: LockKeeper
    watch: SessionsWatch

    @classmethod
    def build(
        cls, redis_url: str, connections: Connections, redis_prefix: str = "sportello"
    ) -> "Live":
        """Wired, not started; without a Redis URL it serves this process alone."""
        broker = Broker(redis_url or "memory://", redis_prefix)
        board = RedisBoard(redis_url, redis_prefix) if redis_url else MemoryBoard()
        tally = Tally()
        hub = Hub(lambda: broker.healthy, tally)
        lists = Lists(lambda: broker.healthy)
        notices = Notices(lambda: broker.healthy)
        mailboxes = MailboxWatch(lambda: broker.healthy)
        keeper = LockKeeper(lambda: presence)
        presence = Presence(
            board, broker.publish, lambda: broker.healthy, hub.viewers_moved, keeper.gone
        )
        watch = SessionsWatch(connections)
        broker.listen(hub.hint)
        broker.listen(presence.hint)
        broker.listen(notices.hint)
        broker.listen(mailboxes.hint)
        broker.listen(lists.registry.hint)
        broker.listen(watch.hint)
        broker.on_gap(hub.wake_all)
        broker.on_gap(presence.missed)
        broker.on_gap(notices.wake_all)
        broker.on_gap(mailboxes.wake_all)
        broker.on_gap(lists.sweep.gap)
        return cls(broker, hub, lists, presence, tally, notices, mailboxes, keeper, watch)

    async def start(self) -> None:
        """Begin to listen, check and keep."""
        await self.broker.start()
        await self.presence.start()
        self.hub.start()
        self.notices.start()
        self.mailboxes.start()
        self.lists.start()
        self.keeper.start()
        self.watch.start()

    async def stop(self) -> None:
        """End, the units of work under way first."""
        await settle()
        await self.watch.stop()
        await self.keeper.stop()
        await self.lists.stop()
        await self.mailboxes.stop()
        await self.notices.stop()
        await self.hub.stop()
        await self.presence.stop()
        await self.broker.stop()
