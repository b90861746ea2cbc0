"""What follows what: one table, event type → reaction; the map of the system."""

from collections.abc import Awaitable, Callable
from typing import Any

from actions.events import (
    Happened,
    MailboxChanged,
    NotificationsRead,
    Notified,
    OwnStateChanged,
    RightsChanged,
    SessionEnded,
    TicketWritten,
)
from realtime.broker import Broker

Hint = dict[str, int | str]


def _ticket_moved(event: TicketWritten) -> Hint:
    return {"ticket": event.ticket_id, "number": event.number, "revision": event.revision}


def _own_state(event: OwnStateChanged) -> Hint:
    return {"ticket": event.ticket_id, "operator": event.operator_id}


def _notified(event: Notified | NotificationsRead) -> Hint:
    return {"notified": event.operator_id}


def _rights(_event: RightsChanged) -> Hint:
    return {"rights": 1}


def _mailbox(event: MailboxChanged) -> Hint:
    return {"mailbox": event.mailbox_id}


def _session(event: SessionEnded) -> Hint:
    return {"session": event.session_id}


HINTS: dict[type[Happened], Callable[[Any], Hint]] = {
    TicketWritten: _ticket_moved,
    OwnStateChanged: _own_state,
    Notified: _notified,
    NotificationsRead: _notified,
    RightsChanged: _rights,
    SessionEnded: _session,
    MailboxChanged: _mailbox,
}
"""Told to every process at once, best effort: feeds find what a lost hint would have said."""


def announcer(broker: Broker) -> Callable[[Happened], Awaitable[None]]:
    """The listener of committed events."""

    async def announce(event: Happened) -> None:
        hint = HINTS.get(type(event))
        if hint is not None:
            await broker.publish(hint(event))

    return announce
