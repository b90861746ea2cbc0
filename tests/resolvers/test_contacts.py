"""Contacts, organisations, operators as the desk lists them."""

from typing import Any

import pytest

from models.enums import Right
from models.hierarchy import Profile
from models.people import Contact, Operator
from tests.models.tickets import NOON
from tests.resolvers.desk import gid_of
from tests.support.databases import freshen
from tests.support.site import Client, Failed, Site

CONTACTS = """
query ($search: String, $first: Int, $after: String, $last: Int, $before: String) {
  contacts(search: $search, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { name email organisation { name } } }
  }
}"""
NAMES = ["100% Srl", "under_score", "bang!", "Élodie È", "ÀLEX", "O'Brien", "a\\b", "[x]"]


async def named(by: Client, search: str | None) -> set[str]:
    found = (await by.run(CONTACTS, search=search, first=100))["contacts"]
    assert found["totalCount"] == len(found["edges"])
    return {edge["node"]["name"] for edge in found["edges"]}


async def test_any_part_of_name_or_address(site: Site) -> None:
    anna = await site.sign_in("anna")
    await Contact.bulk_create(Contact(name=name, created_at=NOON) for name in NAMES)
    await Contact.create(email="nameless@demo.test", created_at=NOON)
    example = {"Mario", "Giulia", "Sara", "Samuel"}
    everybody = {*NAMES, *example, "nameless@demo.test"}
    for search, expected in {
        None: everybody,
        "": everybody,
        "  ": everybody,
        "ari": {"Mario"},
        " MARIO ": {"Mario"},
        "giulia@DEMO": {"Giulia"},
        "demo.test": {*example, "nameless@demo.test"},
        "%": {"100% Srl"},
        "0%": {"100% Srl"},
        "_": {"under_score"},
        "r_s": {"under_score"},
        "!": {"bang!"},
        "!!": set[str](),
        "\\": {"a\\b"},
        "'": {"O'Brien"},
        "[x]": {"[x]"},
        "élo": {"Élodie È"},
        "ÉLODIE è": {"Élodie È"},
        "àlex": {"ÀLEX"},
        "\0": set[str](),
        "ma\0rio": set[str](),
        "x" * 60_000: set[str](),
        "è" * 200: set[str](),
        "nobody": set[str](),
    }.items():
        assert await named(anna, search) == expected, search


async def test_pages_and_organisations(site: Site) -> None:
    anna = await site.sign_in("anna")
    first = (await anna.run(CONTACTS, first=3))["contacts"]
    assert [edge["node"]["name"] for edge in first["edges"]] == ["Mario", "Giulia", "Sara"]
    assert [edge["node"]["organisation"] for edge in first["edges"]] == [
        None,
        None,
        {"name": "Acme"},
    ]
    rest = (await anna.run(CONTACTS, first=3, after=first["pageInfo"]["endCursor"]))["contacts"]
    assert [edge["node"]["name"] for edge in rest["edges"]] == ["Samuel"]
    back = (await anna.run(CONTACTS, last=9, before=rest["pageInfo"]["startCursor"]))["contacts"]
    assert back["edges"] == first["edges"]


async def test_the_right_to_view_contacts(site: Site) -> None:
    anna = await site.sign_in("anna")
    mario = await gid_of("Contact", "Mario")
    ask = "query ($id: ID!) { contact(id: $id) { email } node(id: $id) { id } }"
    assert (await anna.run(ask, id=mario))["contact"] == {"email": "mario@demo.test"}
    await Profile.filter(name="operator").update(
        rights=[Right.TICKETS_VIEW.value, Right.TICKETS_WRITE.value]
    )
    await freshen()
    assert await anna.run(ask, id=mario) == {"contact": None, "node": None}
    assert await named(anna, None) == set()


async def test_operators_by_name(site: Site) -> None:
    anna = await site.sign_in("anna")
    role = (await Operator.get(name="Anna")).role_id
    for email in ("z1@demo.test", "z2@demo.test"):
        await Operator.create(name="Zoe", email=email, role_id=role, active=False)
    query = """query ($first: Int, $after: String) { operators(first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { name email active } } } }"""
    came: list[Any] = []
    after = None
    while True:
        page = (await anna.run(query, first=2, after=after))["operators"]
        came += [edge["node"] for edge in page["edges"]]
        assert page["totalCount"] == 7
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    names = ["Admin", "Anna", "Bruno", "Carla", "Dino", "Zoe", "Zoe"]
    assert [one["name"] for one in came] == names
    assert len({one["email"] for one in came}) == 7
    assert [one["active"] for one in came] == [True] * 5 + [False] * 2


async def test_bad_pages_of_people(site: Site) -> None:
    anna = await site.sign_in("anna")
    for query in (
        "{ contacts(first: 0) { totalCount } }",
        "{ operators(last: 101) { totalCount } }",
    ):
        with pytest.raises(Failed, match="ask for 1 to 100") as failed:
            await anna.run(query)
        assert failed.value.code == "BAD_REQUEST"
