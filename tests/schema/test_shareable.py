"""The whitelists of what subscriptions share name what exists, and nothing that asks who looks."""

import sys
from typing import Any

import pytest

from schema.client.shareable import EVENTS as CLIENT_EVENTS, SHAREABLE as CLIENT
from schema.desk.shareable import ENTRIES, EVENTS as DESK_EVENTS, SHAREABLE as DESK
from schema.rules import Needs
from tests.schema.walking import SCHEMAS, fields_of, members

DEFINITION = "strawberry-definition"
LISTS = {"desk": DESK, "client": CLIENT}
PERSONAL = {
    "desk": {
        "ReplyLock.token",
        "Ticket.unread",
        "Ticket.draft",
        "Ticket.allowedActions",
        "Ticket.followUpOf",
        "Ticket.followUps",
        "Ticket.mergedInto",
        "Contact.tickets",
        "Document.downloadUrl",
        "SystemEvent.changes",
    },
    "client": {"Message.fromMe", "Document.downloadUrl"},
}
"""Known to depend on who looks."""


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_every_name_is_a_field(name: str) -> None:
    schema = SCHEMAS[name]
    for one in sorted(LISTS[name]):
        kind, field = one.split(".")
        assert kind in schema.type_map, one
        assert field in fields_of(schema.type_map[kind]), one
        sys.stdout.write(f"{one}\n")  # for review: pytest -s


@pytest.mark.parametrize("name", list(SCHEMAS))
def test_nothing_personal_is_shared(name: str) -> None:
    schema = SCHEMAS[name]
    for one in PERSONAL[name]:
        kind, field = one.split(".")
        assert field in fields_of(schema.type_map[kind]), f"{one} is gone: take it out here"
    assert not PERSONAL[name] & LISTS[name]
    for one in LISTS[name]:
        kind, field = one.split(".")
        definition: Any = fields_of(schema.type_map[kind])[field].extensions.get(DEFINITION)
        extensions: list[object] = definition.extensions if definition is not None else []
        assert not any(isinstance(guard, Needs) for guard in extensions), one


@pytest.mark.parametrize(("name", "events"), [("desk", DESK_EVENTS), ("client", CLIENT_EVENTS)])
def test_every_event_is_in_the_union(name: str, events: dict[type, str]) -> None:
    union = SCHEMAS[name].type_map["TicketEvent"]
    named = {one.name for one in getattr(union, "types")}  # noqa: B009 - untyped in graphql-core
    assert set(events.values()) == named


def test_every_entry_has_its_type() -> None:
    possible = members(SCHEMAS["desk"], SCHEMAS["desk"].type_map["TimelineEntry"])
    assert {one.name for one in possible} == set(ENTRIES.values())
