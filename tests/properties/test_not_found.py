"""A mutation on a ticket that is not seen: NotFound, as on a number that never was.

In text, and in the number of SQL statements; and nothing has been done.
"""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from models.documents import Document
from models.drafts import Draft
from models.enums import Right
from models.people import Contact, Operator
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.ids import encode
from tests.models import organisations_table
from tests.properties.asking import Asker, Question, asker
from tests.properties.changes import mutation
from tests.properties.naming import CLIENT, DESK, Named, naming
from tests.properties.peopled import peopled
from tests.properties.questions import ENTRIES, node, root
from tests.properties.worlds import NEVER, erase, knows, viewers
from tests.schema.walking import SCHEMAS

pytestmark = pytest.mark.property

EXAMPLES = int(os.environ.get("SPORTELLO_TEST_EXAMPLES", "5"))
JUDGED_FIRST = {
    "ticketOpen": "the right to open tickets at all",
    "ticketMerge": "the other ticket, which is seen",
}
"""What may be refused before the ticket is looked for: alike, whatever it is."""
bounded = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SPORTELLO_TEST_EXAMPLES" not in os.environ,
    # Shrinking a seed makes nothing simpler.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.timeout(120 + 30 * EXAMPLES)
@bounded
@given(seed=st.integers(0, 2**32))
async def test_of_operators(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    await erase([one.id for one in await Ticket.all().only("id")])
    made = await peopled(random, 12)
    now = await organisations_table.read()
    tickets = await Ticket.all().order_by("id")
    for viewer in viewers(random, made, now):
        unknown = await undrafted(viewer, [t.id for t in tickets if not knows(now, viewer, t)])
        if not unknown:
            continue
        by = await asker(await Operator.get(id=viewer))
        seen = next((t.id for t in tickets if now.sees(viewer, t)), NEVER - 1)
        places = {
            "$category": encode("Category", random.choice(made.categories)),
            "$operator": encode("Operator", random.choice(list(made.operators))),
            "$department": encode("Department", random.choice(list(made.departments))),
            "$contact": encode("Contact", 1),
            "$seen": encode("Ticket", seen),
        }
        await tried(random, by, DESK, unknown, places)
        await looked_for(random, by, unknown)


async def undrafted(viewer: int, ids: list[int]) -> list[int]:
    """Without those the viewer has an unsent text on: it is theirs to save and delete."""
    drafts = await Draft.filter(operator_id=viewer)
    return [id for id in ids if id not in {draft.ticket_id for draft in drafts}]


@pytest.mark.timeout(120 + 30 * EXAMPLES)
@bounded
@given(seed=st.integers(0, 2**32))
async def test_of_contacts(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    await erase([one.id for one in await Ticket.all().only("id")])
    await peopled(random, 12)
    sharing = {"sara", "samuel"}
    people = {one.id: one for one in await Contact.all()}
    for one in people.values():
        name = one.name.lower()
        circle = {id for id, other in people.items() if other.name.lower() in sharing}
        mine = circle if name in sharing else {one.id}
        rows = await Ticket.all()
        unknown = [t.id for t in rows if t.contact_id not in mine or t.deleted_at is not None]
        await tried(random, await asker(one), CLIENT, unknown, {})


async def tried(
    random: Random,
    by: Asker,
    mutations: dict[Named, dict[str, Any]],
    unknown: list[int],
    places: dict[str, str],
) -> None:
    """Each of the mutations on one of the unknown, and on one that never was."""
    before = await Ticket.all().order_by("id").values()
    for (name, field), more in mutations.items():
        given = {key: places.get(value, value) for key, value in more.items()}
        ids = [encode("Ticket", id) for id in (random.choice(unknown), NEVER)]
        unseen, never = [await told(by, mutation(name, {**given, field: id})) for id in ids]
        assert unseen == never, (name, field)
        kind = unseen[0]["data"][name]["__typename"]
        assert kind == "NotFound" or (kind == "NotPermitted" and name in JUDGED_FIRST), name
    assert await Ticket.all().order_by("id").values() == before


async def looked_for(random: Random, by: Asker, unknown: list[int]) -> None:
    """By id, by number, as a node, by its lines and files: as many statements, and nothing."""
    id = random.choice(unknown)
    line = await TimelineEntry.filter(ticket_id=id).first()
    file = await Document.filter(ticket_id=id).first()
    assert line is not None
    assert file is not None
    nobody: frozenset[Right] = frozenset()
    for document, name, one, never in (
        (root("ticket", "(id: $ticket)", 1, nobody), "ticket", *tickets(id)),
        (root("ticket", "(number: $number)", 1, nobody), "number", id, NEVER),
        (node(("Ticket",), nobody), "id", *tickets(id)),
        (node(ENTRIES, nobody), "id", encode("Entry", line.id), encode("Entry", NEVER)),
        (node(("Document",), nobody), "id", encode("Document", file.id), encode("Document", NEVER)),
    ):
        unseen = await told(by, Question(document, {name: one}))
        assert unseen == await told(by, Question(document, {name: never})), document
        assert list(unseen[0]["data"].values()) == [None]


def tickets(id: int) -> tuple[str, str]:
    return encode("Ticket", id), encode("Ticket", NEVER)


async def told(by: Asker, question: Question) -> tuple[dict[str, Any], int]:
    """The answer, and the fewest statements of two times: the first may find caches empty."""
    (answer, first), (again, second) = [await by.cost(question) for _ in range(2)]
    assert answer == again
    return answer, min(first, second)


def test_every_mutation_that_names_a_ticket_is_tried() -> None:
    """One that is added must be tried, too."""
    for side, mutations in (("desk", DESK), ("client", CLIENT)):
        named, unsaid = naming(SCHEMAS[side])
        assert named == set(mutations)
        assert unsaid == set()
