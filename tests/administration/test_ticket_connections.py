"""Tickets as contacts, organisations, places and assignees have them: what the viewer sees."""

import json
from typing import Any

import pytest

from models.desk import Category, Department
from models.enums import Level, Right
from models.people import Contact, Organisation
from models.sql import clock
from models.tickets import Ticket
from tests.administration.staff import program
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.support.site import Client, Failed, Site, gid
from tests.support.statements import counted

PAGE = """(first: $first, after: $after, last: $last, before: $before) {
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { number lock { operator { name } } } } }"""
OWNERS = {
    "Contact": "tickets",
    "Organisation": "tickets",
    "Category": "tickets",
    "Department": "tickets",
    "OperatorGroup": "tickets",
    "Operator": "assignedTickets",
}
NODE = (
    "query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { node(id: $id) { "
    + " ".join(f"... on {kind} {{ page: {field}{PAGE} }}" for kind, field in OWNERS.items())
    + " } }"
)
EVERYWHERE = """query ($n: Int, $k: Int) { tickets(first: $n) { edges { node {
  contact { tickets(first: $k) { totalCount edges { node { number } } }
    organisation { tickets(first: $k) { totalCount edges { node { number } } } } }
  category { tickets(first: $k) { totalCount edges { node { number } } } }
  department { tickets(first: $k) { totalCount edges { node { number } } } }
  assignee {
    ... on Operator { assignedTickets(first: $k) { totalCount edges { node { number } } } }
    ... on OperatorGroup { tickets(first: $k) { totalCount edges { node { number } } } } }
} } } }"""


async def owners() -> dict[str, str]:
    """Of each kind one, by whose column the tickets of `mixed` are."""
    return {
        "contact_id": await gid_of("Contact", "Sara"),
        "organisation": await gid_of("Organisation", "Acme"),
        "category_id": await gid_of("Category", "Rinnovo permesso"),
        "department_id": await gid_of("Department", "Immigrazione"),
        "assignee_operator_id": await gid_of("Operator", "Bruno"),
        "assignee_group_id": await gid_of("Group", "Sportello"),
    }


async def mixed(count: int, **columns: Any) -> list[int]:
    """Tickets that belong to all of `owners`, half of them to the group instead of Bruno."""
    common: dict[str, Any] = {
        "contact_id": await id_of("Contact", "Sara"),
        "category_id": await id_of("Category", "Rinnovo permesso"),
        "department_id": await id_of("Department", "Immigrazione"),
        **columns,
    }
    operator = {"assignee_operator_id": await id_of("Operator", "Bruno")}
    group = {"assignee_group_id": await id_of("Group", "Sportello")}
    made = [
        ticket(**common, **(group if n % 2 else operator), updated_at=NOON.replace(minute=n))
        for n in range(count)
    ]
    await saved(*made)
    return [one.id for one in made]


async def page(by: Client, id: str, **asked: Any) -> dict[str, Any]:
    return (await by.run(NODE, id=id, **asked))["node"]["page"]


def numbers(found: dict[str, Any]) -> list[int]:
    return [edge["node"]["number"] for edge in found["edges"]]


async def test_what_is_seen_and_nothing_else(site: Site) -> None:
    anna, bruno, carla = [await site.sign_in(one) for one in ("anna", "bruno", "carla")]
    seen = await mixed(6)
    every = await owners()
    before = [json.dumps(await page(anna, id, first=4)) for id in every.values()]
    costs = [await statements(anna, id) for id in every.values()]
    hidden = await mixed(8, level=Level.ADVANCED)
    await mixed(2, deleted_at=NOON)
    await Ticket.filter(id=seen[0]).update(
        lock_holder_id=await id_of("Operator", "Bruno"), lock_expires=NOON.replace(year=2099)
    )
    for column, id in every.items():
        latest = list(reversed(seen))
        if column.startswith("assignee"):
            latest = latest[0::2] if column == "assignee_group_id" else latest[1::2]
        found = await page(anna, id, first=100)
        assert numbers(found) == latest, column
        assert found["totalCount"] == len(latest)
        locks = {edge["node"]["number"]: edge["node"]["lock"] for edge in found["edges"]}
        held = {"operator": {"name": "Bruno"}}
        assert locks == {one: held if one == seen[0] else None for one in latest}
        both = await page(bruno, id, first=100)
        assert set(hidden) & set(numbers(both))
        assert both["totalCount"] == len(both["edges"]) > len(latest)
        nothing = await page(carla, id, first=1)
        assert nothing == {
            "totalCount": 0, "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False,
                         "startCursor": None, "endCursor": None},
        }  # fmt: skip
    await Ticket.filter(id=seen[0]).update(lock_holder_id=None, lock_expires=None)
    assert [json.dumps(await page(anna, id, first=4)) for id in every.values()] == before
    assert [await statements(anna, id) for id in every.values()] == costs


async def statements(by: Client, id: str) -> int:
    """The fewest of two: other tasks of the server may send some of their own."""
    came: list[int] = []
    for _ in range(2):
        with counted() as sent:
            await page(by, id, first=4)
        came.append(len(sent))
    return min(came)


async def test_pages_both_ways(site: Site) -> None:
    anna = await site.sign_in("anna")
    latest = list(reversed(await mixed(7)))
    await mixed(5, level=Level.ADVANCED)
    id = await gid_of("Contact", "Sara")
    forward: list[int] = []
    after = None
    while True:
        found = await page(anna, id, first=3, after=after)
        forward += numbers(found)
        assert found["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert forward == latest
    back = await page(anna, id, last=3, before=after)
    assert numbers(back) == latest[-4:-1]
    assert back["pageInfo"]["hasPreviousPage"]
    for wrong in ({"first": 0}, {"last": 101}, {"first": 1, "last": 1}, {"after": "garbage"}):
        with pytest.raises(Failed) as failed:
            await page(anna, id, **wrong)
        assert failed.value.code == "BAD_REQUEST"


async def test_rights_and_scopes(site: Site) -> None:
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    await mixed(2)
    id = await gid_of("Contact", "Sara")
    assert (await page(anna, id))["totalCount"] == 2
    blind, _ = await program(anna, "CONTACTS_VIEW")
    with pytest.raises(Failed) as failed:
        await page(blind, id)
    assert failed.value.code == "FORBIDDEN"
    reader, _ = await program(anna, "CONTACTS_VIEW", "TICKETS_VIEW")
    assert (await page(reader, id))["totalCount"] == 2
    profile = await gid_of("Profile", "operator")
    await admin.do("profileUpdate", profileId=profile, rights=[Right.CONTACTS_VIEW.name])
    assert (await page(anna, id))["totalCount"] == 0


async def test_as_many_statements_for_a_hundred_owners_as_for_one(site: Site) -> None:
    anna = await site.sign_in("anna")
    rinnovo, now = await id_of("Category", "Rinnovo permesso"), await clock()
    patronato, bruno = await id_of("Department", "Patronato"), await id_of("Operator", "Bruno")
    await Organisation.bulk_create(Organisation(id=900 + n, name=f"O{n}") for n in range(30))
    await Contact.bulk_create(
        Contact(id=900 + n, name=f"C{n}", organisation_id=900 + n, created_at=now)
        for n in range(30)
    )
    await Department.bulk_create(
        Department(id=900 + n, name=f"D{n}", parent_id=patronato) for n in range(30)
    )
    await Category.bulk_create(Category(id=900 + n, name=f"K{n}") for n in range(3))
    await saved(
        *(
            ticket(
                contact_id=900 + n // 2, department_id=900 + n // 2, category_id=rinnovo,
                assignee_operator_id=bruno,
            )
            for n in range(60)
        )
    )  # fmt: skip
    await anna.run("{ viewer { name } }")
    costs: set[int] = set()
    for size in (1, 10, 30):
        came: list[int] = []
        found: Any = None
        for _ in range(2):
            with counted() as sent:
                found = await anna.run(EVERYWHERE, n=size, k=1)
            came.append(len(sent))
        nodes: list[Any] = [edge["node"] for edge in found["tickets"]["edges"]]
        assert len(nodes) == size
        assert {node["contact"]["tickets"]["totalCount"] for node in nodes} == {2}
        assert {node["contact"]["organisation"]["tickets"]["totalCount"] for node in nodes} == {2}
        assert {node["department"]["tickets"]["totalCount"] for node in nodes} == {2}
        assert {node["assignee"]["assignedTickets"]["totalCount"] for node in nodes} == {60}
        costs.add(min(came))
    assert len(costs) == 1, costs
    unseen = await anna.run(
        "query ($id: ID!) { node(id: $id) { ... on Contact { tickets { totalCount } } } }",
        id=gid("Contact", 929),
    )
    assert unseen["node"] == {"tickets": {"totalCount": 2}}
