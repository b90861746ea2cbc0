"""Every order of the ticket list, both ways, page by page."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.enums import Priority
from models.tickets import Ticket
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import numbers_of, pages
from tests.support.site import Client, Failed, Site

FIELDS = (
    "CREATED_AT",
    "UPDATED_AT",
    "LAST_POST_AT",
    "LAST_CONTACT_POST_AT",
    "LAST_OPERATOR_REPLY_AT",
    "FIRST_REPLY_AT",
    "CLOSED_AT",
    "PRIORITY",
    "NUMBER",
)
URGENCY = list(Priority)


async def some_tickets(number: int = 17) -> list[Ticket]:
    """With ties, and times that are missing."""

    def at(n: int, step: int) -> datetime:
        return NOON + timedelta(microseconds=(n * step % 5) * 250_000)

    tickets = [
        ticket(
            priority=URGENCY[n * 7 % 4],
            created_at=at(n, 1),
            updated_at=at(n, 2),
            last_post_at=at(n, 3) if n % 3 else None,
            last_contact_post_at=at(n, 4) if n % 2 else None,
            last_operator_reply_at=at(n, 6) if n % 5 else None,
            first_reply_at=at(n, 7) if n % 4 else None,
            closed_at=at(n, 8) if n % 7 == 0 else None,
        )
        for n in range(number)
    ]
    await saved(*tickets)
    return tickets


def key_of(field: str, one: Ticket) -> Any:
    if field == "PRIORITY":
        return URGENCY.index(one.priority)
    return one.id if field == "NUMBER" else getattr(one, field.lower())


def expected(tickets: list[Ticket], field: str, *, descending: bool) -> list[int]:
    """Those without the time come last either way; ties by number, the same way."""

    def key(one: Ticket) -> Any:
        return key_of(field, one), one.id

    known = sorted((one for one in tickets if key_of(field, one) is not None), key=key)
    unknown = sorted((one for one in tickets if key_of(field, one) is None), key=lambda one: one.id)
    ways = [group[::-1] if descending else group for group in (known, unknown)]
    return [one.id for group in ways for one in group]


async def walked(by: Client, orders: list[dict[str, str]], *, backward: bool) -> list[list[int]]:
    """Every page of six of each list, from one end to the other."""
    size, cursor, edge, more = (
        ("last", "before", "startCursor", "hasPreviousPage")
        if backward
        else ("first", "after", "endCursor", "hasNextPage")
    )
    came: list[list[int]] = [[] for _ in orders]
    at: list[str | None] = [None for _ in orders]
    while True:
        asked = [
            {"orderBy": order, size: 6, cursor: where}
            for order, where in zip(orders, at, strict=True)
        ]
        turned = await pages(by, *asked)
        for n, page in enumerate(turned):
            these = numbers_of(page)
            came[n] = these + came[n] if backward else came[n] + these
        # The lists are of one length, and end together.
        if not any(page["pageInfo"][more] for page in turned):
            return came
        at = [page["pageInfo"][edge] for page in turned]


async def test_every_field_both_ways_forward_and_backward(site: Site) -> None:
    admin = await site.sign_in("admin")
    tickets = await some_tickets()
    for direction in ("ASC", "DESC"):
        orders = [{"field": field, "direction": direction} for field in FIELDS]
        down = direction == "DESC"
        right = [expected(tickets, field, descending=down) for field in FIELDS]
        assert await walked(admin, orders, backward=False) == right
        assert await walked(admin, orders, backward=True) == right


async def test_every_field_is_tried(site: Site) -> None:
    admin = await site.sign_in("admin")
    ask = '{ __type(name: "TicketOrderField") { enumValues { name } } }'
    known = (await admin.run(ask))["__type"]["enumValues"]
    assert [one["name"] for one in known] == list(FIELDS)


async def test_the_latest_change_comes_first_unless_said(site: Site) -> None:
    admin = await site.sign_in("admin")
    tickets = await some_tickets()
    latest = expected(tickets, "UPDATED_AT", descending=True)
    for page in await pages(admin, {"orderBy": None}, {"first": None}):
        assert numbers_of(page) == latest


async def test_a_cursor_of_another_order_or_list_is_refused(site: Site) -> None:
    admin = await site.sign_in("admin")
    await some_tickets()
    by_number = {"field": "NUMBER", "direction": "ASC"}
    (page,) = await pages(admin, {"orderBy": by_number})
    contacts = (await admin.run("{ contacts { edges { cursor } } }"))["contacts"]
    for cursor, order in (
        (page["edges"][0]["cursor"], {"field": "PRIORITY", "direction": "ASC"}),
        (contacts["edges"][0]["cursor"], by_number),
    ):
        with pytest.raises(Failed, match="after is no cursor of this list and order") as failed:
            await pages(admin, {"orderBy": order, "first": 5, "after": cursor})
        assert failed.value.code == "BAD_REQUEST"
