"""Lines of groups and departments: what comes, goes, stays, and what is said of it in the log."""

from typing import Any

from models.desk import CategoryGrant
from models.people import Operator
from models.records import EventRecord
from tests.administration.staff import WRONG, paths_of
from tests.administration.test_departments import CHANGED as DEPARTMENT
from tests.administration.test_groups import CHANGED as GROUP, made as group_made
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Site, category, gid

TOO_MANY = 1_001
MORE_THAN_A_STATEMENT_TAKES = 32_800


async def changed(by: Client, id: str, **fields: Any) -> dict[str, Any]:
    """The department's setup after the change."""
    answer = await by.do("departmentUpdate", DEPARTMENT, departmentId=id, **fields)
    assert answer["__typename"] == "DepartmentUpdated", answer
    return answer["department"]["setup"]


async def test_a_guest_becomes_a_member_and_a_member_a_guest(site: Site) -> None:
    admin = await site.sign_in("admin")
    place, group = await gid_of("Department", "Fiscale"), await group_made(admin, "Casa")
    await changed(admin, place, addPublicGroupIds=[group])
    setup = await changed(admin, place, addGroupIds=[group], removePublicGroupIds=[group])
    assert (setup["groups"], setup["publicGroups"]) == ([{"name": "Casa"}], [])
    setup = await changed(admin, place, addPublicGroupIds=[group], removeGroupIds=[group])
    assert (setup["groups"], setup["publicGroups"]) == ([], [{"name": "Casa"}])
    line = await EventRecord.filter(kind="department.update").order_by("-id").first()
    assert line is not None
    assert line.data["changes"] == [["groups", "Casa", None], ["publicGroups", None, "Casa"]]


async def test_what_is_there_already_is_no_change(site: Site) -> None:
    admin = await site.sign_in("admin")
    place, bruno = await gid_of("Department", "Fiscale"), await gid_of("Operator", "Bruno")
    inner = await group_made(admin, "Interno", {"operatorId": bruno})
    role = {"roleId": await gid_of("Role", "operator"), "withSubordinates": True}
    lines = [{"operatorId": bruno}, {"groupId": inner}, role]
    group = await group_made(admin, "Casa", *lines)
    await changed(admin, place, addOperatorIds=[bruno], addGroupIds=[group])
    before = await EventRecord.all().count()
    same = await admin.do("groupUpdate", GROUP, groupId=group, addMembers=lines[::-1])
    again = await admin.do(
        "groupUpdate", GROUP, groupId=group, addMembers=lines[:1], removeMembers=lines[:1]
    )
    assert same["group"] == again["group"]
    assert len(same["group"]["members"]) == 3
    await admin.do("groupUpdate", groupId=group, removeMembers=[{"groupId": group}])
    await changed(
        admin, place, addOperatorIds=[bruno], addGroupIds=[group], removeOperatorIds=[bruno]
    )
    grant = await CategoryGrant.first()
    assert grant is not None
    held = await admin.do(
        "categoryGrantAdd", WRONG, operatorId=gid("Operator", grant.operator_id),
        categoryId=gid("Category", grant.category_id), level=grant.level,
    )  # fmt: skip
    assert paths_of(held) == ["categoryId"]
    assert await EventRecord.all().count() == before
    flat = {"roleId": role["roleId"]}
    less = await admin.do("groupUpdate", GROUP, groupId=group, addMembers=[flat])
    assert [one["withSubordinates"] for one in less["group"]["members"]] == [False] * 3
    (line,) = await EventRecord.filter(id__gt=0).order_by("-id").limit(1)
    assert line.data["changes"] == [
        ["members", "Bruno, Interno, operator with subordinates", "Bruno, Interno, operator"]
    ]


async def test_who_left_stays_a_member_and_does_not_become_one(site: Site) -> None:
    admin = await site.sign_in("admin")
    place, bruno = await gid_of("Department", "Fiscale"), await gid_of("Operator", "Bruno")
    dino = await gid_of("Operator", "Dino")
    group = await group_made(admin, "Casa", {"operatorId": bruno})
    await changed(admin, place, addOperatorIds=[bruno])
    await Operator.filter(name__in=["Bruno", "Dino"]).update(active=False)
    setup = await changed(admin, place, addOperatorIds=[bruno], name="Fisco")
    assert {"name": "Bruno"} in setup["operators"]
    kept = await admin.do("groupUpdate", GROUP, groupId=group, addMembers=[{"operatorId": bruno}])
    assert kept["group"]["members"][0]["operator"] == {"name": "Bruno"}
    refused = await admin.do(
        "groupUpdate",
        WRONG,
        groupId=group,
        addMembers=[{"operatorId": bruno}, {"operatorId": dino}],
    )
    assert paths_of(refused) == ["addMembers"]
    casa = await gid_of("Department", "Patronato")
    for id in (bruno, dino):
        refused = await admin.do("departmentUpdate", WRONG, departmentId=casa, addOperatorIds=[id])
        assert paths_of(refused) == ["addOperatorIds"]


async def test_subordinates_are_a_roles(site: Site) -> None:
    admin = await site.sign_in("admin")
    group = await group_made(admin, "Casa")
    for member in ({"operatorId": await gid_of("Operator", "Bruno")}, {"groupId": group}):
        for path in ("addMembers", "removeMembers"):
            answer = await admin.do(
                "groupUpdate",
                WRONG,
                groupId=group,
                **{path: [{**member, "withSubordinates": True}]},
            )
            assert paths_of(answer) == [path]


async def test_lists_have_an_end(site: Site) -> None:
    admin = await site.sign_in("admin")
    place = await gid_of("Department", "Fiscale")
    group = await group_made(admin, "Casa")
    for many in (TOO_MANY, MORE_THAN_A_STATEMENT_TAKES):
        for path in (
            "addOperatorIds", "removeOperatorIds", "addGroupIds", "removeGroupIds",
            "addPublicGroupIds", "removePublicGroupIds", "aliases",
        ):  # fmt: skip
            answer = await admin.do(
                "departmentUpdate", WRONG, departmentId=place, **{path: ["T3BlcmF0b3I6OQ"] * many}
            )
            assert paths_of(answer) == [path]
    for path in ("addMembers", "removeMembers"):
        answer = await admin.do(
            "groupUpdate", WRONG, groupId=group, **{path: [{"groupId": group}] * TOO_MANY}
        )
        assert paths_of(answer) == [path]
    for path in ("languages", "forbiddenTypes"):
        answer = await admin.do("settingsUpdate", WRONG, **{path: ["it"] * TOO_MANY})
        assert paths_of(answer) == [path]
    just = await admin.do(
        "groupUpdate", WRONG, groupId=group,
        addMembers=[{"operatorId": gid("Operator", 9_000 + n)} for n in range(TOO_MANY - 1)],
    )  # fmt: skip
    assert set(paths_of(just)) == {"addMembers"}
    order = [await category(admin, "ISEE")] * MORE_THAN_A_STATEMENT_TAKES
    answer = await admin.do("categoriesReorder", WRONG, categoryIds=order)
    assert paths_of(answer) == ["categoryIds"]


async def test_a_department_that_is_somebodys_default_stays(site: Site) -> None:
    admin = await site.sign_in("admin")
    made = await admin.do("departmentCreate", "... on DepartmentCreated { department { id } }",
                          name="Nuovo")  # fmt: skip
    id = made["department"]["id"]
    group, carla = await group_made(admin, "Casa"), await gid_of("Operator", "Carla")
    for mutation, who in (
        ("operatorUpdate", {"operatorId": carla}),
        ("groupUpdate", {"groupId": group}),
    ):
        await admin.do(mutation, **who, defaultDepartmentId=id)
        assert paths_of(await admin.do("departmentDelete", WRONG, departmentId=id)) == [
            "departmentId"
        ]
        await admin.do(mutation, **who, defaultDepartmentId=None)
    gone = await admin.do("departmentDelete", WRONG, departmentId=id)
    assert gone["__typename"] == "DepartmentDeleted"


async def test_an_address_is_not_its_own_alias_and_an_avatar_has_no_password(site: Site) -> None:
    admin = await site.sign_in("admin")
    id = await gid_of("Department", "Fiscale")
    await changed(admin, id, email="a@demo.test", aliases=["b@demo.test"])
    for wrong, path in (
        ({"email": "b@demo.test"}, "email"),
        ({"aliases": ["a@demo.test"]}, "aliases"),
        ({"email": "c@demo.test", "aliases": ["C@demo.test"]}, "aliases"),
        ({"staffAvatar": "https://user:password@demo.test/a.png"}, "staffAvatar"),
        ({"staffAvatar": "https://user@demo.test/a.png"}, "staffAvatar"),
        ({"staffAvatar": "https://:80/a.png"}, "staffAvatar"),
    ):
        answer = await admin.do("departmentUpdate", WRONG, departmentId=id, **wrong)
        assert paths_of(answer) == [path], wrong
    setup = await changed(admin, id, email="b@demo.test", aliases=["a@demo.test"])
    assert (setup["email"], setup["aliases"]) == ("b@demo.test", ["a@demo.test"])
