"""Deleted tickets, drafts, departments, categories: each operator's own answer."""

from typing import Any

import pytest

from models.desk import Category, Department, DepartmentGroup, Desk
from models.enums import Level
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.support.databases import freshen
from tests.support.site import Client, Failed, Site, gid

DRAFTS = "{ drafts { body kind revision ticketId uploadIds savedAt } }"
DELETED = """
query ($first: Int, $after: String) { deletedTickets(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } edges { node { number allowedActions } } } }"""


async def names(by: Client, field: str) -> list[str]:
    """Of departments, or of categories."""
    return [one["name"] for one in (await by.run(f"{{ list: {field} {{ name }} }}"))["list"]]


async def test_deleted_tickets_are_for_those_who_may_delete(site: Site) -> None:
    anna, bruno, admin = [await site.sign_in(n) for n in ("anna", "bruno", "admin")]
    await saved(*(ticket(id=n, deleted_at=NOON) for n in (1, 2, 3)))
    foreign = ticket(id=4, deleted_at=NOON, category_id=await id_of("Category", "ISEE"))
    await saved(foreign, ticket(id=5))
    with pytest.raises(Failed, match="no right to delete") as failed:
        await anna.run(DELETED)
    assert failed.value.code == "FORBIDDEN"
    came: list[Any] = []
    after = None
    while True:
        page = (await bruno.run(DELETED, first=2, after=after))["deletedTickets"]
        assert page["totalCount"] == 3
        came += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert [one["number"] for one in came] == [3, 2, 1]
    assert all(one["allowedActions"] == ["VIEW", "DELETE"] for one in came)
    assert (await admin.run(DELETED))["deletedTickets"]["totalCount"] == 4


async def test_drafts_are_their_authors_and_outlive_sight(site: Site) -> None:
    anna, bruno = await site.sign_in("anna"), await site.sign_in("bruno")
    rinnovo = await id_of("Category", "Rinnovo permesso")
    one, other = ticket(category_id=rinnovo), ticket()
    await saved(one, other)
    for each, kind, body in ((one, "REPLY", "a reply"), (other, "NOTE", "a note")):
        given = {"ticketId": gid("Ticket", each.id), "kind": kind, "body": body}
        saved_ = await anna.do("draftSave", **given, baseRevision=0)
        assert saved_["__typename"] == "DraftSaved"
    raised = await anna.do("ticketChangeLevel", ticketId=gid("Ticket", one.id), level="ADVANCED")
    assert raised["__typename"] == "TicketOutOfSight"
    found = (await anna.run(DRAFTS))["drafts"]
    assert [(d["body"], d["kind"], d["revision"], d["uploadIds"]) for d in found] == [
        ("a note", "NOTE", 1, []),
        ("a reply", "REPLY", 1, []),
    ]
    assert [d["ticketId"] for d in found] == [gid("Ticket", id) for id in (other.id, one.id)]
    assert (await bruno.run(DRAFTS))["drafts"] == []
    query = "query ($id: ID!) { ticket(id: $id) { draft { body } } }"
    assert await anna.run(query, id=gid("Ticket", one.id)) == {"ticket": None}
    seen = await anna.run(query, id=gid("Ticket", other.id))
    assert seen["ticket"]["draft"] is None  # a note is not the reply
    assert (await bruno.run(query, id=gid("Ticket", one.id)))["ticket"] == {"draft": None}


async def test_departments_are_where_tickets_may_go(site: Site) -> None:
    asked = {n: await site.sign_in(n) for n in ("anna", "bruno", "dino", "admin")}
    everything = ["Fiscale", "Immigrazione", "Patronato"]
    for name, expected in {
        "anna": ["Immigrazione", "Patronato"],
        "bruno": ["Immigrazione"],
        "dino": ["Fiscale"],
        "admin": everything,
    }.items():
        assert await names(asked[name], "departments") == expected
    await DepartmentGroup.create(
        department_id=await id_of("Department", "Fiscale"),
        group_id=await id_of("Group", "Sportello"),
        public=True,
    )
    await freshen()
    assert await names(asked["anna"], "departments") == everything
    query = "{ departments { name parent { name } } }"
    found = (await asked["admin"].run(query))["departments"]
    assert {d["name"]: d["parent"] for d in found}["Immigrazione"] == {"name": "Patronato"}


async def test_categories_to_open_in_and_to_move_to(site: Site) -> None:
    anna, dino, carla, admin = [await site.sign_in(n) for n in ("anna", "dino", "carla", "admin")]
    in_use = ["ISEE", "Immigrazione", "Interno", "Ricorsi", "Rinnovo permesso"]
    for by in (anna, dino, carla, admin):
        assert await names(by, "categories(for: CHANGE)") == in_use
    for by, expected in (
        (anna, ["Rinnovo permesso"]),
        (dino, ["ISEE", "Rinnovo permesso"]),
        (carla, []),
        (admin, in_use),
    ):
        for field in ("categories", "categories(for: OPEN)", "categories(for: null)"):
            assert await names(by, field) == expected
    await Category.filter(name="Rinnovo permesso").update(archived=True)
    await Category.filter(name="Ricorsi").update(position=-1)
    assert await names(anna, "categories") == []
    assert await names(anna, "categories(for: CHANGE)") == [
        "Ricorsi", "ISEE", "Immigrazione", "Interno",
    ]  # fmt: skip


async def test_guests_open_in_what_belongs_to_the_department_or_to_none(site: Site) -> None:
    anna = await site.sign_in("anna")
    await DepartmentGroup.create(
        department_id=await id_of("Department", "Fiscale"),
        group_id=await id_of("Group", "Sportello"),
        public=True,
    )
    await freshen()
    assert set(await names(anna, "categories")) == {"Rinnovo permesso", "ISEE", "Interno"}
    await Desk.filter(id=1).update(restrict_to_departments=False)
    await freshen()  # where nobody is restricted, nobody is a guest
    assert await names(anna, "categories") == ["Rinnovo permesso"]


async def test_what_a_category_says(site: Site) -> None:
    admin = await site.sign_in("admin")
    query = """{ categories(for: CHANGE) {
        name initialLevel selectable archived parent { name } department { name } } }"""

    async def found() -> dict[str, Any]:
        return {one.pop("name"): one for one in (await admin.run(query))["categories"]}

    assert (await found())["Ricorsi"] == {
        "initialLevel": Level.ADVANCED.value,
        "selectable": True,
        "archived": False,
        "parent": {"name": "Immigrazione"},
        "department": {"name": "Immigrazione"},
    }
    selectable = {name for name, one in (await found()).items() if one["selectable"]}
    assert selectable == {"Ricorsi", "Rinnovo permesso", "ISEE"}
    await Category.filter(name="Immigrazione").update(visible=False)
    selectable = {name for name, one in (await found()).items() if one["selectable"]}
    assert selectable == {"ISEE"}
    await Department.filter(name="Fiscale").update(hidden=True)
    assert not any(one["selectable"] for one in (await found()).values())


async def test_ticket_wants_an_id_or_a_number(site: Site) -> None:
    anna = await site.sign_in("anna")
    await saved(ticket(id=7))
    for given in ("number: 7", f'id: "{gid("Ticket", 7)}"'):
        assert await anna.run(f"{{ ticket({given}) {{ number }} }}") == {"ticket": {"number": 7}}
    for number in (0, -1, 2**31 - 1):
        assert await anna.run(f"{{ ticket(number: {number}) {{ id }} }}") == {"ticket": None}
    both = await gid_of("Contact", "Mario")
    for field in ("ticket", f'ticket(id: "{both}", number: 7)', "ticket(id: null)"):
        with pytest.raises(Failed, match="Give either id or number") as failed:
            await anna.run(f"{{ {field} {{ id }} }}")
        assert failed.value.code == "BAD_REQUEST"
