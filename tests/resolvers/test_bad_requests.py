"""Requests that cannot even be tried, each told what to do; nothing of it is an error of ours."""

from typing import Any

import pytest

from tests.models.tickets import saved, ticket
from tests.support.site import CLIENT, DESK, Failed, Site

DEEP = "{ departments " + "{ parent " * 16 + "{ name }" + " }" * 16 + " }"
ALIASES = "{ " + " ".join(f"a{n}: viewer {{ id }}" for n in range(16)) + " }"
COSTLY = (
    "{ tickets(first: 100) { edges { node { timeline(first: 100) { edges { node { id } } } } } } }"
)
MANY_TOKENS = "{ " + "viewer { id } " * 700 + "}"
PAGES = "tickets(%s) { totalCount }"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{", "Syntax Error"),
        ("", "Syntax Error"),
        ("{ nothing }", "Cannot query field 'nothing'"),
        ("{ tickets { totalCount ", "Syntax Error"),
        ("query A { viewer { id } } query B { viewer { id } }", "name one"),
        ("{ tickets(filter: {turn: [NOBODY]}) { totalCount } }", "NOBODY"),
        ("{ tickets(filter: {turn: nobody}) { totalCount } }", "nobody"),
        ('{ tickets(filter: {turn: "OPERATOR"}) { totalCount } }', "OPERATOR"),
        ("{ tickets(filter: {nothing: 1}) { totalCount } }", "nothing"),
        ("query ($id: ID!) { node(id: $id) { id } }", "'\\$id' has invalid value"),
        ("{ node { id } }", "node\\(id:\\)' of type 'ID!' is required"),
        ("{ ticket(number: 2147483648) { id } }", "32-bit"),
        ("{ ticket(number: 1.5) { id } }", "Int cannot represent"),
        ('{ ticket(number: "1") { id } }', "Int cannot represent"),
        ("{ " + PAGES % 'filter: {createdAt: {from: "2026-01-31"}}' + " }", "date, time and zone"),
        ("{ " + PAGES % "filter: {createdAt: {to: 5}}" + " }", "A DateTime is a string"),
        ("{ " + PAGES % 'filter: {createdAt: {to: "\\u0000"}}' + " }", "date, time and zone"),
        (DEEP, "deeper than 15"),
        (ALIASES, "more than 15 aliases"),
        (MANY_TOKENS, "more than 2000 tokens"),
        ("{ " + PAGES % "first: 0" + " }", "first is 0: ask for 1 to 100"),
        ("{ " + PAGES % "first: -1" + " }", "first is -1: ask for 1 to 100"),
        ("{ " + PAGES % "first: 1000" + " }", "first is 1000: ask for 1 to 100"),
        ("{ " + PAGES % "last: 0" + " }", "last is 0: ask for 1 to 100"),
        ("{ " + PAGES % "first: 5, last: 5" + " }", "first or last, not both"),
        ("{ " + PAGES % 'last: 5, after: "x"' + " }", "after goes with first"),
        ("{ " + PAGES % 'before: "x"' + " }", "before goes with last"),
        ("{ " + PAGES % 'after: "garbage"' + " }", "after is no cursor of this list and order"),
        ("{ tickets { edges { node { timeline(first: 0) { totalCount } } } } }", "first is 0"),
        ("mutation { ticketClose { __typename } }", "ticketClose\\(input:\\)' of type"),
        ("mutation { ticketClose(input: {}) { __typename } }", "ticketId"),
        ("subscription { ticketEvents(ticketId: \"x\") { __typename } }", "websockets"),
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_used(sqlite_site: Site, query: str, told: str) -> None:
    anna = await sqlite_site.sign_in("anna")
    await saved(ticket())
    with pytest.raises(Failed, match=told) as failed:
        await anna.run(query)
    assert failed.value.code == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("DateTime", "2026-01-31T12:00:00", "needs date, time and zone"),
        ("DateTime", "2026-01-31", "needs date, time and zone"),
        ("DateTime", "yesterday", "needs date, time and zone"),
        ("DateTime", "0001-01-01T00:00:00+14:00", "needs date, time and zone"),
        ("DateTime", 1_700_000_000, "is a string"),
        ("DateTime", "\0", "needs date, time and zone"),
        ("DateTime", ["2026-01-31T12:00:00Z"], "."),
        ("Int", 2**31, "32-bit"),
        ("Int", -(2**31) - 1, "32-bit"),
        ("Int", 2**63, "32-bit"),
        ("Int", "1", "Int cannot represent"),
        ("Int", True, "Int cannot represent"),
        ("Boolean", 1, "Boolean cannot represent"),
        ("ID!", None, "non-nullable|must not be null|NonNull|null"),
        ("ID!", {}, "ID cannot represent"),
        ("String", 5, "String cannot represent"),
        ("TicketFilter", [], "object"),
        ("TicketFilter", {"turn": ["NOBODY"]}, "NOBODY"),
        ("TicketFilter", {"nothing": 1}, "nothing"),
    ],
)
async def test_a_variable_that_cannot_be_used(
    sqlite_site: Site, kind: str, value: Any, told: str
) -> None:
    use = {
        "DateTime": "tickets(filter: {createdAt: {from: $v}}) { totalCount }",
        "Int": "ticket(number: $v) { id }",
        "Boolean": "tickets(filter: {open: $v}) { totalCount }",
        "ID!": "node(id: $v) { id }",
        "String": "tickets(filter: {search: $v}) { totalCount }",
        "TicketFilter": "tickets(filter: $v) { totalCount }",
    }[kind]
    anna = await sqlite_site.sign_in("anna")
    with pytest.raises(Failed, match=told) as failed:
        await anna.run(f"query ($v: {kind}) {{ {use} }}", v=value)
    assert failed.value.code == "BAD_REQUEST"


async def test_too_expensive(sqlite_site: Site) -> None:
    anna = await sqlite_site.sign_in("anna")
    with pytest.raises(Failed, match="10000 are allowed: ask for smaller pages") as failed:
        await anna.run(COSTLY)
    assert failed.value.code == "COST_EXCEEDED"
    assert failed.value.errors[0]["extensions"]["cost"]["requested"] > 10_000


@pytest.mark.parametrize("path", [DESK, CLIENT])
@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "not JSON"),
        (b"", 400, "not JSON"),
        (b"\xff", 400, "not JSON"),
        (b"[" * 100_000, 400, "not JSON"),
        (b"[]", 400, "Batches"),
        (b"5", 400, "JSON object"),
        (b"{}", 400, '"query" must be a string'),
        (b'{"query": 5}', 400, '"query" must be a string'),
        (b'{"query": "{ __typename }", "variables": []}', 400, '"variables" must be an object'),
        (b'{"query": "{ __typename }", "operationName": "X"}', 400, "no operation of this name"),
        (b'{"query": "' + b" " * 2_000_000 + b'"}', 413, "larger than 1048576 bytes"),
    ],
)
async def test_a_body_that_cannot_be_used(
    sqlite_site: Site, path: str, body: bytes, status: int, told: str
) -> None:
    answer = await sqlite_site.http.post(
        path,
        content=body,
        headers={
            "Content-Type": "application/json",
            "Accept": "application/graphql-response+json",
        },
    )
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert told in error["message"]
