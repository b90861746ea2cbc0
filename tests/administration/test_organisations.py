"""Organisations and contact groups over the API; what contacts see by them, at once."""

from typing import Any

import pytest

from models.desk import Department
from resolvers.ids import decode
from tests.administration.staff import DENIED, INVALID, lines, opened, paths_of, program, refused
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, gid

WRONG = f"{INVALID} {DENIED}"
MADE = f"... on OrganisationCreated {{ organisation {{ id name sharesTickets }} }} {WRONG}"
GROUP = f"... on ContactGroupCreated {{ contactGroup {{ id name }} }} {WRONG}"
LIST = """query ($s: String, $first: Int, $after: String) {
  organisations(search: $s, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { node { id name sharesTickets } } } }"""
ONE = """query ($id: ID!, $last: Int) { node(id: $id) { ... on Organisation {
  name contacts(last: $last) { totalCount pageInfo { hasPreviousPage } edges { node { name } } }
} } }"""


async def made(by: Client, **input: Any) -> str:
    answer = await by.do("organisationCreate", MADE, **input)
    assert answer["__typename"] == "OrganisationCreated", answer
    return answer["organisation"]["id"]


async def test_organisations(site: Site) -> None:
    admin = await site.sign_in("admin")
    rossi = [await made(admin, name=" Famiglia  Rossi ", idempotencyKey="r") for _ in range(2)]
    assert len(set(rossi)) == 1
    other = await admin.do("organisationCreate", MADE, name="Altri", idempotencyKey="r")
    assert other["__typename"] == "IdempotencyConflict"
    namesake = await made(admin, name="Famiglia Rossi", sharesTickets=True)
    found = (await admin.run(LIST, first=1))["organisations"]
    assert (found["totalCount"], found["edges"][0]["node"]["name"]) == (3, "Acme")
    rest = (await admin.run(LIST, first=2, after=found["pageInfo"]["endCursor"]))["organisations"]
    assert [edge["node"] for edge in rest["edges"]] == [
        {"id": rossi[0], "name": "Famiglia Rossi", "sharesTickets": False},
        {"id": namesake, "name": "Famiglia Rossi", "sharesTickets": True},
    ]
    assert (await admin.run(LIST, s="ROSSI"))["organisations"]["totalCount"] == 2
    for wrong, path in (
        ({}, "name"), ({"name": " \0"}, "name"), ({"name": "x" * 201}, "name"),
        ({"name": None}, "name"), ({"name": "A", "sharesTickets": None}, "sharesTickets"),
    ):  # fmt: skip
        assert paths_of(await admin.do("organisationCreate", MADE, **wrong)) == [path]
    done = await admin.do("organisationUpdate", organisationId=namesake, name="Bianchi")
    assert done["__typename"] == "OrganisationUpdated"
    acme = await gid_of("Organisation", "Acme")
    empty = await admin.do("organisationUpdate", WRONG, organisationId=acme, name="")
    assert paths_of(empty) == ["name"]
    in_use = await admin.do("organisationDelete", WRONG, organisationId=acme)
    assert paths_of(in_use) == ["organisationId"]
    for expected in ("OrganisationDeleted", "NotFound"):
        answer = await admin.do("organisationDelete", organisationId=namesake)
        assert answer["__typename"] == expected
    for id in (namesake, gid("Contact", 1), "garbage"):
        answer = await admin.do("organisationUpdate", organisationId=id, name="X")
        assert answer["__typename"] == "NotFound"
    assert await lines("organisation.update") == [
        {"name": "Bianchi", "changes": [["name", "Famiglia Rossi", "Bianchi"]]}
    ]
    assert await lines("organisation.delete") == [{"name": "Bianchi", "changes": []}]


async def test_contact_groups(site: Site) -> None:
    admin = await site.sign_in("admin")
    answer = await admin.do("contactGroupCreate", GROUP, name="VIP")
    vip = answer["contactGroup"]["id"]
    b = (await admin.do("contactGroupCreate", GROUP, name="Altri"))["contactGroup"]["id"]
    listed = (await admin.run("{ contactGroups { id name } }"))["contactGroups"]
    assert listed == [{"id": b, "name": "Altri"}, {"id": vip, "name": "VIP"}]
    for wrong in ({}, {"name": None}, {"name": ""}, {"name": "VIP"}, {"name": "x" * 201}):
        assert paths_of(await admin.do("contactGroupCreate", GROUP, **wrong)) == ["name"]
    taken = await admin.do("contactGroupUpdate", WRONG, contactGroupId=b, name="VIP")
    assert paths_of(taken) == ["name"]
    renamed = await admin.do(
        "contactGroupUpdate", "... on ContactGroupUpdated { contactGroup { name } }",
        contactGroupId=vip, name="Vip",
    )  # fmt: skip
    assert renamed["contactGroup"] == {"name": "Vip"}
    mario = await gid_of("Contact", "Mario")
    await admin.do("contactUpdate", contactId=mario, contactGroupId=vip)
    shown = await admin.run(
        "query ($id: ID!) { contact(id: $id) { contactGroup { name } } }", id=mario
    )
    assert shown["contact"] == {"contactGroup": {"name": "Vip"}}
    in_use = await admin.do("contactGroupDelete", WRONG, contactGroupId=vip)
    assert paths_of(in_use) == ["contactGroupId"]
    await admin.do("contactUpdate", contactId=mario, contactGroupId=None)
    await Department.filter(name="Fiscale").update(default_contact_group_id=decode(vip)[1])
    assert (await admin.do("contactGroupDelete", WRONG, contactGroupId=vip))["__typename"] == (
        "InvalidInput"
    )
    await Department.all().update(default_contact_group_id=None)
    for expected in ("ContactGroupDeleted", "NotFound"):
        answer = await admin.do("contactGroupDelete", contactGroupId=vip)
        assert answer["__typename"] == expected
    for id in (vip, mario, ""):
        answer = await admin.do("contactGroupUpdate", contactGroupId=id, name="X")
        assert answer["__typename"] == "NotFound"
    kinds = [len(await lines(f"contactGroup.{verb}")) for verb in ("create", "update", "delete")]
    assert kinds == [2, 1, 1]


async def test_who_may(site: Site) -> None:
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    acme = await gid_of("Organisation", "Acme")
    await made(anna, name="Nuova")
    for noun in ("organisation", "contactGroup"):
        gone = await anna.do(f"{noun}Delete", WRONG, **{f"{noun}Id": acme})
        await refused(gone, "contacts.delete")
    blind, _ = await program(anna, "CONTACTS_WRITE")
    answer = await blind.do("organisationUpdate", organisationId=acme, sharesTickets=False)
    assert answer["__typename"] == "NotFound", "what is not viewed is not there"
    seen = await anna.run(ONE, id=acme, last=1)
    assert seen["node"] == {
        "name": "Acme",
        "contacts": {
            "totalCount": 2, "pageInfo": {"hasPreviousPage": True},
            "edges": [{"node": {"name": "Samuel"}}],
        },
    }  # fmt: skip
    profile = await gid_of("Profile", "operator")
    await admin.do("profileUpdate", profileId=profile, rights=["TICKETS_VIEW", "SETTINGS_VIEW"])
    assert await anna.run(ONE, id=acme) == {"node": None}
    for query in ("{ organisations { totalCount } }", "{ contactGroups { name } }"):
        with pytest.raises(Failed) as failed:
            await anna.run(query)
        assert failed.value.code == "FORBIDDEN"
    for noun in ("organisation", "contactGroup"):
        await refused(await anna.do(f"{noun}Create", WRONG, name="A"), "contacts.write")


async def test_what_colleagues_see_holds_at_once(site: Site) -> None:
    anna = await site.sign_in("anna")
    sara, samuel = await site.sign_in("sara"), await site.sign_in("samuel")
    theirs = await opened(sara)
    acme, id = await gid_of("Organisation", "Acme"), await gid_of("Contact", "Samuel")

    async def sight(by: Client) -> Any:
        return (await by.run("query ($id: ID!) { ticket(id: $id) { id } }", id=theirs))["ticket"]

    ways: tuple[tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]], ...] = (
        (("organisationUpdate", {"organisationId": acme, "sharesTickets": False}),
         ("organisationUpdate", {"organisationId": acme, "sharesTickets": True})),
        (("contactUpdate", {"contactId": id, "organisationId": None}),
         ("contactUpdate", {"contactId": id, "organisationId": acme})),
    )  # fmt: skip
    for off, on in ways:
        async with watching(samuel, theirs) as page, watching(sara, theirs) as own:
            await anna.do(off[0], **off[1])
            await page.revoked()
            assert await sight(samuel) is None
            lost = await samuel.do("messagePost", ticketId=theirs, body="?")
            assert lost["__typename"] == "NotFound"
            await own.nothing_came()
            await own.equals_a_fresh_query()
        await anna.do(on[0], **on[1])
        assert await sight(samuel) == {"id": theirs}
    first, second = await lines("organisation.update")
    assert first["changes"] == [["sharesTickets", "yes", "no"]]
    assert second["changes"] == [["sharesTickets", "no", "yes"]]
