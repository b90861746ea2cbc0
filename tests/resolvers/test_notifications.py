"""An operator's notifications: the list, the count, the read mark, and what tells nothing."""

from datetime import timedelta
from typing import Any

import pytest

from actions import notifications
from actions.unit_of_work import unit_of_work
from models.desk import CategoryGrant
from models.enums import NotificationKind
from models.notifications import Notification
from models.sql import clock
from tests.administration.staff import opened, program
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.support.databases import freshen
from tests.support.site import Client, Failed, Site, gid
from tests.support.statements import counted

LIST = """query ($first: Int, $after: String) { notifications(first: $first, after: $after) {
  totalCount unreadCount pageInfo { hasNextPage endCursor }
  edges { cursor node { id kind read createdAt entryNumber ticket { id number } } } } }"""
MARKED = "... on NotificationsMarked { unread }"
NODE = "query ($id: ID!) { node(id: $id) { __typename ... on Notification { kind } } }"


async def listed(by: Client, **page: Any) -> dict[str, Any]:
    return (await by.run(LIST, **page))["notifications"]


async def shown(by: Client) -> list[tuple[str, bool, int]]:
    """Kind, read, number of the ticket: the newest first."""
    nodes = [one["node"] for one in (await listed(by))["edges"]]
    return [(one["kind"], one["read"], one["ticket"]["number"]) for one in nodes]


async def many(operator_id: int, count: int, **columns: Any) -> list[Notification]:
    """Notifications of one new ticket each."""
    rinnovo = await id_of("Category", "Rinnovo permesso")
    department = await id_of("Department", "Immigrazione")
    about = [ticket(category_id=rinnovo, department_id=department) for _ in range(count)]
    await saved(*about)
    at = await clock()
    made = [
        Notification(
            **{
                "operator_id": operator_id,
                "kind": NotificationKind.NEW_TICKET,
                "ticket_id": one.id,
                "entry_number": 1,
                "created_at": at,
                **columns,
            }
        )
        for one in about
    ]
    await Notification.bulk_create(made)
    return await Notification.filter(operator_id=operator_id).order_by("id")


async def test_the_list_and_reading_it(site: Site) -> None:
    anna, bruno, mario = [await site.sign_in(one) for one in ("anna", "bruno", "mario")]
    assert await listed(anna) == {
        "totalCount": 0,
        "unreadCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "edges": [],
    }
    first = await opened(mario)
    await opened(mario)
    await bruno.do("ticketAssign", ticketId=first, assigneeId=await gid_of("Operator", "Anna"))
    page = await listed(anna)
    assert (page["totalCount"], page["unreadCount"]) == (3, 3)
    assert await shown(anna) == [
        ("ASSIGNED", False, 1), ("NEW_TICKET", False, 2), ("NEW_TICKET", False, 1),
    ]  # fmt: skip
    newest = page["edges"][0]["node"]
    assert (newest["entryNumber"], newest["ticket"]["id"]) == (2, first)
    done = await anna.do("notificationsMarkRead", MARKED, upToId=page["edges"][1]["node"]["id"])
    assert done == {"__typename": "NotificationsMarked", "unread": 1}
    assert [read for _, read, _ in await shown(anna)] == [False, True, True]
    assert await shown(bruno) == [("NEW_TICKET", False, 2), ("NEW_TICKET", False, 1)]
    read = {one.id: one.read_at for one in await Notification.all()}
    await anna.do("notificationsMarkRead", MARKED, upToId=newest["id"])
    again = await anna.do("notificationsMarkRead", MARKED, upToId=newest["id"])
    assert again["unread"] == 0
    after = {one.id: one.read_at for one in await Notification.all()}
    assert all(after[id] == at for id, at in read.items() if at is not None)
    assert (await listed(bruno))["unreadCount"] == 2


async def test_pages(site: Site) -> None:
    anna = await site.sign_in("anna")
    made = await many(await id_of("Operator", "Anna"), 7)
    found: list[str] = []
    after = None
    while True:
        page = await listed(anna, first=3, after=after)
        found += [one["node"]["id"] for one in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        await many(await id_of("Operator", "Anna"), 1)  # what is newer moves no page
    assert found == [gid("Notification", one.id) for one in reversed(made)]
    for wrong in ({"first": 0}, {"first": 101}, {"after": "x"}):
        with pytest.raises(Failed) as failed:
            await listed(anna, **wrong)
        assert failed.value.code == "BAD_REQUEST"


async def test_what_is_out_of_sight_tells_nothing_and_comes_back(site: Site) -> None:
    anna, bruno, mario = [await site.sign_in(one) for one in ("anna", "bruno", "mario")]
    hidden, kept = await opened(mario), await opened(mario)
    page = await listed(anna)
    (one,) = [
        edge["node"]["id"] for edge in page["edges"] if edge["node"]["ticket"]["id"] == hidden
    ]
    await bruno.do("ticketChangeLevel", ticketId=hidden, level="ADVANCED")
    page = await listed(anna)
    assert (page["totalCount"], page["unreadCount"], await shown(anna)) == (
        1, 1, [("NEW_TICKET", False, 2)],
    )  # fmt: skip
    assert (await anna.run(NODE, id=one))["node"] is None
    never = await anna.do("notificationsMarkRead", upToId=gid("Notification", 10**9))
    assert await anna.do("notificationsMarkRead", upToId=one) == never
    newest = page["edges"][0]["node"]["id"]
    done = await anna.do("notificationsMarkRead", MARKED, upToId=newest)
    assert done["unread"] == 0
    await bruno.do("ticketChangeLevel", ticketId=hidden, level="BASE")
    assert await shown(anna) == [("NEW_TICKET", True, 2), ("NEW_TICKET", False, 1)]
    assert (await listed(anna))["unreadCount"] == 1
    await bruno.do("ticketDelete", ticketId=kept)
    assert await shown(anna) == [("NEW_TICKET", False, 1)]
    await CategoryGrant.all().delete()
    await freshen()
    assert (await listed(anna))["totalCount"] == 0


async def test_others_and_nonsense_are_not_found(site: Site) -> None:
    anna, bruno, mario = [await site.sign_in(one) for one in ("anna", "bruno", "mario")]
    await opened(mario)
    (theirs,) = [edge["node"]["id"] for edge in (await listed(bruno))["edges"]]
    for id in (theirs, "x", "", gid("Ticket", 1), gid("Notification", 2**63 - 1)):
        done = await anna.do("notificationsMarkRead", upToId=id)
        assert done["__typename"] == "NotFound"
    assert (await anna.run(NODE, id=theirs))["node"] is None
    assert (await bruno.run(NODE, id=theirs))["node"] == {
        "__typename": "Notification",
        "kind": "NEW_TICKET",
    }
    assert (await listed(bruno))["unreadCount"] == 1


async def test_what_one_wants_is_told(site: Site) -> None:
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    await anna.do("viewerUpdate", notifications=[{"kind": "NEW_TICKET", "inApp": False}])
    await opened(mario)
    assert await shown(anna) == []
    await anna.do("viewerUpdate", notifications=[{"kind": "NEW_TICKET", "inApp": True}])
    await opened(mario)
    assert await shown(anna) == [("NEW_TICKET", False, 2)]


async def test_tokens(site: Site) -> None:
    """Their operator's, with the scope for tickets; a read mark is no write of a ticket."""
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    await opened(mario)
    tool, _ = await program(anna, "TICKETS_VIEW")
    other, _ = await program(anna, "CONTACTS_VIEW")
    page = await listed(tool)
    assert page == await listed(anna)
    done = await tool.do("notificationsMarkRead", MARKED, upToId=page["edges"][0]["node"]["id"])
    assert done["unread"] == 0
    for act in (listed(other), other.do("notificationsMarkRead", upToId="x")):
        with pytest.raises(Failed) as failed:
            await act
        assert failed.value.code == "FORBIDDEN"


async def test_no_statement_for_each(site: Site) -> None:
    anna = await site.sign_in("anna")
    await many(await id_of("Operator", "Anna"), 100)
    cost: set[int] = set()
    for size in (1, 10, 100):
        came: list[int] = []
        for _ in range(3):  # other tasks of the server may send some of their own
            with counted() as statements:
                assert len((await listed(anna, first=size))["edges"]) == size
            came.append(len(statements))
        cost.add(min(came))
    assert len(cost) == 1


@pytest.mark.usefixtures("database")
async def test_read_ones_are_forgotten() -> None:
    anna, at = await id_of("Operator", "Anna"), await clock()
    old, young = at - timedelta(days=91), at - timedelta(days=89)
    for created, read in ((old, at), (old, None), (young, at), (young, None)):
        await many(anna, 1, created_at=created, read_at=read)
    await unit_of_work(notifications.forget)
    left = {(one.created_at, one.read) for one in await Notification.all()}
    assert left == {(old, False), (young, True), (young, False)}
