"""explainAccess and ticketsInLimbo over the API: for administrators, and true."""

from typing import Any

import pytest

from tests.administration.test_categories import managed
from tests.administration.test_groups import made as group_made
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, category, gid

EXPLAIN = """query ($who: ID!, $ticket: ID!, $action: TicketAction!) {
  explainAccess(operatorId: $who, ticketId: $ticket, action: $action) {
    allowed gates { name open because decidedBy { __typename id } }
  }
}"""
LIMBO = "{ ticketsInLimbo { totalCount edges { node { subject } } } }"


async def opened(by: Client) -> str:
    answer = await by.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(by, "Rinnovo permesso"),
    )  # fmt: skip
    return answer["ticket"]["id"]


async def explained(by: Client, who: str, ticket: str, action: str) -> dict[str, Any]:
    id = await gid_of("Operator", who)
    return (await by.run(EXPLAIN, who=id, ticket=ticket, action=action))["explainAccess"]


async def test_why(site: Site) -> None:
    """Example B, cell by cell of its first line; and what each may do."""
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    id = await opened(mario)
    for who, shut in (
        ("Anna", None), ("Bruno", None), ("Carla", "CATEGORY"), ("Dino", "DEPARTMENT"),
        ("Admin", None),
    ):  # fmt: skip
        found = await explained(admin, who, id, "VIEW")
        closed = [
            one["name"] for one in found["gates"] if not one["open"] and one["name"] != "VIEW_ALL"
        ]
        assert (found["allowed"], closed) == (shut is None, [shut] if shut else [])
        client = await site.sign_in(who.lower())
        query = "query ($id: ID!) { ticket(id: $id) { allowedActions } }"
        seen = (await client.run(query, id=id))["ticket"]
        assert (seen is not None) == found["allowed"]
        for action in ("REPLY", "DELETE", "CHANGE_LEVEL", "CLOSE", "CONVERT"):
            may = (await explained(admin, who, id, action))["allowed"]
            assert may == (seen is not None and action in seen["allowedActions"])
    convert = (await explained(admin, "Admin", id, "CONVERT"))["gates"]
    assert [one["name"] for one in convert if not one["open"]] == ["OFFERED"]
    gates = {one["name"]: one for one in (await explained(admin, "Anna", id, "VIEW"))["gates"]}
    assert gates["CATEGORY"]["decidedBy"]["__typename"] == "CategoryGrant"
    assert "Rinnovo permesso" in gates["CATEGORY"]["because"]
    assert gates["DEPARTMENT"]["decidedBy"]["id"] == await gid_of("Department", "Patronato")
    assert gates["DEPARTMENT"]["because"] == "Member of Patronato, which Immigrazione is under."
    anna = await site.sign_in("anna")
    await anna.do("replyLockAcquire", ticketId=id)
    locked = {one["name"]: one for one in (await explained(admin, "Bruno", id, "REPLY"))["gates"]}
    assert not locked["LOCK"]["open"]
    assert "Anna holds" in locked["LOCK"]["because"]


async def test_through_which_group(site: Site) -> None:
    admin, mario, dino = [await site.sign_in(one) for one in ("admin", "mario", "dino")]
    who = await gid_of("Operator", "Dino")
    group = await group_made(admin, "Ospiti", {"operatorId": who})
    department = await gid_of("Department", "Immigrazione")

    async def because(ticket: str) -> str:
        gates = (await explained(admin, "Dino", ticket, "VIEW"))["gates"]
        (gate,) = [one for one in gates if one["name"] == "DEPARTMENT"]
        assert gate["open"]
        assert gate["decidedBy"]["id"] == department
        return gate["because"]

    change = {"departmentId": department}
    await admin.do("departmentUpdate", **change, addPublicGroupIds=[group])
    own = await dino.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", contactId=await gid_of("Contact", "Mario"),
        categoryId=await gid_of("Category", "Rinnovo permesso"),
    )  # fmt: skip
    assert await because(own["ticket"]["id"]) == (
        "Guest: opened it in Immigrazione, public to Ospiti."
    )
    await admin.do("departmentUpdate", **change, removePublicGroupIds=[group])
    await admin.do("departmentUpdate", **change, addGroupIds=[group])
    assert await because(await opened(mario)) == (
        "Member, through the group Ospiti, of Immigrazione."
    )


async def test_who_may_ask(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    id = await opened(mario)
    for query, variables in (
        (EXPLAIN, {"who": await gid_of("Operator", "Anna"), "ticket": id, "action": "VIEW"}),
        (LIMBO, {}),
    ):
        with pytest.raises(Failed) as failed:
            await anna.run(query, **variables)
        assert failed.value.code == "FORBIDDEN"
    for who, ticket, field in (
        (gid("Operator", 99), id, "operatorId"),
        (await gid_of("Operator", "Anna"), gid("Ticket", 10**9), "ticketId"),
    ):
        with pytest.raises(Failed) as failed:
            await admin.run(EXPLAIN, who=who, ticket=ticket, action="VIEW")
        assert failed.value.code == "BAD_REQUEST"
        assert field in str(failed.value)


async def test_limbo(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    await opened(mario)
    assert (await admin.run(LIMBO))["ticketsInLimbo"]["totalCount"] == 0
    for grant in (await managed(admin))["Rinnovo permesso"]["grants"]:
        await admin.do("categoryGrantRemove", grantId=grant["id"])
    found = (await admin.run(LIMBO))["ticketsInLimbo"]
    assert found == {"totalCount": 1, "edges": [{"node": {"subject": "Ciao"}}]}
    await admin.do("settingsUpdate", restrictToDepartments=False)
    assert (await admin.run(LIMBO))["ticketsInLimbo"]["totalCount"] == 1
