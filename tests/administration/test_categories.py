"""Categories and grants over the API: made, ordered, archived, given, taken; at once in force."""

from typing import Any

import pytest

from models.records import EventRecord
from tests.administration.test_roles import path_of
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, category, gid

WRONG = "... on InvalidInput { fields { path message } } ... on NotPermitted { action }"
MADE = f"... on CategoryCreated {{ category {{ id name position visible }} }} {WRONG}"
GRANT = f"... on CategoryGrantAdded {{ grant {{ id level }} }} {WRONG}"
MANAGE = """{ categories(for: MANAGE) {
  id name archived position parent { name } children { name }
  grants { id level operator { name } }
  coverage { base { name } advanced { name } inLimbo warning }
} }"""


async def made(by: Client, name: str, **fields: Any) -> str:
    answer = await by.do("categoryCreate", MADE, name=name, **fields)
    assert answer["__typename"] == "CategoryCreated", answer
    return answer["category"]["id"]


async def managed(by: Client) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in (await by.run(MANAGE))["categories"]}


async def contact_tree(by: Client) -> set[str]:
    roots = (await by.run("{ categories { name children { name } } }"))["categories"]
    return {one["name"] for root in roots for one in (root, *root["children"])}


async def test_made_ordered_archived_deleted(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    root = await category(admin, "Immigrazione")
    first = await made(admin, "Cittadinanza", parentId=root, initialLevel="ADVANCED", position=3)
    second = await made(admin, "Altro", parentId=root, visible=False, description="  Varie ")
    assert "Cittadinanza" in await contact_tree(mario)
    assert "Altro" not in await contact_tree(mario)
    children = [one["name"] for one in (await managed(admin))["Immigrazione"]["children"]]
    assert children == ["Altro", "Ricorsi", "Rinnovo permesso", "Cittadinanza"]
    ids = [
        first,
        second,
        await category(admin, "Ricorsi"),
        await category(admin, "Rinnovo permesso"),
    ]
    ordered = await admin.do(
        "categoriesReorder", "... on CategoriesReordered { categories { name position } }",
        parentId=root, categoryIds=ids,
    )  # fmt: skip
    assert [one["position"] for one in ordered["categories"]] == [0, 1, 2, 3]
    children = [one["name"] for one in (await managed(admin))["Immigrazione"]["children"]]
    assert children == ["Cittadinanza", "Altro", "Ricorsi", "Rinnovo permesso"]
    archived = await admin.do(
        "categoryUpdate", "... on CategoryUpdated { category { archived } }",
        categoryId=first, archived=True,
    )  # fmt: skip
    assert archived["category"] == {"archived": True}
    assert "Cittadinanza" not in await contact_tree(mario)
    in_use = [one["name"] for one in (await admin.run("{ categories { name } }"))["categories"]]
    assert "Cittadinanza" not in in_use
    assert (await managed(admin))["Cittadinanza"]["archived"]
    gone = await admin.do("categoryDelete", categoryId=second)
    assert gone["__typename"] == "CategoryDeleted"
    kinds = [one.kind for one in await EventRecord.exclude(subject=None).order_by("id")]
    assert kinds[:2] == ["category.create"] * 2
    assert kinds[-2:] == ["category.update", "category.delete"]


async def test_what_cannot_be(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    root = await category(admin, "Immigrazione")
    rinnovo = await category(admin, "Rinnovo permesso")
    await mario.do("ticketOpen", subject="Ciao", body="Ciao", categoryId=rinnovo)
    for wrong, paths in (
        ({"name": "Rinnovo permesso", "parentId": root}, [["name"]]),
        ({"name": ""}, [["name"]]),
        ({"name": "x", "parentId": gid("Category", 99)}, [["parentId"]]),
        ({"name": "x", "departmentId": root}, [["departmentId"]]),
        ({"name": "x", "position": -1}, [["position"]]),
        ({"name": "x", "description": "x" * 10_001}, [["description"]]),
    ):
        assert path_of(await admin.do("categoryCreate", MADE, **wrong)) == paths
    await made(admin, "Rinnovo permesso")
    for id in (root, rinnovo):
        circle = await admin.do("categoryUpdate", WRONG, categoryId=root, parentId=id)
        assert path_of(circle) == [["parentId"]]
    for id in (root, rinnovo):
        assert path_of(await admin.do("categoryDelete", WRONG, categoryId=id)) == [["categoryId"]]
    for ids in ([rinnovo], [rinnovo, rinnovo], []):
        answer = await admin.do("categoriesReorder", WRONG, parentId=root, categoryIds=ids)
        assert path_of(answer) == [["categoryIds"]]
    missing = await admin.do("categoryUpdate", categoryId=gid("Category", 99), name="x")
    assert missing["__typename"] == "NotFound"
    anna = await site.sign_in("anna")
    for mutation, input in (
        ("categoryCreate", {"name": "x"}),
        ("categoryDelete", {"categoryId": root}),
        ("categoryUpdate", {"categoryId": root, "name": "x"}),
        ("categoryGrantAdd", {"operatorId": root, "categoryId": root, "level": "BASE"}),
    ):
        refused = await anna.do(mutation, WRONG, **input)
        assert (refused["__typename"], refused["action"]) == ("NotPermitted", "settings.write")
    with pytest.raises(Failed) as failed:
        await anna.run(MANAGE)
    assert failed.value.code == "FORBIDDEN"


async def test_one_grant_each(site: Site) -> None:
    admin = await site.sign_in("admin")
    carla, isee = await gid_of("Operator", "Carla"), await category(admin, "ISEE")
    given = {"operatorId": carla, "categoryId": isee, "level": "BASE"}
    grant = await admin.do("categoryGrantAdd", GRANT, **given)
    assert grant["grant"]["level"] == "BASE"
    second = await admin.do("categoryGrantAdd", GRANT, **{**given, "level": "ADVANCED"})
    assert path_of(second) == [["categoryId"]]
    nobody = await admin.do("categoryGrantAdd", GRANT, operatorId="x", categoryId="y", level="BASE")
    assert path_of(nobody) == [["operatorId"], ["categoryId"]]
    id = grant["grant"]["id"]
    raised = await admin.do(
        "categoryGrantChange", "... on CategoryGrantChanged { grant { level } }",
        grantId=id, level="ADVANCED",
    )  # fmt: skip
    assert raised["grant"] == {"level": "ADVANCED"}
    hers = (await admin.run(
        "query ($id: ID!) { operator(id: $id) { grants { level category { name } } } }", id=carla
    ))["operator"]["grants"]  # fmt: skip
    assert hers == [{"level": "ADVANCED", "category": {"name": "ISEE"}}]
    seen = await admin.run("query ($id: ID!) { node(id: $id) { id } }", id=id)
    assert seen["node"] == {"id": id}
    anna = await site.sign_in("anna")
    assert (await anna.run("query ($id: ID!) { node(id: $id) { id } }", id=id))["node"] is None
    removed = await admin.do("categoryGrantRemove", grantId=id)
    assert removed["__typename"] == "CategoryGrantRemoved"
    assert (await admin.do("categoryGrantRemove", grantId=id))["__typename"] == "NotFound"
    lines = await EventRecord.filter(kind__startswith="grant.").order_by("id")
    assert [one.kind for one in lines] == ["grant.create", "grant.update", "grant.delete"]
    assert ["level", "BASE", "ADVANCED"] in lines[1].data["changes"]
    assert ["operator", "Carla", None] in lines[2].data["changes"]


async def test_coverage_and_limbo(site: Site) -> None:
    admin = await site.sign_in("admin")
    rinnovo = (await managed(admin))["Rinnovo permesso"]["coverage"]
    assert rinnovo == {
        "base": [{"name": "Anna"}],
        "advanced": [{"name": "Bruno"}, {"name": "Dino"}],
        "inLimbo": False,
        "warning": None,
    }
    isee = (await managed(admin))["ISEE"]
    assert not isee["coverage"]["inLimbo"]
    await admin.do("categoryGrantRemove", grantId=isee["grants"][0]["id"])
    after = (await managed(admin))["ISEE"]["coverage"]
    assert (after["inLimbo"], after["advanced"]) == (True, [])
    assert "nobody sees" in after["warning"]


async def test_a_category_whose_tickets_begin_above_everybody(site: Site) -> None:
    admin = await site.sign_in("admin")
    id = await made(admin, "Ricorsi", initialLevel="ADVANCED")
    anna, bruno = [await gid_of("Operator", name) for name in ("Anna", "Bruno")]
    await admin.do("categoryGrantAdd", operatorId=anna, categoryId=id, level="BASE")
    coverage = (await managed(admin))["Ricorsi"]["coverage"]
    assert (coverage["inLimbo"], coverage["base"]) == (False, [{"name": "Anna"}])
    assert "at level ADVANCED: nobody sees" in coverage["warning"]
    await admin.do("categoryUpdate", categoryId=id, initialLevel="BASE")
    assert (await managed(admin))["Ricorsi"]["coverage"]["warning"] is None
    await admin.do("categoryUpdate", categoryId=id, initialLevel="ADVANCED")
    await admin.do("categoryGrantAdd", operatorId=bruno, categoryId=id, level="ADVANCED")
    assert (await managed(admin))["Ricorsi"]["coverage"]["warning"] is None


async def test_a_grant_taken_ends_that_feed_and_no_other(site: Site) -> None:
    admin, anna, bruno, mario = [
        await site.sign_in(one) for one in ("admin", "anna", "bruno", "mario")
    ]
    opened = await mario.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    id = opened["ticket"]["id"]
    (grant,) = [
        one
        for one in (await managed(admin))["Rinnovo permesso"]["grants"]
        if one["operator"]["name"] == "Anna"
    ]
    async with watching(anna, id) as hers, watching(bruno, id) as his:
        await admin.do("categoryGrantRemove", grantId=grant["id"])
        await hers.revoked()
        await his.equals_a_fresh_query()
    await admin.do(
        "categoryGrantAdd", operatorId=await gid_of("Operator", "Anna"),
        categoryId=await category(admin, "Rinnovo permesso"), level="BASE",
    )  # fmt: skip
    async with watching(anna, id) as hers:
        await hers.equals_a_fresh_query()
