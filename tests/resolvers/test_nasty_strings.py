"""NUL, lone surrogates and endless strings in every argument: an answer, never an incident."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from tests.models.tickets import saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.schema.walking import SCHEMAS, fields_of
from tests.support.site import CLIENT, DESK, Client, Site, gid

NASTY = ("a\0b", "\U0010ffff" * 2_000)
CODES = {"BAD_REQUEST", "COST_EXCEEDED"}
Input = dict[str, Any]
_APART = count(9_000_000, 1_000)
"""So that a ticket opened between two of these takes none of their numbers."""
TICKET = "\1ticket"
"""Stands for the id of a ticket of its own, fresh for every request."""


def is_text(type_: object) -> bool:
    return str(type_).strip("[]!") in ("String", "ID")


def nasty(type_: object, text: str) -> Any:
    return [text] if str(type_).startswith("[") else text


def inputs(name: str, area: str, base: Input) -> Iterator[Input]:
    """The input of a mutation, with each of its strings made nasty in turn."""
    schema = SCHEMAS[area]
    fields = fields_of(schema.type_map[name[0].upper() + name[1:] + "Input"])
    required = {
        field: base[field] for field, one in fields.items() if str(one.type).endswith("!")
        and field in base
    }  # fmt: skip
    for field, one in fields.items():
        if is_text(one.type):
            for text in NASTY:
                whole = required | EXTRA.get(name, {})
                if field in ("contactEmail", "contactName"):
                    whole = {**whole, "contactId": None, "contactEmail": "new@demo.test"}
                yield whole | {field: nasty(one.type, text)}


EXTRA: dict[str, Input] = {}


async def bases(area: str) -> Input:
    """What is required, as it should be; and what opening needs besides."""
    category = await gid_of("Category", "Rinnovo permesso")
    EXTRA["ticketOpen"] = {"categoryId": category}
    if area == "desk":
        EXTRA["ticketOpen"]["contactId"] = await gid_of("Contact", "Mario")
    return {
        "ticketId": TICKET,
        "intoId": TICKET,
        "categoryId": category,
        "departmentId": await gid_of("Department", "Fiscale"),
        "email": "nobody@demo.test",
        "password": "wrong",
        "subject": "subject",
        "text": "text",
        "kind": "REPLY",
        "language": "en",
        "number": 1,
        "positive": True,
        "body": "body",
        "lockToken": "1",
        "operatorId": await gid_of("Operator", "Dino"),
        "tokenId": gid("Token", 1),
        "profileId": await gid_of("Profile", "operator"),
        "roleId": await gid_of("Role", "operator"),
        "groupId": await gid_of("Group", "Sportello"),
        "grantId": gid("Grant", 1),
        "categoryIds": [category],
        "contactId": await gid_of("Contact", "Giulia"),
        "organisationId": await gid_of("Organisation", "Acme"),
        "contactGroupId": gid("ContactGroup", 1),
        "name": "name",
        "scopes": ["TICKETS_VIEW"],
        "expiresAt": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        "currentPassword": "wrong",
        "newPassword": "una frase lunga",
        "level": "BASE",
        "state": "IDLE",
        "baseRevision": 0,
        "upTo": 0,
        "mailId": gid("InboundMail", 1),
        "mailboxId": gid("Mailbox", 1),
        "direction": "IN",
        "since": "2026-01-01T00:00:00Z",
        "to": "a@example.org",
        "token": "x",
    }


async def answered(by: Client, name: str, input: Input) -> str:
    """The name of the result; a ticket of its own for each request."""
    mario = await id_of("Contact", "Mario")
    whole: Input = {}
    for field, value in input.items():
        if value is TICKET:
            fresh = ticket(id=next(_APART), contact_id=mario)
            await saved(fresh)
            value = gid("Ticket", fresh.id)
        whole[field] = value
    return (await by.do(name, **whole))["__typename"]


@pytest.mark.parametrize(("area", "name"), [("desk", "admin"), ("client", "mario")])
async def test_every_string_of_every_mutation(site: Site, area: str, name: str) -> None:
    by = await site.sign_in(name)
    base = await bases(area)
    mutations = fields_of(SCHEMAS[area].type_map["Mutation"])
    results: set[str] = set()
    for mutation, field in mutations.items():
        if field.args:
            for input in inputs(mutation, area, base):
                result = await answered(by, mutation, input)
                results.add(result)
    assert {"NotFound", "InvalidInput"} <= results


async def asked(by: Client, field: str, kind: str, argument: str, value: Any, body: str) -> None:
    """The query answers with data, or refuses with words."""
    query = f"query ($v: {kind}) {{ {field}({argument}: $v) {body} }}"
    answer = (await by.post(query, v=value)).json()
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] in CODES, (field, argument, error)
        assert len(error["message"]) > 10


@pytest.mark.parametrize(("area", "name"), [("desk", "admin"), ("client", "mario")])
async def test_every_string_of_every_query(site: Site, area: str, name: str) -> None:
    by = await site.sign_in(name)
    await saved(ticket(tags=["vip"]))
    schema = SCHEMAS[area]
    for field, one in fields_of(schema.type_map["Query"]).items():
        for argument, given in one.args.items():
            for text in NASTY:
                if is_text(given.type):
                    value = nasty(given.type, text)
                    await asked(by, field, str(given.type), argument, value, "{ __typename }")
                if str(given.type) == "TicketFilter":
                    for name_, leaf in fields_of(schema.type_map["TicketFilter"]).items():
                        if is_text(leaf.type):
                            wanted = {name_: nasty(leaf.type, text)}
                            await asked(
                                by, field, "TicketFilter", argument, wanted, "{ __typename }"
                            )


async def test_cursors_of_inner_lists(site: Site) -> None:
    anna = await site.sign_in("anna")
    await saved(ticket())
    for inner in ("timeline", "attachments"):
        for text in (*NASTY, "garbage", ""):
            field = f"{inner}(after: $v) {{ totalCount }}"
            query = f"query ($v: String) {{ tickets {{ edges {{ node {{ {field} }} }} }} }}"
            answer = (await anna.post(query, v=text)).json()
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "BAD_REQUEST"
            assert "after is no cursor of this list and order" in error["message"]


SURROGATES = [
    rb'{"query": "query ($s: ID!) { node(id: $s) { id } }", "variables": {"s": "\ud800"}}',
    rb'{"query": "{ tickets(search: \"\ud800\") { totalCount } }"}',
    rb'{"query": "{ tickets(search: \"\\ud800\") { totalCount } }"}',
    rb'{"query": "{ tickets(search: \"\\u{d800}\") { totalCount } }"}',
    rb'{"query": "{ tickets(search: \"\\udc00\\ud800\") { totalCount } }"}',
    b'{"query": "{ tickets(search: \\"\xed\xa0\x80\\") { totalCount } }"}',
    b'{"query": "{ __typename }", "operationName": "\xff"}',
]


@pytest.mark.parametrize("path", [DESK, CLIENT])
async def test_lone_surrogates_are_refused(site: Site, path: str) -> None:
    by = await site.sign_in("anna" if path == DESK else "mario")
    for body in SURROGATES:
        answer = await site.http.post(
            path,
            content=body,
            headers={
                "Content-Type": "application/json",
                "Accept": "application/graphql-response+json",
                "Authorization": f"Bearer {by.token}",
            },
        )
        assert answer.status_code == 400, body
        (error,) = orjson.loads(answer.content)["errors"]
        assert error["extensions"]["code"] == "BAD_REQUEST", body
