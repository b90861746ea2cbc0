"""Follows one ticket: each entry once and in order, whatever happens to the line.

TOKEN=… python feed.py ws://127.0.0.1:8000/graphql TICKET_ID [CURSOR]
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncGenerator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.frames import Close
from websockets.typing import Subprotocol

PROTOCOL = Subprotocol("graphql-transport-ws")
FATAL = {1002, 1003, 1007, 1009, 1011, 4400, 4401, 4406, 4409, 4429}
QUERY = """
subscription ($id: ID!, $after: String) {
  ticketEvents(ticketId: $id, after: $after) {
    __typename
    ... on TicketSnapshot { cursor ticket { subject turn } }
    ... on EntryAdded { cursor entry { ...shown } }
    ... on EntryChanged { cursor entry { ...shown } }
    ... on FeedReset { cursor reason }
  }
}
fragment shown on TimelineEntry {
  __typename number ... on Post { bodyText } ... on SystemEvent { kind }
}"""


class Refused(Exception):
    """The subscription was answered with an error."""


async def follow(
    url: str, token: str, ticket_id: str, after: str | None = None
) -> AsyncGenerator[dict[str, Any]]:
    """Frames past the cursor, until AccessRevoked; raises what coming back would not mend."""
    variables, tries = {"id": ticket_id, "after": after}, 0
    while True:
        wait = random.uniform(0.5, 1) * min(2**tries, 30)
        try:
            async with connect(url, subprotocols=[PROTOCOL], max_size=None) as socket:
                async for frame in frames(socket, token, variables):
                    tries, variables["after"] = -1, frame.get("cursor", variables["after"])
                    yield frame
                    if frame["__typename"] == "AccessRevoked":
                        return
        except (OSError, InvalidHandshake, ConnectionClosed, Refused) as trouble:
            wait = max(wait, told_to_wait(trouble))
        tries += 1
        await asyncio.sleep(wait)


def told_to_wait(trouble: Exception) -> float:
    """For how many seconds, if for any; raises the trouble if coming back would not mend it."""
    match trouble:
        case Refused(args=([{"extensions": {"retryAfter": seconds}}, *_],)):
            return seconds
        case Refused():
            raise trouble
        case ConnectionClosed(rcvd=Close(code=code)) if code in FATAL:
            raise trouble
        case _:
            return 0


async def frames(
    socket: ClientConnection, token: str, variables: dict[str, Any]
) -> AsyncGenerator[dict[str, Any]]:
    """Of one connection, until it ends or a frame fails: that one is to be asked for again."""
    subscribe = {"query": QUERY, "variables": variables}
    await send(socket, type="connection_init", payload={"authorization": f"Bearer {token}"})
    async for text in socket:
        match json.loads(text):
            case {"type": "connection_ack"}:
                await send(socket, type="subscribe", id="1", payload=subscribe)
            case {"type": "ping"}:
                await send(socket, type="pong")
            case {"type": "next", "payload": {"data": {"ticketEvents": frame}}}:
                yield frame
            case {"type": "error", "payload": errors}:
                raise Refused(errors)
            case _:
                return


async def send(socket: ClientConnection, **message: Any) -> None:
    """A message of the protocol."""
    await socket.send(json.dumps(message))


async def main() -> None:
    """Show what comes."""
    async for frame in follow(sys.argv[1], os.environ["TOKEN"], *sys.argv[2:]):
        entry = frame.get("entry")
        if entry:
            says = entry.get("bodyText") or entry.get("kind")
            sys.stdout.write(f"{entry['number']} {entry['__typename']}: {says}\n")
        else:
            sys.stdout.write(f"- {frame['__typename']}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
