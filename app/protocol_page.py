"""The tables of docs/realtime.md, out of the schemas and the transport: `make docs` writes them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from graphql import get_named_type, is_object_type

from app.tables import filled, table
from app.transport.close_codes import CloseCode
from app.transport.frames import LONGEST_ID
from app.transport.limits import MIB, Limits
from app.transport.protocol import MAX_MESSAGE, PING_SECONDS
from app.transport.sse import BEAT_S
from realtime.log import TOO_FAR
from schema.client import SCHEMA as CLIENT, shareable as client
from schema.core import Schema
from schema.desk import SCHEMA as DESK, shareable as desk

PAGE = Path("docs/realtime.md")


def tables() -> dict[str, str]:
    """Every table of the page, by the name of its marks."""
    subscriptions = ("subscription", "frames", "")
    frames = ("frame", "fields", "what it says", "delivery")
    shared = ("type", "shared", "for each viewer")
    return {
        "close codes": table(("code", "reason", "when", "do", "graphql-ws"), _close_codes()),
        "limits": table(("of", "limit", "beyond it"), _limits()),
        "desk subscriptions": table(subscriptions, _subscriptions(DESK)),
        "desk frames": table(frames, _frames(DESK, desk.EVENTS)),
        "desk shared": table(shared, _shared(DESK, desk.FIELDS, desk.EVENTS)),
        "client subscriptions": table(subscriptions, _subscriptions(CLIENT)),
        "client frames": table(frames, _frames(CLIENT, client.EVENTS)),
        "client shared": table(shared, _shared(CLIENT, client.FIELDS, client.EVENTS)),
    }


def page(text: str) -> str:
    """The page with its tables as they should be."""
    return filled(text, tables())


def _close_codes() -> Iterator[tuple[str, ...]]:
    for one in CloseCode:
        by_itself = "comes back" if one.retried else "gives up"
        yield f"`{int(one)}`", one.reason, one.when, one.then, by_itself


def _limits() -> Iterator[tuple[str, ...]]:
    its, slow = Limits(), CloseCode.SLOW
    queue = f"{its.queued_frames} frames or {its.queued_bytes // MIB} MiB"
    init, anonymous = CloseCode.INIT_TIMEOUT, f"{its.anonymous_bucket:,}, {its.anonymous_refill:g}"
    yield "operations under way on a connection", f"{its.operations}", "`error`, `RATE_LIMITED`"
    yield "frames that wait for a client", queue, f"closed with {slow}"
    yield "a client that takes nothing", f"{its.stall_timeout:g} s", f"closed with {slow}, cut off"
    yield "a pong to the server's ping", f"{PING_SECONDS:g} s", "cut off"
    yield "a message to the server", f"{MAX_MESSAGE // 1024:,} KiB", "closed with 1009"
    yield (
        "the id of an operation",
        f"{LONGEST_ID} characters",
        f"closed with {CloseCode.BAD_REQUEST}",
    )
    yield "time until `connection_init`", f"{its.init_timeout:g} s", f"closed with {init}"
    yield "cost of an operation", f"{its.cost:,} points", "`error`, `COST_EXCEEDED`"
    bucket = f"{its.bucket:,}, {its.refill:,.0f} more a second"
    yield "points of a session or token", bucket, "`error`, `RATE_LIMITED`, `retryAfter`"
    yield "points of an address, signed out", f"{anonymous} more a second", "the same"
    yield "entries that are replayed", f"{TOO_FAR:,}", "`FeedReset`"
    yield "silence of an event stream", f"{BEAT_S:g} s", "a comment, to keep proxies awake"


def _subscriptions(schema: Schema) -> Iterator[tuple[str, ...]]:
    for name, field in _roots(schema):
        arguments = ", ".join(f"{one}: {it.type}" for one, it in field.args.items())
        asked = f"`{name}({arguments})`" if arguments else f"`{name}`"
        yield asked, f"`{field.type}`", _in_a_line(field.description)


def _frames(schema: Schema, events: Mapping[type, str]) -> Iterator[tuple[str, ...]]:
    """Members of the unions that are subscribed to; a type subscribed to by itself has no name."""
    classes: dict[str, Any] = {name: frame for frame, name in events.items()}
    for _, field in _roots(schema):
        of: Any = cast("Any", get_named_type(field.type))
        for type_ in of.types if hasattr(of, "types") else ():
            fields = " ".join(type_.fields)
            state = getattr(classes.get(type_.name), "state", None)
            how = "state: the newest wins" if state else "each"
            if "cursor" in type_.fields:
                how = f"{how}; moves the cursor"
            delivery = how if state is not None else ""
            yield f"`{type_.name}`", f"`{fields}`", _in_a_line(type_.description), delivery


def _shared(
    schema: Schema, shareable: Mapping[str, str], events: Mapping[type, str]
) -> Iterator[tuple[str, ...]]:
    """Without frames, which are shared whole, and interfaces: their types have all they have."""
    for name, listed in shareable.items():
        type_: Any = schema.core.type_map[name]
        if name in events.values() or not is_object_type(type_):
            continue
        shared = listed.split()
        others = [field for field in type_.fields if field not in shared]
        yield f"`{name}`", f"`{' '.join(shared)}`", f"`{' '.join(others)}`" if others else ""


def _roots(schema: Schema) -> Iterator[tuple[str, Any]]:
    root: Any = schema.core.subscription_type
    yield from root.fields.items()


def _in_a_line(description: str | None) -> str:
    return (description or "").replace("\n", " ")


def write() -> None:
    """Put the tables between their marks."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
