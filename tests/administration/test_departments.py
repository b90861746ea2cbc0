"""Departments over the API: every field, who belongs to them, and what holds at once."""

from typing import Any

import pytest

from models.records import EventRecord
from tests.administration.test_groups import made as group_made
from tests.administration.test_roles import path_of
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, category, gid

WRONG = "... on InvalidInput { fields { path message } } ... on NotPermitted { action }"
SETUP = """email aliases hidden defaultLanguage notifyMembers limitedView assigneesMembersOnly
  offeredForSolving personalSignatures survey staffName staffAvatar signature
  operators { name } groups { name } publicGroups { name }"""
SHOWN = f"department {{ id name parent {{ name }} setup {{ {SETUP} }} }}"
MADE = f"... on DepartmentCreated {{ {SHOWN} }} {WRONG}"
CHANGED = f"... on DepartmentUpdated {{ {SHOWN} }} {WRONG}"


async def made(by: Client, name: str, **fields: Any) -> str:
    answer = await by.do("departmentCreate", MADE, name=name, **fields)
    assert answer["__typename"] == "DepartmentCreated", answer
    return answer["department"]["id"]


async def test_every_field(site: Site) -> None:
    admin = await site.sign_in("admin")
    plain = {
        "email": "casa@demo.test", "aliases": ["a@demo.test", "b@demo.test"], "hidden": True,
        "defaultLanguage": "it", "notifyMembers": False, "limitedView": True,
        "assigneesMembersOnly": True, "offeredForSolving": True, "personalSignatures": True,
        "survey": False, "staffName": "Ufficio casa", "staffAvatar": "https://demo.test/casa.png",
        "signature": "Cordiali saluti",
    }  # fmt: skip
    group = await group_made(admin, "Casa")
    guests = await group_made(admin, "Ospiti")
    answer = await admin.do(
        "departmentCreate", MADE, name="Casa", parentId=await gid_of("Department", "Patronato"),
        addOperatorIds=[await gid_of("Operator", "Dino"), await gid_of("Operator", "Carla")],
        addGroupIds=[group], addPublicGroupIds=[guests], **plain,
    )  # fmt: skip
    found = answer["department"]
    assert found["parent"] == {"name": "Patronato"}
    assert found["setup"] == {
        **plain,
        "operators": [{"name": "Carla"}, {"name": "Dino"}],
        "groups": [{"name": "Casa"}],
        "publicGroups": [{"name": "Ospiti"}],
    }
    cleared = dict.fromkeys(
        ("email", "defaultLanguage", "staffName", "staffAvatar", "signature", "parentId")
    )
    changed = await admin.do(
        "departmentUpdate", CHANGED, departmentId=found["id"], aliases=[], hidden=False,
        removeOperatorIds=[await gid_of("Operator", "Dino")], removeGroupIds=[group],
        removePublicGroupIds=[guests], **cleared,
    )  # fmt: skip
    setup = changed["department"]["setup"]
    assert changed["department"]["parent"] is None
    assert (setup["email"], setup["aliases"], setup["hidden"]) == ("", [], False)
    assert (setup["operators"], setup["groups"]) == ([{"name": "Carla"}], [])
    line = await EventRecord.get(kind="department.update")
    assert ["operators", "Carla, Dino", "Carla"] in line.data["changes"]
    assert ["parent", "Patronato", None] in line.data["changes"]
    managed = (await admin.run("{ departments(for: MANAGE) { name } }"))["departments"]
    assert {"name": "Casa"} in managed


async def test_what_cannot_be(site: Site) -> None:
    admin, mario, anna = [await site.sign_in(one) for one in ("admin", "mario", "anna")]
    await mario.do(
        "ticketOpen", subject="Ciao", body="Ciao",
        categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    first = await made(admin, "Uno", email="uno@demo.test", aliases=["alias@demo.test"])
    second = await made(admin, "Due", parentId=first)
    group = await group_made(admin, "Gruppo")
    for wrong, path in (
        ({"name": "Uno"}, "name"), ({"name": ""}, "name"),
        ({"email": "uno@demo.test"}, "email"), ({"email": "Alias@demo.test"}, "email"),
        ({"email": "nobody"}, "email"), ({"aliases": ["uno@demo.test"]}, "aliases"),
        ({"aliases": ["x"]}, "aliases"), ({"defaultLanguage": "tlh"}, "defaultLanguage"),
        ({"parentId": gid("Department", 99)}, "parentId"),
        ({"parentId": second}, "parentId"),
        ({"staffAvatar": "http://demo.test/a.png"}, "staffAvatar"),
        ({"staffAvatar": "javascript:alert(1)"}, "staffAvatar"),
        ({"staffAvatar": "https://[x"}, "staffAvatar"),
        ({"staffAvatar": 'https://demo.test/a.png" onerror="x'}, "staffAvatar"),
        ({"staffAvatar": "https://demo.test/a b.png"}, "staffAvatar"),
        ({"staffName": "x" * 201}, "staffName"), ({"signature": "x" * 10_001}, "signature"),
        ({"hidden": None}, "hidden"), ({"addOperatorIds": ["x"]}, "addOperatorIds"),
        ({"addGroupIds": [group], "addPublicGroupIds": [group]}, "addPublicGroupIds"),
        ({"defaultContactGroupId": group}, "defaultContactGroupId"),
    ):  # fmt: skip
        answer = await admin.do("departmentUpdate", WRONG, departmentId=second, **wrong)
        assert path_of(answer) == [[path]], wrong
    circle = await admin.do("departmentUpdate", WRONG, departmentId=first, parentId=second)
    assert path_of(circle) == [["parentId"]]
    for used in (first, await gid_of("Department", "Immigrazione")):
        answer = await admin.do("departmentDelete", WRONG, departmentId=used)
        assert path_of(answer) == [["departmentId"]]
    assert (await admin.do("departmentDelete", departmentId=second))[
        "__typename"
    ] == "DepartmentDeleted"
    assert (await admin.do("departmentUpdate", departmentId=second))["__typename"] == "NotFound"
    refused = await anna.do("departmentUpdate", WRONG, departmentId=first, name="x")
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "settings.write")
    for query in ("{ departments(for: MANAGE) { name } }", "{ departments { setup { email } } }"):
        with pytest.raises(Failed) as failed:
            await anna.run(query)
        assert failed.value.code == "FORBIDDEN"


async def test_membership_and_place_hold_at_once(site: Site) -> None:
    """Anna is a member of Patronato, which covers Immigrazione until that is moved away."""
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    opened = await mario.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    id = opened["ticket"]["id"]
    immigrazione = await gid_of("Department", "Immigrazione")
    patronato = await gid_of("Department", "Patronato")
    async with watching(anna, id) as hers:
        await admin.do("departmentUpdate", departmentId=immigrazione, parentId=None)
        await hers.revoked()
    await admin.do("departmentUpdate", departmentId=immigrazione, parentId=patronato)
    async with watching(anna, id) as hers:
        her_id = await gid_of("Operator", "Anna")
        await admin.do("departmentUpdate", departmentId=patronato, removeOperatorIds=[her_id])
        await hers.revoked()
    tree = "{ categories { name } }"
    assert {"name": "Immigrazione"} in (await mario.run(tree))["categories"]
    await admin.do("departmentUpdate", departmentId=immigrazione, hidden=True)
    assert {"name": "Immigrazione"} not in (await mario.run(tree))["categories"]


async def test_guests_of_a_public_department(site: Site) -> None:
    """Carla opens one in Fiscale, sees it and no other; limited, she may reply and edit alone."""
    admin, carla, mario = [await site.sign_in(one) for one in ("admin", "carla", "mario")]
    await mario.do(
        "ticketOpen", subject="Altro", body="Ciao", categoryId=await category(mario, "ISEE")
    )
    fiscale = await gid_of("Department", "Fiscale")
    isee = await category(admin, "ISEE")
    for_mario = {
        "contactId": await gid_of("Contact", "Mario"), "subject": "Ciao", "body": "Ciao",
        "categoryId": isee, "departmentId": fiscale,
    }  # fmt: skip
    assert (await carla.do("ticketOpen", **for_mario))["__typename"] != "TicketOpened"
    group = await group_made(admin, "Ospiti", {"operatorId": await gid_of("Operator", "Carla")})
    await admin.do("departmentUpdate", departmentId=fiscale, addPublicGroupIds=[group])
    opened = await carla.do("ticketOpen", "... on TicketOpened { ticket { id } }", **for_mario)
    id = opened["ticket"]["id"]
    mine = "query ($id: ID!) { tickets { totalCount } ticket(id: $id) { allowedActions } }"
    seen = await carla.run(mine, id=id)
    assert seen["tickets"]["totalCount"] == 1
    assert "TRANSFER" in seen["ticket"]["allowedActions"]
    async with watching(carla, id) as hers:
        await admin.do("departmentUpdate", departmentId=fiscale, limitedView=True)
        limited = (await carla.run(mine, id=id))["ticket"]["allowedActions"]
        assert sorted(limited) == ["REPLY", "UPDATE", "VIEW"]
        await admin.do("departmentUpdate", departmentId=fiscale, removePublicGroupIds=[group])
        await hers.revoked()
