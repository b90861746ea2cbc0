"""The bare broadcast: a loop of Starlette's `send_text`, one payload for all, no GraphQL.

It knows the messages of `graphql-transport-ws` well enough for the same viewers to watch it.
A viewer at /stalled is connected and never written to: the loop would wait for it for ever.
"""

from copy import deepcopy

import orjson
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.peers.site import EVENT, routes, serve

viewers: set[WebSocket] = set()
stalled: set[WebSocket] = set()


async def publish(number: int, now: str) -> None:
    """Build the payload once, and send it to one after the other."""
    event = deepcopy(EVENT)
    event["entry"].update(number=number, createdAt=now)
    event["ticket"].update(lastEntryNumber=number, updatedAt=now)
    payload = {"id": "1", "type": "next", "payload": {"data": {"ticketEvents": event}}}
    text = orjson.dumps(payload).decode()
    for viewer in list(viewers):
        await viewer.send_text(text)


async def watch(socket: WebSocket) -> None:
    """Acknowledge, then listen to nothing but the end."""
    await socket.accept("graphql-transport-ws")
    watching = stalled if socket.url.path == "/stalled" else viewers
    try:
        while True:
            message = orjson.loads(await socket.receive_text())
            if message["type"] == "connection_init":
                await socket.send_text('{"type":"connection_ack"}')
            elif message["type"] == "subscribe":
                await socket.send_text('{"id":"1","type":"next","payload":{"data":null}}')
                watching.add(socket)
    except WebSocketDisconnect:
        watching.discard(socket)


if __name__ == "__main__":
    serve(
        Starlette(
            routes=[
                *routes(lambda: len(viewers) + len(stalled), publish),
                WebSocketRoute("/graphql", watch),
                WebSocketRoute("/stalled", watch),
            ]
        )
    )
