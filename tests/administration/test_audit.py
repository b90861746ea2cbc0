"""The audit log: every change of the desk, to who may see it, and nothing of tickets."""

from typing import Any

import pytest

from actions.administration.editing import record_change
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.people import Contact, Operator
from models.records import EventRecord
from models.sights import sight_of
from tests.administration.staff import grant, program
from tests.administration.test_roles import profile, role
from tests.resolvers.desk import gid_of
from tests.support.databases import freshen
from tests.support.site import Client, Failed, Site, category, gid

LOG = """query ($filter: AuditFilter, $first: Int, $after: String) {
  auditLog(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { node {
      kind at subjectId subjectName
      by { ... on Operator { name } ... on Automation { name } }
      changes { field from to }
    } }
  }
}"""


async def lines(by: Client, **variables: Any) -> list[dict[str, Any]]:
    found = (await by.run(LOG, **variables))["auditLog"]
    return [edge["node"] for edge in found["edges"]]


async def test_who_what_when_from_to(site: Site) -> None:
    admin = await site.sign_in("admin")
    id = await profile(admin, "Visitatore", "TICKETS_VIEW")
    await role(admin, "Ospite", id)
    await admin.do("profileUpdate", profileId=id, rights=["TICKETS_VIEW", "CONTACTS_VIEW"])
    await admin.do("profileUpdate", profileId=id, name="Visitatore")
    every = await lines(admin)
    assert [one["kind"] for one in every] == ["profile.update", "role.create", "profile.create"]
    latest = every[0]
    assert latest.pop("at") > every[2]["at"]
    assert latest == {
        "kind": "profile.update",
        "subjectId": id,
        "subjectName": "Visitatore",
        "by": {"name": "Admin"},
        "changes": [
            {"field": "rights", "from": "tickets.view", "to": "contacts.view, tickets.view"}
        ],
    }
    assert every[1]["changes"] == [
        {"field": "name", "from": None, "to": "Ospite"},
        {"field": "profile", "from": None, "to": "Visitatore"},
    ]


async def test_filters_and_pages(site: Site) -> None:
    admin = await site.sign_in("admin")
    id = await profile(admin, "Una")
    other = await profile(admin, "Altra")
    await admin.do("profileUpdate", profileId=id, name="Uno")
    me = await gid_of("Operator", "Admin")
    anna = await gid_of("Operator", "Anna")
    every = await lines(admin)
    for filter, count in (
        ({"subjectId": id}, 2), ({"subjectId": other}, 1), ({"subjectId": "garbage"}, 0),
        ({"byId": me}, 3), ({"byId": anna}, 0), ({"byId": "x"}, 0),
        ({"kind": "profile.create"}, 2), ({"kind": "profile.create", "subjectId": id}, 1),
        ({"since": every[0]["at"]}, 1), ({"until": every[0]["at"]}, 2),
    ):  # fmt: skip
        assert len(await lines(admin, filter=filter)) == count, filter
    first = (await admin.run(LOG, first=2))["auditLog"]
    assert first["totalCount"] == 3
    rest = await lines(admin, first=2, after=first["pageInfo"]["endCursor"])
    assert [edge["node"] for edge in first["edges"]] + rest == every


async def test_it_is_for_those_who_see_the_settings(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    await profile(admin, "Una")
    with pytest.raises(Failed) as failed:
        await lines(anna)
    assert failed.value.code == "FORBIDDEN"


async def test_lines_on_contacts_are_for_those_who_see_contacts(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    operator = await Operator.get(name="Admin")
    by = OperatorCaller(operator, 0, await sight_of(operator.id))
    mario = await Contact.get(name="Mario")
    await unit_of_work(lambda: record_change(by, "Contact", mario, "update", []))
    await admin.do(
        "profileUpdate", profileId=await gid_of("Profile", "operator"), rights=["SETTINGS_VIEW"]
    )
    assert [one["kind"] for one in await lines(admin)] == ["profile.update", "contact.update"]
    assert [one["kind"] for one in await lines(anna)] == ["profile.update"]
    assert (await lines(anna, filter={"subjectId": gid("Contact", mario.id)})) == []


async def test_a_line_by_its_id(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(name) for name in ("admin", "anna", "mario")]
    await profile(admin, "Una")
    await admin.do("contactCreate", name="Rosa")
    await mario.do(
        "ticketOpen", subject="Ciao", body="Ciao",
        categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    of = {one.kind: gid("Audit", one.id) for one in await EventRecord.all()}
    assert {"profile.create", "contact.create", "ticket.open"} <= set(of)

    async def seen(by: Client) -> set[str]:
        node = "query ($id: ID!) { node(id: $id) { ... on AuditEntry { kind } } }"
        found = [(await by.run(node, id=id))["node"] for id in of.values()]
        return {one["kind"] for one in found if one is not None}

    assert await seen(admin) == {"profile.create", "contact.create"}
    assert await seen(anna) == set()
    await grant("operator", "settings.view")
    await freshen()
    assert await seen(anna) == {"profile.create", "contact.create"}
    token, _ = await program(anna, "SETTINGS_VIEW")
    assert await seen(token) == {"profile.create"}


async def test_nothing_of_tickets_is_in_it(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    await mario.do(
        "ticketOpen", subject="Ciao", body="Ciao",
        categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    assert await lines(admin) == []
