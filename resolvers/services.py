"""What resolvers are handed by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from realtime.hub import Hub
from realtime.lists.streams import Lists
from realtime.mailbox_watch import MailboxWatch
from realtime.notices import Notices
from realtime.presence import Presence


class Origin(Protocol):
    """Where a request comes from."""

    @property
    def address(self) -> str: ...

    @property
    def live(self) -> bool: ...


@dataclass(frozen=True)
class Services:
    """The live layer and what signs things."""

    hub: Hub
    lists: Lists
    presence: Presence
    notices: Notices
    mailboxes: MailboxWatch
    download_url: Callable[[int, int], str]
    """A signed address for (document id, session id)."""
    origin: str
    """Our own address, scheme to port."""
    refused: Callable[[str, str], None]
    """Told of every refusal of a mutation: (field, name of the refusal)."""
    set_cookie: Callable[[str, int], str]
    """A raw Set-Cookie value for (token, lifetime in seconds); lifetime 0 deletes."""
