"""What permissions cost in statements: the same on a large desk as on a tiny one."""

import asyncio
import re
from collections import Counter
from random import Random
from typing import Any

from actions.operators import rights_changed
from actions.unit_of_work import unit_of_work
from models.desk import CategoryGrant, Desk
from models.enums import TicketSharing
from models.hierarchy import GroupMember
from models.people import Operator
from models.sights import members_of_each, sights_of
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import gid_of, id_of
from tests.support.large_desk import LargeDesk, enlarge
from tests.support.site import Client, Site
from tests.support.statements import counted

SIZES = (1, 10, 100)
RULES = {
    "role", "profile", "department", "department_operator", "department_group", "group_member",
    "operator_group", "category_grant",
}  # fmt: skip
"""The tables the seeing rule is made of, apart from operators and the desk's own row."""
TICKET = "id subject allowedActions unread contact { name } category { name } department { name }"
LIST = f"query ($n: Int) {{ tickets(first: $n) {{ totalCount edges {{ node {{ {TICKET} }} }} }} }}"
MANY_WAYS = f"""query ($id: ID!) {{
    a: tickets(first: 10) {{ totalCount edges {{ node {{ {TICKET} }} }} }}
    b: tickets(first: 10, filter: {{assignee: {{myGroups: true}}}}) {{ totalCount }}
    node(id: $id) {{ id }}
    contacts(first: 1) {{ edges {{ node {{ name }} }} }}
    departments(for: TRANSFER) {{ name }}
    drafts {{ body }}
}}"""
GROUPS = "{ groups { name operators { name } } }"


async def anna_everywhere(desk: LargeDesk) -> None:
    """Anna handles ten of the large desk's categories, is in a chain of groups, shares nothing."""
    anna = await Operator.get(name="Anna")
    await CategoryGrant.bulk_create(
        CategoryGrant(operator_id=anna.id, category_id=id) for id in desk.categories[:10]
    )
    await GroupMember.create(group_id=desk.groups[4], operator_id=anna.id)
    await Desk.filter(id=1).update(ticket_sharing=TicketSharing.PRIVATE)
    await unit_of_work(rights_changed)


async def tickets_of(desk: LargeDesk, number: int) -> None:
    """In all categories and departments, a third of them a group's of Anna's chain."""
    random = Random(7)  # noqa: S311 - a seed, not a secret
    await saved(
        *(
            ticket(
                category_id=(category := random.choice(desk.categories[:20])),
                department_id=desk.routes[category],
                assignee_group_id=desk.groups[n % 3] if n % 3 == 0 else None,
                creator_id=random.choice([None, *desk.operators]),
            )
            for n in range(number)
        )
    )


async def least(by: Client, query: str, **variables: Any) -> list[str]:
    """The statements of an answer; the fewer of two times: other tasks may send some too."""
    came: list[list[str]] = []
    for _ in range(2):
        with counted() as statements:
            await by.run(query, **variables)
        came.append(statements.sent)
    return min(came, key=len)


async def test_a_list_on_a_large_desk_takes_what_it_takes_on_a_tiny_one(site: Site) -> None:
    anna = await site.sign_in("anna")
    rinnovo, place = (
        await id_of("Category", "Rinnovo permesso"),
        await id_of("Department", "Immigrazione"),
    )
    await saved(*(ticket(category_id=rinnovo, department_id=place) for _ in range(100)))
    tiny = [len(await least(anna, LIST, n=size)) for size in SIZES]
    await tickets_of(desk := await enlarge(), 1000)
    await anna_everywhere(desk)
    large = [len(await least(anna, LIST, n=size)) for size in SIZES]
    assert set(tiny) == set(large)
    assert len(set(large)) == 1
    of_tickets = [one for one in await least(anna, LIST, n=100) if "FROM ticket t" in one]
    assert len(of_tickets) == 3  # the page, its count, what is unread of it


async def test_the_rules_of_a_request_are_loaded_once(site: Site) -> None:
    """However many of its fields ask for them; and not at all while rights stand still."""
    anna = await site.sign_in("anna")
    desk = await enlarge()
    await anna_everywhere(desk)
    await tickets_of(desk, 100)
    id = await gid_of("Operator", "Bruno")
    with counted() as first:
        await anna.run(MANY_WAYS, id=id)
    assert await least(anna, MANY_WAYS, id=id)
    again = read(await least(anna, MANY_WAYS, id=id))
    loaded = read(first.sent) - again
    assert {table: n for table, n in loaded.items() if table in RULES} == dict.fromkeys(RULES, 1)
    assert not {"role", "profile", "group_member", "category_grant"} & again.keys()


async def test_sights_of_all_are_loaded_like_one(database: None) -> None:
    desk = await enlarge()
    costs: list[int] = []
    for ids in (desk.operators[:1], desk.operators):
        await unit_of_work(rights_changed)
        with counted() as statements:
            sights = await sights_of(ids)
        assert [one.operator_id for one in sights] == ids
        costs.append(len(statements))
    assert costs[0] == costs[1]
    with counted() as statements:
        await sights_of(desk.operators)
        await members_of_each(desk.groups)
    assert len(statements) == 2  # the version, twice


async def test_rights_that_move_are_read_once_by_all_who_ask(site: Site) -> None:
    """Sixteen requests at once after a change: one loads the rules, the others wait for it."""
    clients = [await site.sign_in(name) for name in ("anna", "bruno", "carla", "dino")] * 4
    await unit_of_work(rights_changed)
    with counted() as statements:
        async with asyncio.TaskGroup() as group:
            for one in clients:
                group.create_task(one.run("{ tickets { totalCount } }"))
    assert read(statements.sent)["category_grant"] == 1


async def test_operators_of_many_groups(site: Site) -> None:
    admin = await site.sign_in("admin")
    few = len(await least(admin, GROUPS))
    desk = await enlarge()
    many = await least(admin, GROUPS)
    assert len(many) == few
    found = (await admin.run(GROUPS))["groups"]
    assert len(found) == 1 + len(desk.groups)
    outermost = next(one for one in found if one["name"] == f"Group {desk.groups[0]}")
    assert len(outermost["operators"]) > 5


def read(statements: list[str]) -> Counter[str]:
    """How often each table was read from."""
    found: Counter[str] = Counter()
    for one in statements:
        found.update(re.findall(r'FROM "?(\w+)"?', one))
    return found
