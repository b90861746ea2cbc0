"""Without credentials there is little; with bad ones, nothing."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.people import Contact, Operator
from models.sessions import Session
from tests.schema.walking import SCHEMAS, fields_of
from tests.support.site import CLIENT, DESK, SIGN_IN, Client, Failed, Site

AREAS = {"desk": DESK, "client": CLIENT}


def selection(schema: Any, type_: str) -> str:
    named = schema.type_map[type_.strip("[]!")]
    return "{ __typename }" if hasattr(named, "fields") or hasattr(named, "types") else ""


def value(type_: str) -> str:
    return {
        "ID!": '"x"', "String!": '"x"', "Int!": "1",
        "DateTime!": '"2030-01-01T00:00:00Z"', "[ID!]!": "[]", "[Right!]!": "[]",
        "TicketAction!": "VIEW", "Boolean!": "true",
        "MailDirection!": "IN",
    }[type_]  # fmt: skip


def calls(area: str, root: str) -> dict[str, str]:
    """Every field of a root type, called with what it requires."""
    schema = SCHEMAS[area]
    made: dict[str, str] = {}
    for name, field in fields_of(schema.type_map[root]).items():
        required = [
            f"{argument}: {_input(schema, str(given.type))}"
            for argument, given in field.args.items()
            if str(given.type).endswith("!")
        ]
        given = f"({', '.join(required)})" if required else ""
        made[name] = f"{name}{given} {selection(schema, str(field.type))}"
    return made


def _input(schema: Any, type_: str) -> str:
    named = schema.type_map[type_.strip("!")]
    if not type_.endswith("Input!"):
        return value(type_)
    examples = {"Level!": "BASE", "ViewerState!": "IDLE", "DraftKind!": "REPLY"}
    examples["MailKind!"] = "REPLY"
    fields = [
        f"{name}: {examples.get(str(field.type)) or value(str(field.type))}"
        for name, field in fields_of(named).items()
        if str(field.type).endswith("!")
    ]
    return "{" + ", ".join(fields) + "}"


@pytest.mark.parametrize("area", ["desk", "client"])
async def test_what_anybody_may_ask(site: Site, area: str) -> None:
    nobody = site.anonymous(AREAS[area])
    assert await nobody.run("{ __typename }") == {"__typename": "Query"}
    assert await nobody.run("mutation { __typename }") == {"__typename": "Mutation"}
    assert await nobody.run("{ viewer { name } }") == {"viewer": None}
    name = "anna" if area == "desk" else "mario"
    signed_in = await site.sign_in_with_password(name)
    assert await signed_in.run("{ viewer { name } }") == {"viewer": {"name": name.capitalize()}}
    out = "mutation { signOut { __typename } }"
    assert await nobody.run(out) == {"signOut": {"__typename": "SignedOut"}}


@pytest.mark.parametrize("area", ["desk", "client"])
async def test_all_else_is_unauthenticated(site: Site, area: str) -> None:
    nobody = site.anonymous(AREAS[area])
    open_to_all = {"viewer", "signIn", "signOut"}
    ways_in = {"magicLinkOpen", "magicLinkRequest", "passwordResetRequest", "passwordSet"}
    open_to_all |= ways_in if area == "client" else set[str]()
    for root, operation in (("Query", "query"), ("Mutation", "mutation")):
        for name, call in calls(area, root).items():
            if name not in open_to_all:
                with pytest.raises(Failed, match="Sign in first") as failed:
                    await nobody.run(f"{operation} {{ {call} }}")
                assert failed.value.code == "UNAUTHENTICATED", name


@pytest.mark.parametrize("area", ["desk", "client"])
async def test_a_bad_credential_fails_the_whole_request(site: Site, area: str) -> None:
    path, name = AREAS[area], "anna" if area == "desk" else "mario"
    yesterday = datetime.now(UTC) - timedelta(days=1)
    tokens: list[str | None] = ["nonsense", "x" * 5_000]
    for change in ({"expires_at": yesterday}, {"ended_at": yesterday}):
        by = await site.sign_in(name)
        await Session.all().update(**change)
        tokens.append(by.token)
    await Session.all().delete()
    of_other_area = await site.sign_in("mario" if area == "desk" else "anna")
    tokens.append(of_other_area.token)
    for token in tokens:
        answer = await Client(site.http, site.host, path, token).post("{ __typename }")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert "data" not in answer.json()
    for header in (b"Basic YTpi", b"Bearer", b"Bearer Bearer x", b"nonsense", b"\xff"):
        headers = {b"Authorization": header}
        answer = await site.http.post(path, json={"query": "{ __typename }"}, headers=headers)
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED", header


@pytest.mark.parametrize("area", ["desk", "client"])
async def test_those_who_were_shut_out(site: Site, area: str) -> None:
    name = "anna" if area == "desk" else "mario"
    by = await site.sign_in(name)
    assert (await by.run("{ viewer { name } }"))["viewer"] is not None
    await Operator.filter(name="Anna").update(active=False)
    await Contact.filter(name="Mario").update(blocked=True)
    assert (await by.post("{ __typename }")).status_code == 401
    answer = await site.anonymous(AREAS[area]).run(
        SIGN_IN, email=f"{name}@demo.test", password="demo-demo-demo"
    )
    assert answer["signIn"] == {"__typename": "InvalidCredentials"}


@pytest.mark.parametrize("area", ["desk", "client"])
async def test_wrong_credentials_and_too_many(site: Site, area: str) -> None:
    nobody = site.anonymous(AREAS[area])
    name = "anna" if area == "desk" else "mario"
    query = """mutation ($e: String!, $p: String!) { signIn(input: {email: $e, password: $p}) {
        __typename ... on UserError { message } ... on TooManyAttempts { retryAt } } }"""

    async def tried(email: str, password: str) -> dict[str, Any]:
        return (await nobody.run(query, e=email, p=password))["signIn"]

    told = {"__typename": "InvalidCredentials", "message": "Address or password are wrong."}
    for email, password in (
        (f"{name}@demo.test", "wrong"),
        (f"{name}@demo.test", ""),
        ("nobody@demo.test", "demo-demo-demo"),
        ("", "demo-demo-demo"),
        ("a\0b", "a\0b"),
        (f"{name}@demo.test" * 100, "x"),
    ):
        assert await tried(email, password) == told
    for _ in range(4):
        assert await tried("nobody@demo.test", secrets.token_hex()) == told
    refused = await tried(f"{name}@demo.test", "demo-demo-demo")
    assert refused["__typename"] == "TooManyAttempts"
    assert "try again" in refused["message"]
    assert datetime.fromisoformat(refused["retryAt"]) > datetime.now(UTC)
