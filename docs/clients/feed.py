"""Follows one ticket: each entry once and in order, whatever happens to the line.

TOKEN=… python feed.py ws://127.0.0.1:8000/graphql TICKET_ID [CURSOR]
"""

import asyncio
import json
import os
import random
import sys

from websockets import ConnectionClosed, InvalidHandshake, Subprotocol, connect

PROTOCOL = Subprotocol("graphql-transport-ws")
FATAL = {1002, 1003, 1007, 1009, 1011, 4400, 4401, 4406, 4409, 4429}
QUERY = """subscription ($id: ID!, $after: String) { ticketEvents(ticketId: $id, after: $after) {
  __typename ... on TicketSnapshot { cursor ticket { turn } } ... on FeedReset { cursor reason }
  ... on EntryAdded { cursor entry { ...line } } ... on EntryChanged { cursor entry { ...line } }
} } fragment line on TimelineEntry {
  __typename number ... on Post { bodyText } ... on SystemEvent { kind } }"""


async def follow(url: str, token: str, id: str, after: str | None = None) -> None:
    """Show frames past the cursor, until AccessRevoked; raises what coming back would not mend."""
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
    kind, wait = "", 0.0
    while kind != "AccessRevoked":
        await asyncio.sleep(random.uniform(1, 2) * wait)
        wait = min(2 * wait, 15) or 0.5
        asked = {"query": QUERY, "variables": {"id": id, "after": after}}
        try:
            async with connect(url, subprotocols=[PROTOCOL], max_size=None) as socket:
                await socket.send(json.dumps(hello))
                await socket.recv()  # connection_ack; a bad token is answered with a close code
                await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
                async for text in socket:
                    match json.loads(text):
                        case {"type": "next", "payload": {"data": {"ticketEvents": frame}}}:
                            kind, wait, after = frame["__typename"], 0.5, frame.get("cursor", after)
                            print(json.dumps(frame), flush=True)  # or what you do with it
                        case {"payload": [{"extensions": {"retryAfter": wait}}, *_]}:
                            break
                        case {"type": "error", "payload": errors}:
                            raise RuntimeError(errors)
                        case _:  # the end, or a frame that failed: it is asked for again
                            break
        except (OSError, InvalidHandshake, ConnectionClosed) as end:
            if isinstance(end, ConnectionClosed) and end.rcvd and end.rcvd.code in FATAL:
                raise


asyncio.run(follow(sys.argv[1], os.environ["TOKEN"], *sys.argv[2:]))
