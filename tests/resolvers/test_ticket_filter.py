"""Every filter of the ticket list, alone and combined."""

import secrets
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

from actions import search
from models.desk import Desk
from models.drafts import ReadMark
from models.enums import EntryKind, Level, Priority, Severity, TicketSource, Turn
from models.hierarchy import GroupMember
from models.tickets import Ticket
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import entry, gid_of, id_of, numbers_of, pages, written
from tests.support.site import Client, Site

Wanted = dict[str, Any]
DAY = timedelta(days=1)


async def tickets() -> dict[str, Ticket]:
    """One for every difference a filter can make."""
    fiscale, immigrazione = [await id_of("Department", n) for n in ("Fiscale", "Immigrazione")]
    anna, admin = await id_of("Operator", "Anna"), await id_of("Operator", "Admin")
    made = {
        "plain": ticket(),
        "contact's turn": ticket(turn=Turn.CONTACT, department_id=fiscale),
        "closed": ticket(turn=Turn.CLOSED, closed_at=NOON + DAY, source=TicketSource.EMAIL),
        "renewal": ticket(
            category_id=await id_of("Category", "Rinnovo permesso"), department_id=immigrazione
        ),
        "appeal": ticket(
            category_id=await id_of("Category", "Ricorsi"),
            level=Level.ADVANCED,
            department_id=immigrazione,
            tags=["vip", 'say "hi"'],
        ),
        "mine": ticket(assignee_operator_id=admin, priority=Priority.URGENT, tags=["VIP"]),
        "anna's": ticket(assignee_operator_id=anna, severity=Severity.CRITICAL),
        "group's": ticket(
            assignee_group_id=await id_of("Group", "Sportello"), severity=Severity.MINOR
        ),
        "sara's": ticket(contact_id=await id_of("Contact", "Sara"), attachment_count=2),
        "early": ticket(created_at=NOON - DAY, updated_at=NOON - DAY, last_post_at=NOON - DAY),
        "late": ticket(created_at=NOON + DAY, updated_at=NOON + DAY, last_post_at=NOON + DAY),
    }
    await saved(*made.values())
    await search.add(made["late"].id, False, "pioggia")
    unread, read = made["mine"], made["anna's"]
    await written(
        entry(unread, EntryKind.CONTACT_MESSAGE, 1),
        entry(read, EntryKind.CONTACT_MESSAGE, 1),
        entry(made["plain"], EntryKind.INTERNAL_NOTE, 1, operator_id=admin),
        entry(made["early"], EntryKind.SYSTEM_EVENT, 1),
    )
    await ReadMark.create(operator_id=admin, ticket_id=read.id, up_to=1)
    await GroupMember.create(group_id=await id_of("Group", "Sportello"), operator_id=admin)
    await Desk.filter(id=1).update(rights_version=secrets.randbelow(2**40))
    return made


def span(low: datetime | None = None, high: datetime | None = None) -> Wanted:
    return {
        "from": low.isoformat() if low else None,
        "to": high.isoformat() if high else None,
    }


async def filters(every: set[str]) -> list[tuple[Wanted, set[str]]]:
    """What is asked for, and what must come."""
    fiscale = await gid_of("Department", "Fiscale")
    immigrazione = await gid_of("Department", "Immigrazione")
    root = await gid_of("Category", "Immigrazione")
    renewal = await gid_of("Category", "Rinnovo permesso")
    anna, group = await gid_of("Operator", "Anna"), await gid_of("Group", "Sportello")
    assigned = {"mine", "anna's", "group's"}
    dated = {"early", "late"}
    return [
        ({}, every),
        ({"turn": ["OPERATOR"]}, every - {"contact's turn", "closed"}),
        ({"turn": ["CONTACT", "CLOSED"]}, {"contact's turn", "closed"}),
        ({"turn": []}, set()),
        ({"departmentId": [fiscale]}, {"contact's turn"}),
        ({"departmentId": [fiscale, immigrazione]}, {"contact's turn", "renewal", "appeal"}),
        ({"departmentId": []}, set()),
        ({"categoryId": [renewal]}, {"renewal"}),
        ({"categoryId": [root]}, {"renewal", "appeal"}),
        ({"categoryId": []}, set()),
        ({"level": "ADVANCED"}, {"appeal"}),
        ({"level": "BASE"}, every - {"appeal"}),
        ({"assignee": {}}, every),
        ({"assignee": {"me": True}}, {"mine"}),
        ({"assignee": {"me": False}}, every - {"mine"}),
        ({"assignee": {"myGroups": True}}, {"group's"}),
        ({"assignee": {"myGroups": False}}, every - {"group's"}),
        ({"assignee": {"nobody": True}}, every - assigned),
        ({"assignee": {"nobody": False}}, assigned),
        ({"assignee": {"operatorId": anna}}, {"anna's"}),
        ({"assignee": {"groupId": group}}, {"group's"}),
        ({"assignee": {"me": True, "myGroups": True}}, {"mine", "group's"}),
        ({"assignee": {"me": True, "nobody": True}}, every - {"anna's", "group's"}),
        ({"assignee": {"operatorId": anna, "groupId": group}}, {"anna's", "group's"}),
        ({"assignee": {"nobody": False, "me": False}}, {"anna's", "group's"}),
        ({"assignee": {"me": False, "operatorId": anna}}, {"anna's"}),
        ({"contactId": await gid_of("Contact", "Sara")}, {"sara's"}),
        ({"contactId": await gid_of("Contact", "Giulia")}, set()),
        ({"organisationId": [await gid_of("Organisation", "Acme")]}, {"sara's"}),
        ({"organisationId": []}, set()),
        ({"source": ["EMAIL"]}, {"closed"}),
        ({"source": ["CLIENT_AREA", "PHONE"]}, every - {"closed"}),
        ({"priority": ["URGENT"]}, {"mine"}),
        ({"priority": ["NORMAL", "LOW"]}, every - {"mine"}),
        ({"severity": ["CRITICAL"]}, {"anna's"}),
        ({"severity": ["CRITICAL", "MINOR"]}, {"anna's", "group's"}),
        ({"tag": ["vip"]}, {"appeal"}),
        ({"tag": ["VIP", "vip"]}, {"mine", "appeal"}),
        ({"tag": ['say "hi"']}, {"appeal"}),
        ({"tag": []}, set()),
        ({"createdAt": span(NOON)}, every - {"early"}),
        ({"createdAt": span(None, NOON)}, {"early"}),
        ({"createdAt": span(NOON, NOON)}, set()),
        ({"createdAt": span()}, every),
        ({"updatedAt": span(NOON, NOON + DAY)}, every - dated),
        ({"lastPostAt": span(NOON)}, {"late"}),
        ({"lastPostAt": span()}, dated),
        ({"closedAt": span(NOON)}, {"closed"}),
        ({"closedAt": span(None, NOON + DAY)}, set()),
        ({"unread": True}, {"mine"}),
        ({"unread": False}, every - {"mine"}),
        ({"search": "piog"}, {"late"}),
        ({"search": " "}, every),
        ({"search": "?!"}, set()),
        ({"hasAttachments": True}, {"sara's"}),
        ({"hasAttachments": False}, every - {"sara's"}),
        ({"open": True}, every - {"closed"}),
        ({"open": False}, {"closed"}),
        (dict.fromkeys(("turn", "level", "assignee", "tag", "open", "search")), every),
    ]


async def found(by: Client, made: dict[str, Ticket], *wanted: Wanted) -> list[set[str]]:
    names = {one.id: name for name, one in made.items()}
    came = await pages(by, *({"filter": one, "first": 50} for one in wanted))
    for page in came:
        assert page["totalCount"] == len(page["edges"])
    return [{names[number] for number in numbers_of(page)} for page in came]


async def test_alone_and_in_pairs(site: Site) -> None:
    admin = await site.sign_in("admin")
    made = await tickets()
    asked = await filters(set(made))
    came = await found(admin, made, *(wanted for wanted, _ in asked))
    for (wanted, expected), these in zip(asked, came, strict=True):
        assert these == expected, wanted
    pairs = [
        (one | other, these & those)
        for (one, these), (other, those) in combinations(asked, 2)
        if one.keys().isdisjoint(other)
    ]
    asked = Random(2).sample(pairs, 140)  # noqa: S311
    came = await found(admin, made, *(wanted for wanted, _ in asked))
    for (wanted, expected), these in zip(asked, came, strict=True):
        assert these == expected, wanted


async def test_every_filter_is_tried(site: Site) -> None:
    admin = await site.sign_in("admin")
    asked = [wanted for wanted, _ in await filters(set())]
    of_assignee: list[Wanted] = [wanted.get("assignee") or {} for wanted in asked]
    for name, given in (("TicketFilter", asked), ("AssigneeFilter", of_assignee)):
        ask = f'{{ __type(name: "{name}") {{ inputFields {{ name }} }} }}'
        known = (await admin.run(ask))["__type"]["inputFields"]
        assert {one["name"] for one in known} == {key for wanted in given for key in wanted}


async def test_filters_stay_within_sight(site: Site) -> None:
    carla = await site.sign_in("carla")
    made = await tickets()
    asked = await filters(set(made))
    seen = set(made) - {"renewal", "appeal", "contact's turn"}
    everything = await found(carla, made, *(wanted for wanted, _ in asked))
    assert everything[0] == seen
    assert all(these <= seen for these in everything)
    assert await found(carla, made, {"assignee": {"myGroups": True}}) == [set()]


async def test_ids_of_nothing_find_nothing(site: Site) -> None:
    admin = await site.sign_in("admin")
    made = await tickets()
    other = await gid_of("Operator", "Anna")
    asked = [
        wanted
        for id in (other, "", "garbage", "VGlja2V0OjE", "é", "\0", "x" * 10_000)
        for wanted in (
            {"departmentId": [id]},
            {"categoryId": [id]},
            {"contactId": id},
            {"organisationId": [id]},
            {"assignee": {"groupId": id}},
        )
    ]
    assert not any(await found(admin, made, *asked))


async def test_the_total_is_of_the_whole_list(site: Site) -> None:
    admin = await site.sign_in("admin")
    made = await tickets()
    (page,) = await pages(admin, {"first": 2, "filter": {"open": True}})
    assert page["totalCount"] == len(made) - 1
    assert len(page["edges"]) == 2
