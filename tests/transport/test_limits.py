"""Tokens, depth, aliases, static cost, introspection and the bucket."""

import pytest
from graphql import get_introspection_query, parse

from app.transport.cost import static_cost
from app.transport.documents import Document, Documents
from app.transport.endpoint import Endpoint
from app.transport.errors import RequestError
from app.transport.limits import Limits, repeats
from tests.transport.server import Serve, Site
from tests.transport.toy import SCHEMA, World, endpoint

TOY: Endpoint = endpoint(World())


def nested(levels: int, leaf: str = "subject") -> str:
    """So many fields one within the other."""
    return "{ ticket { " + "related { " * (levels - 2) + leaf + " }" * levels


def cost(query: str, variables: dict[str, object] | None = None) -> int:
    document: Document = TOY.documents.find(query)
    [operation] = document.operations.values()
    return static_cost(SCHEMA, document, operation, variables or {}, TOY.limits)


def refusal(query: str, documents: Documents = TOY.documents) -> str:
    with pytest.raises(RequestError) as error:
        documents.find(query)
    return str(error.value)


def test_depth() -> None:
    TOY.documents.find(nested(15))
    assert refusal(nested(16)) == "The operation is deeper than 15 fields."
    spread = (
        "{ ticket { ...a } } fragment a on Ticket " + nested(15).replace("{ ticket ", "", 1)[:-2]
    )
    TOY.documents.find(spread)
    deeper = spread.replace("...a }", "related { ...a } }")
    assert refusal(deeper) == "The operation is deeper than 15 fields."
    TOY.documents.find("{ ... on Query { ... { hello } } }")


def test_aliases() -> None:
    def aliased(count: int) -> str:
        return " ".join(f"a{number}: hello" for number in range(count))

    TOY.documents.find("{ " + aliased(15) + " }")
    assert "15 aliases" in refusal("{ " + aliased(16) + " }")
    assert "15 aliases" in refusal("{ ...f b: hello } fragment f on Query { " + aliased(15) + " }")


def test_repeated_fields_do_not_keep_validation_busy() -> None:
    TOY.documents.find("{ " + "hello " * 15 + "}")
    assert "repeated" in refusal("{ " + "ticket { subject } " * 490 + "}")
    assert repeats(parse("{ a b a c: a }")) == 2


def test_tokens_and_nesting() -> None:
    assert "2000 tokens" in refusal("{ " + "hello " * 2_000 + "}")
    assert "nested too deeply" in refusal("{ ticket " * 400 + "}" * 400)


@pytest.mark.parametrize("length", [10, 30, 60, 150, 247])
def test_a_chain_of_fragments_is_priced_or_refused(length: int) -> None:
    chain = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(length))
    query = f"{{ ...f0 }} {chain} fragment f{length} on Query {{ hello }}"
    if length <= 30:
        assert cost(query) == 1
        return
    assert "fragments" in refusal(query)


def test_a_valid_document_is_checked_once() -> None:
    documents = Documents(SCHEMA, Limits(), hide_suggestions=True)
    assert documents.find("{ hello }") is documents.find("{ hello }")
    long = "{ hello } #" + "x" * 20_000
    assert documents.find(long) is not documents.find(long)
    assert refusal("{ helo }", documents) == refusal("{ helo }", documents)
    assert "Did you mean" not in refusal("{ helo }", documents)
    assert "Did you mean" in refusal("{ helo }")


@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ hello }", {}, 1),
        ("{ a: hello b: hello }", {}, 2),
        ("{ ticket { subject } }", {}, 2),
        ("{ related { subject } }", {}, 1 + 5),
        ("{ tickets { totalCount } }", {}, 2),
        ("{ tickets { nodes { subject } } }", {}, 2 + 25),
        ("{ tickets(first: 100) { nodes { subject } } }", {}, 2 + 100),
        ("{ tickets(last: 10) { nodes { subject related { subject } } } }", {}, 2 + 10 * 7),
        ("query ($n: Int) { tickets(first: $n) { nodes { subject } } }", {"n": 7}, 2 + 7),
        ("query ($n: Int) { tickets(first: $n) { nodes { subject } } }", {}, 2 + 25),
        ("query ($n: Int) { tickets(first: $n) { nodes { subject } } }", {"n": "x"}, 2 + 25),
        ("query ($n: Int) { tickets(first: $n) { nodes { subject } } }", {"n": True}, 2 + 25),
        ("query ($n: Int = 3) { tickets(first: $n) { nodes { subject } } }", {}, 2 + 3),
        ("{ tickets(first: null) { nodes { subject } } }", {}, 2 + 25),
        # What resolvers refuse counts as the nearest legal size.
        ("{ tickets(first: 0) { nodes { subject } } }", {}, 2 + 1),
        ("{ tickets(first: -5) { nodes { subject } } }", {}, 2 + 1),
        ("query ($n: Int) { tickets(first: $n) { nodes { subject } } }", {"n": 10**30}, 2 + 100),
        ("{ tickets { ...p } } fragment p on TicketConnection { nodes { subject } }", {}, 27),
        ("{ tickets { ... on TicketConnection { nodes { ... { subject } } } } }", {}, 27),
        ("mutation { signIn }", {}, 1),
        ("subscription { tickets { subject } }", {}, 2),
        ("{ __typename ticket { __typename subject } }", {}, 2),
        (get_introspection_query(), {}, 0),
    ],
)
def test_static_cost(query: str, variables: dict[str, object], expected: int) -> None:
    assert cost(query, variables) == expected


def test_a_fragment_costs_wherever_it_stands() -> None:
    doubling = "{ ticket { ...f0 } } " + " ".join(
        f"fragment f{n} on Ticket {{ related {{ ...f{n + 1} }} }}" for n in range(12)
    )
    assert cost(doubling + " fragment f12 on Ticket { subject }") > 5**12


async def test_too_much_at_once_is_refused(site: Site) -> None:
    query = "{ tickets(first: 100) { nodes { tickets(first: 100) { nodes { subject } } } } }"
    for headers, allowed in (({"Authorization": "Bearer good-1"}, 10_000), ({}, 2_000)):
        response = await site.post(
            query, headers=headers | {"Accept": "application/graphql-response+json"}
        )
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"] == {
            "code": "COST_EXCEEDED",
            "cost": {"requested": 10_202, "allowed": allowed},
        }


async def test_too_much_in_a_short_time_is_refused(serve: Serve) -> None:
    site = await serve(Limits(bucket=3, refill=0.001, anonymous_bucket=2, anonymous_refill=0.001))
    graphql = {"Accept": "application/graphql-response+json"}
    for number in "12":
        caller = graphql | {"Authorization": f"Bearer good-{number}"}
        for left in (2, 1, 0):
            response = await site.post("{ hello }", headers=caller)
            assert response.json()["extensions"]["cost"] == {"requested": 1, "left": left}
        response = await site.post("{ hello }", headers=caller)
        assert response.status_code == 429
        [error] = response.json()["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert response.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    for _ in range(2):
        assert (await site.post("{ hello }")).json()["data"]
    anonymous = await site.post("{ hello }")
    assert anonymous.status_code == 200
    assert "retry-after" in anonymous.headers


async def test_introspection_is_for_signed_in_callers(serve: Serve) -> None:
    site = await serve(introspection_for_anonymous=False)
    for query in (get_introspection_query(), '{ __type(name: "Query") { name } }'):
        refused = await site.post(query)
        assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        allowed = await site.post(query, headers={"Authorization": "Bearer good-1"})
        assert allowed.json()["data"]
    assert (await site.post("{ __typename }")).json()["data"] == {"__typename": "Query"}
