"""Profiles and the role tree over the API: made, changed, deleted, refused, at once in force."""

from typing import Any

import pytest

from models.records import EventRecord
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, category, gid

WRONG = "... on InvalidInput { fields { path message } } ... on NotPermitted { action }"
PROFILE = f"... on ProfileCreated {{ profile {{ id name rights }} }} {WRONG}"
ROLE = f"... on RoleCreated {{ role {{ id name parent {{ name }} profile {{ name }} }} }} {WRONG}"


async def profile(by: Client, name: str, *rights: str) -> str:
    made = await by.do("profileCreate", PROFILE, name=name, rights=list(rights))
    assert made["__typename"] == "ProfileCreated", made
    return made["profile"]["id"]


async def role(by: Client, name: str, profile_id: str, parent_id: str | None = None) -> str:
    made = await by.do("roleCreate", ROLE, name=name, profileId=profile_id, parentId=parent_id)
    assert made["__typename"] == "RoleCreated", made
    return made["role"]["id"]


def path_of(answer: dict[str, Any]) -> list[list[str]]:
    assert answer["__typename"] == "InvalidInput", answer
    assert all(one["message"] for one in answer["fields"])
    return [one["path"] for one in answer["fields"]]


async def test_made_changed_and_deleted(site: Site) -> None:
    admin = await site.sign_in("admin")
    first = await profile(admin, "Visitatore", "TICKETS_VIEW")
    top = await role(admin, "Capo", first)
    under = await role(admin, "Sotto", first, top)
    listed = await admin.run(
        "{ profiles { name rights } roles { id name parent { id } profile { id } } }"
    )
    assert {"name": "Visitatore", "rights": ["TICKETS_VIEW"]} in listed["profiles"]
    assert {
        "id": under, "name": "Sotto", "parent": {"id": top}, "profile": {"id": first},
    } in listed["roles"]  # fmt: skip
    moved = await admin.do("roleUpdate", "... on RoleUpdated { role { parent { id } name } }",
                           roleId=under, parentId=None, name="  Pari ")  # fmt: skip
    assert moved["role"] == {"parent": None, "name": "Pari"}
    changed = await admin.do(
        "profileUpdate", "... on ProfileUpdated { profile { name rights } }",
        profileId=first, rights=["TICKETS_WRITE", "TICKETS_VIEW", "TICKETS_VIEW"],
    )  # fmt: skip
    assert changed["profile"] == {"name": "Visitatore", "rights": ["TICKETS_VIEW", "TICKETS_WRITE"]}
    assert path_of(await admin.do("profileDelete", WRONG, profileId=first)) == [["profileId"]]
    for id in (under, top):
        assert (await admin.do("roleDelete", roleId=id))["__typename"] == "RoleDeleted"
        assert (await admin.do("roleDelete", roleId=id))["__typename"] == "NotFound"
    assert (await admin.do("profileDelete", profileId=first))["__typename"] == "ProfileDeleted"
    line = await EventRecord.get(kind="role.update")
    assert line.data == {
        "name": "Pari",
        "changes": [["name", "Sotto", "Pari"], ["parent", "Capo", None]],
    }
    deleted = await EventRecord.filter(kind="role.delete").order_by("id")
    assert [one.data["name"] for one in deleted] == ["Pari", "Capo"]


async def test_the_same_key_makes_one(site: Site) -> None:
    admin = await site.sign_in("admin")
    same = {"name": "Una", "rights": ["TICKETS_VIEW"], "idempotencyKey": "una"}
    once, twice = [await admin.do("profileCreate", PROFILE, **same) for _ in range(2)]
    assert once == twice
    other = await admin.do("profileCreate", PROFILE, **{**same, "name": "Altra"})
    assert other["__typename"] == "IdempotencyConflict"


async def test_what_cannot_be(site: Site) -> None:
    admin = await site.sign_in("admin")
    base = await profile(admin, "Base")
    top = await role(admin, "A", base)
    middle = await role(admin, "B", base, top)
    low = await role(admin, "C", base, middle)
    for id in (top, middle, low):
        circle = await admin.do("roleUpdate", WRONG, roleId=top, parentId=id)
        assert path_of(circle) == [["parentId"]]
    for wrong in (
        {}, {"name": None}, {"name": " \0 "}, {"name": "x" * 201}, {"name": "Base"},
        {"name": "New", "rights": None},
    ):  # fmt: skip
        found = path_of(await admin.do("profileCreate", PROFILE, **wrong))
        assert found == [["rights" if "rights" in wrong else "name"]]
    for wrong, paths in (
        ({"name": "D"}, [["profileId"]]),
        ({"name": "D", "profileId": top}, [["profileId"]]),
        ({"name": "C", "profileId": base}, [["name"]]),
        ({"profileId": "garbage", "parentId": base}, [["name"], ["parentId"], ["profileId"]]),
    ):
        assert path_of(await admin.do("roleCreate", ROLE, **wrong)) == paths
    for id in (base, gid("Role", 99), "garbage", ""):
        assert (await admin.do("roleUpdate", roleId=id, name="Z"))["__typename"] == "NotFound"
    assert path_of(await admin.do("roleDelete", WRONG, roleId=middle)) == [["roleId"]]
    assert path_of(
        await admin.do("roleDelete", WRONG, roleId=await gid_of("Role", "operator"))
    ) == [["roleId"]]
    parent = top
    for depth in range(2, 21):
        parent = await role(admin, f"deep {depth}", base, parent)
    deeper = await admin.do("roleCreate", ROLE, name="deeper", profileId=base, parentId=parent)
    assert path_of(deeper) == [["parentId"]]
    names = [one["name"] for one in (await admin.run("{ roles { name } }"))["roles"]]
    assert "D" not in names
    assert "deeper" not in names


async def test_the_last_administrator_stays(site: Site) -> None:
    admin = await site.sign_in("admin")
    weaker = await admin.do(
        "profileUpdate", WRONG, profileId=await gid_of("Profile", "admin"), rights=["TICKETS_VIEW"]
    )
    assert path_of(weaker) == [["rights"]]
    other = await admin.do(
        "roleUpdate",
        WRONG,
        roleId=await gid_of("Role", "admin"),
        profileId=await gid_of("Profile", "operator"),
    )
    assert path_of(other) == [["profileId"]]
    again = await admin.run("{ profiles { name rights } }")
    assert {"name": "admin", "rights": ["ADMINISTER"]} in again["profiles"]
    assert not await EventRecord.exists(kind="profile.update")


async def test_nobody_hands_out_what_they_do_not_have(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    operators = await gid_of("Profile", "operator")
    rights = ["TICKETS_VIEW", "TICKETS_WRITE"]
    refused = await anna.do("profileUpdate", WRONG, profileId=operators, rights=rights)
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "settings.write")
    await admin.do(
        "profileUpdate", profileId=operators,
        rights=[*rights, "SETTINGS_VIEW", "SETTINGS_WRITE"],
    )  # fmt: skip
    for wanted in ([*rights, "SETTINGS_WRITE", "ADMINISTER"], [*rights, "VIEW_ALL_TICKETS"]):
        refused = await anna.do("profileCreate", PROFILE, name="Troppo", rights=wanted)
        assert refused["__typename"] == "NotPermitted"
    stronger = await anna.do(
        "roleUpdate", WRONG,
        roleId=await gid_of("Role", "operator"), profileId=await gid_of("Profile", "admin"),
    )  # fmt: skip
    assert (stronger["__typename"], stronger["action"]) == ("NotPermitted", "administer")
    lowered = await anna.do(
        "profileUpdate", WRONG, profileId=await gid_of("Profile", "admin"), rights=rights
    )
    assert lowered["__typename"] == "NotPermitted"
    allowed = await anna.do("profileCreate", PROFILE, name="Meno", rights=["TICKETS_VIEW"])
    assert allowed["__typename"] == "ProfileCreated"


async def test_a_right_taken_ends_open_feeds(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    opened = await mario.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    id = opened["ticket"]["id"]
    async with watching(anna, id) as page, watching(admin, id) as still:
        await admin.do(
            "profileUpdate", profileId=await gid_of("Profile", "operator"), rights=["CONTACTS_VIEW"]
        )
        await page.revoked()
        await still.equals_a_fresh_query()
    seen = await anna.run("{ tickets { totalCount } }")
    assert seen == {"tickets": {"totalCount": 0}}
    with pytest.raises(Failed) as failed:
        await anna.run("{ profiles { name } }")
    assert failed.value.code == "FORBIDDEN"
