"""Groups over the API: made of operators, roles and groups, resolved, at once in force."""

from typing import Any

from models.records import EventRecord
from tests.administration.test_roles import path_of
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Site, category, gid

WRONG = "... on InvalidInput { fields { path message } } ... on NotPermitted { action }"
SHOWN = """group { id name defaultDepartment { name } operators { name }
  members { operator { name } role { name } group { name } withSubordinates } }"""
MADE = f"... on GroupCreated {{ {SHOWN} }} {WRONG}"
CHANGED = f"... on GroupUpdated {{ {SHOWN} }} {WRONG}"


async def made(by: Client, name: str, *members: dict[str, Any]) -> str:
    answer = await by.do("groupCreate", MADE, name=name, addMembers=list(members))
    assert answer["__typename"] == "GroupCreated", answer
    return answer["group"]["id"]


def names(answer: dict[str, Any]) -> list[str]:
    return [one["name"] for one in answer["group"]["operators"]]


async def test_of_operators_roles_and_groups(site: Site) -> None:
    admin = await site.sign_in("admin")
    top = await gid_of("Role", "admin")
    staff = await gid_of("Role", "operator")
    await admin.do("roleUpdate", roleId=staff, parentId=top)
    inner = await made(admin, "Interno", {"operatorId": await gid_of("Operator", "Bruno")})
    outer = await admin.do(
        "groupCreate", MADE, name="Esterno",
        defaultDepartmentId=await gid_of("Department", "Fiscale"),
        addMembers=[{"groupId": inner}, {"roleId": top}],
    )  # fmt: skip
    assert names(outer) == ["Admin", "Bruno"]
    assert outer["group"]["defaultDepartment"] == {"name": "Fiscale"}
    id = outer["group"]["id"]
    deep = await admin.do(
        "groupUpdate", CHANGED, groupId=id, addMembers=[{"roleId": top, "withSubordinates": True}]
    )
    assert names(deep) == ["Admin", "Anna", "Bruno", "Carla", "Dino"]
    assert len(deep["group"]["members"]) == 2, "the line was given anew, not twice"
    less = await admin.do("groupUpdate", CHANGED, groupId=id, removeMembers=[{"roleId": top}])
    assert names(less) == ["Bruno"]
    lines = await EventRecord.filter(kind="group.update").order_by("id")
    assert lines[1].data["changes"] == [["members", "Interno, admin with subordinates", "Interno"]]
    anna = await site.sign_in("anna")
    listed = [one["name"] for one in (await anna.run("{ groups { name } }"))["groups"]]
    assert listed == ["Esterno", "Interno", "Sportello"]


async def test_what_cannot_be(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    first = await made(admin, "Uno")
    second = await made(admin, "Due", {"groupId": first})
    third = await made(admin, "Tre", {"groupId": second})
    for member in (first, second, third):
        circle = await admin.do(
            "groupUpdate", WRONG, groupId=first, addMembers=[{"groupId": member}]
        )
        assert path_of(circle) == [["addMembers"]]
    nobody: list[dict[str, str]] = [
        {}, {"groupId": first, "roleId": first}, {"operatorId": gid("Operator", 99)},
        {"roleId": first},
    ]  # fmt: skip
    for member in nobody:
        answer = await admin.do("groupUpdate", WRONG, groupId=first, addMembers=[member])
        assert {tuple(one) for one in path_of(answer)} == {("addMembers",)}
    for wrong in ({}, {"name": "Due"}, {"name": "x" * 201}):
        assert path_of(await admin.do("groupCreate", MADE, **wrong)) == [["name"]]
    assert path_of(await admin.do("groupDelete", WRONG, groupId=first)) == [["groupId"]]
    assert (await admin.do("groupDelete", groupId=third))["__typename"] == "GroupDeleted"
    assert (await admin.do("groupDelete", groupId=third))["__typename"] == "NotFound"
    refused = await anna.do("groupCreate", WRONG, name="Mia")
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "settings.write")


async def test_membership_holds_at_once(site: Site) -> None:
    """Carla gets a grant: a ticket of another department, assigned to her group."""
    admin, carla, mario = [await site.sign_in(one) for one in ("admin", "carla", "mario")]
    opened = await mario.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(mario, "ISEE"),
    )  # fmt: skip
    id = opened["ticket"]["id"]
    operator = {"operatorId": await gid_of("Operator", "Carla")}
    await admin.do(
        "categoryGrantAdd", operatorId=operator["operatorId"],
        categoryId=await category(admin, "ISEE"), level="BASE",
    )  # fmt: skip
    group = await made(admin, "Aiuto", operator)
    assert (await admin.do("ticketAssign", ticketId=id, assigneeId=group))[
        "__typename"
    ] == "TicketAssigned"
    async with watching(carla, id) as hers:
        in_use = await admin.do("groupDelete", WRONG, groupId=group)
        assert path_of(in_use) == [["groupId"]]
        await admin.do("groupUpdate", groupId=group, removeMembers=[operator])
        await hers.revoked()
