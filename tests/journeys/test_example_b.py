"""Worked example B of the permissions, each cell over the API, and its live part."""

import pytest

from tests.journeys.page import watching
from tests.journeys.toolbar import operator
from tests.journeys.unseen import LOOK, NOTHING, may_do_nothing, seen_in_lists, unknown
from tests.support.site import Client, Site, category, gid

CELLS = [
    pytest.param(
        "BASE", False, {"anna": True, "bruno": True, "carla": False, "dino": False}, id="base"
    ),
    pytest.param(
        "ADVANCED",
        False,
        {"anna": False, "bruno": True, "carla": False, "dino": False},
        id="advanced",
    ),
    pytest.param(
        "BASE",
        True,
        {"anna": True, "bruno": True, "carla": False, "dino": True},
        id="given-to-dino",
    ),
]
OPENED = "... on TicketOpened { ticket { id number } }"
ASSIGNED = """... on TicketAssigned {
  cannotSee { name } ticket { assignee { ... on Operator { name } } }
}"""
WORD = "rinnovo"


async def opened(site: Site) -> tuple[str, int]:
    """Mario's ticket in Rinnovo permesso, at level BASE: id and number."""
    mario = await site.sign_in("mario")
    rinnovo = await category(mario, "Rinnovo permesso")
    result = await mario.do(
        "ticketOpen", OPENED, subject="Rinnovo", body="<p>Ciao</p>", categoryId=rinnovo
    )
    assert result["__typename"] == "TicketOpened"
    return result["ticket"]["id"], result["ticket"]["number"]


async def raised(by: Client, ticket_id: str) -> str:
    """The type of the answer to raising the level."""
    result = await by.do("ticketChangeLevel", ticketId=ticket_id, level="ADVANCED")
    return result["__typename"]


async def assigned(admin: Client, ticket_id: str, name: str | None) -> None:
    result = await admin.do(
        "ticketAssign",
        ASSIGNED,
        ticketId=ticket_id,
        assigneeId=await operator(admin, name) if name else None,
    )
    assert result == {
        "__typename": "TicketAssigned",
        "cannotSee": [],
        "ticket": {"assignee": {"name": name} if name else None},
    }


@pytest.mark.parametrize(("level", "given_to_dino", "sees"), CELLS)
async def test_each_cell(
    site: Site, level: str, given_to_dino: bool, sees: dict[str, bool]
) -> None:
    admin = await site.sign_in("admin")
    id, number = await opened(site)
    if level == "ADVANCED":
        assert await raised(admin, id) == "TicketLevelChanged"
    if given_to_dino:
        await assigned(admin, id, "Dino")
    for name, seen in sees.items():
        who = await site.sign_in(name)
        if seen:
            await does_see(who, id, number, level)
        else:
            await unknown(who, {"id": id, "number": number})
            await may_do_nothing(who, admin, id)
            assert await seen_in_lists(who, WORD) == set()


async def does_see(who: Client, id: str, number: int, level: str) -> None:
    """By id and number, in list, count and search; its feed begins; a note is taken."""
    found = await who.run(LOOK, id=id, number=number)
    assert found == {
        "byId": {"id": id, "subject": "Rinnovo"},
        "byNumber": {"id": id, "subject": "Rinnovo"},
        "node": {"id": id},
    }
    assert await seen_in_lists(who, WORD) == {number}
    async with watching(who, id) as page:
        note = await who.do("ticketAddNote", ticketId=id, body="vista")
        assert note["__typename"] == "TicketNoted"
        assert (await page.reached(len(page.items) + 1))["__typename"] == "InternalNote"
        await page.equals_a_fresh_query()
    facts = await who.run("query ($id: ID!) { ticket(id: $id) { level } }", id=id)
    assert facts["ticket"]["level"] == level


async def test_dino_opens_none_there(site: Site) -> None:
    """He holds the category, not the department; in his own department he may open."""
    dino, admin = await site.sign_in("dino"), await site.sign_in("admin")
    for_mario = {"contactId": gid("Contact", 1), "subject": "Ciao", "body": "<p>Ciao</p>"}
    refused = await dino.do(
        "ticketOpen",
        "... on NotPermitted { action }",
        categoryId=await category(dino, "Rinnovo permesso"),
        **for_mario,
    )
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "OPEN")
    assert await seen_in_lists(admin, "Ciao") == set()
    allowed = await dino.do("ticketOpen", categoryId=await category(dino, "ISEE"), **for_mario)
    assert allowed["__typename"] == "TicketOpened"


async def test_anna_raises_the_level_while_both_watch(site: Site) -> None:
    anna, bruno = await site.sign_in("anna"), await site.sign_in("bruno")
    id, number = await opened(site)
    assert await seen_in_lists(anna, WORD) == {number}
    async with watching(anna, id) as hers, watching(bruno, id) as his:
        result = await anna.do(
            "ticketChangeLevel",
            "... on TicketOutOfSight { ticketId }",
            ticketId=id,
            level="ADVANCED",
            note="Ci vuole Bruno",
        )
        assert result == {"__typename": "TicketOutOfSight", "ticketId": id}
        entry = await his.reached(2)
        assert (entry["kind"], entry["note"]) == ("LEVEL_CHANGED", "Ci vuole Bruno")
        assert entry["author"] == {"__typename": "Operator", "name": "Anna"}
        await his.equals_a_fresh_query()
        await hers.revoked()
        assert [line["number"] for line in hers.items] == [1]
        assert await anna.run(LOOK, id=id, number=number) == NOTHING
        assert await seen_in_lists(anna, WORD) == set()
        assert await seen_in_lists(bruno, WORD) == {number}


async def test_dino_sees_it_while_it_is_his(site: Site) -> None:
    """Given by the administrator, and taken away while he watches."""
    dino, admin = await site.sign_in("dino"), await site.sign_in("admin")
    id, number = await opened(site)
    await assigned(admin, id, "Dino")
    async with watching(dino, id) as his:
        await assigned(admin, id, None)
        await his.revoked()
    await unknown(dino, {"id": id, "number": number})
