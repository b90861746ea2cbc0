"""What creates takes a key: twice the same, once made; gone by then, NotFound and not made anew."""

from typing import Any

from models.records import EventRecord
from tests.administration.staff import WRONG, lines, paths_of
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Site, category

KEY = "the same"


async def created(by: Client) -> dict[str, tuple[dict[str, Any], str]]:
    """Every mutation that makes something that can be deleted: with its input, and its kind."""
    profile, role = await gid_of("Profile", "operator"), await gid_of("Role", "operator")
    made: dict[str, tuple[dict[str, Any], str]] = {
        kind: ({"name": "Nuovo"}, kind)
        for kind in ("category", "contact", "department", "group", "organisation", "contactGroup")
    }
    made["profile"] = ({"name": "Nuovo", "rights": []}, "profile")
    made["role"] = ({"name": "Nuovo", "profileId": profile, "parentId": role}, "role")
    return made


async def test_what_was_deleted_meanwhile_is_not_found(site: Site) -> None:
    admin = await site.sign_in("admin")
    for kind, (input, field) in (await created(admin)).items():
        type_ = f"{kind[0].upper()}{kind[1:]}Created"
        shown = f"... on {type_} {{ {field} {{ id }} }} {WRONG}"
        keyed = {**input, "idempotencyKey": f"{KEY} {kind}"}
        first, second = [await admin.do(f"{kind}Create", shown, **keyed) for _ in range(2)]
        assert first == second
        assert first["__typename"] == type_, first
        gone = await admin.do(f"{kind}Delete", **{f"{kind}Id": first[field]["id"]})
        assert gone["__typename"].endswith("Deleted"), gone
        before = await EventRecord.all().count()
        late = await admin.do(f"{kind}Create", shown, **keyed)
        assert late["__typename"] == "NotFound", late
        assert await EventRecord.all().count() == before
        other = await admin.do(f"{kind}Create", shown, **{**keyed, "name": "Altro"})
        assert other["__typename"] == "IdempotencyConflict"


async def test_a_grant_is_given_once(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    shown = f"... on CategoryGrantAdded {{ grant {{ id level }} }} {WRONG}"
    input: dict[str, Any] = {
        "operatorId": await gid_of("Operator", "Carla"),
        "categoryId": await category(admin, "ISEE"),
        "level": "BASE",
    }
    denied = await anna.do("categoryGrantAdd", shown, **input, idempotencyKey=KEY)
    assert denied["__typename"] == "NotPermitted"
    first, second = [
        await admin.do("categoryGrantAdd", shown, **input, idempotencyKey=KEY) for _ in range(2)
    ]
    assert first == second
    assert first["grant"]["level"] == "BASE"
    assert len(await lines("grant.create")) == 1
    without = await admin.do("categoryGrantAdd", shown, **input)
    assert paths_of(without) == ["categoryId"]
    other = await admin.do(
        "categoryGrantAdd", shown, **{**input, "level": "ADVANCED"}, idempotencyKey=KEY
    )
    assert other["__typename"] == "IdempotencyConflict"
    await admin.do("categoryGrantRemove", grantId=first["grant"]["id"])
    late = await admin.do("categoryGrantAdd", shown, **input, idempotencyKey=KEY)
    assert late["__typename"] == "NotFound"
    again = await admin.do("categoryGrantAdd", shown, **input, idempotencyKey="another")
    assert again["__typename"] == "CategoryGrantAdded"
