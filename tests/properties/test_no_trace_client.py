"""No query of the client area tells what is not the contact's from what never was.

The other world has neither other people's tickets nor what the desk keeps to itself: notes and
events, files of notes, level, priority, tags, who has the ticket and what they did with it.
"""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from tortoise.expressions import F

from models.documents import Document
from models.drafts import Draft, ReadMark
from models.enums import Level, Priority
from models.people import Contact, Operator, Organisation
from models.tickets import Ticket, TicketWord
from models.timeline import TimelineEntry
from resolvers.client import MESSAGES_MOST
from resolvers.ids import encode
from tests.properties.asking import Asker, Question, asker
from tests.properties.changes import changed
from tests.properties.peopled import peopled
from tests.properties.selecting import PAGE, Selection, asked, to_ask
from tests.properties.worlds import NEVER, erase, without
from tests.schema.walking import SCHEMAS
from tests.support.databases import freshen

pytestmark = pytest.mark.property

EXAMPLES = int(os.environ.get("SPORTELLO_TEST_EXAMPLES", "5"))
TICKETS, CHANGES = 10, 10
SCHEMA = SCHEMAS["client"]
ALL = Selection(SCHEMA, lambda _type, _field: True)
LISTS = ("", "(open: true)", "(open: false)", '(search: "word")', '(search: "note")')
ONES = {kind: ALL.any_of([kind], 1) for kind in ("Ticket", "Message", "Document", "Contact")}
NODES = {
    kind: ALL.document(f"query ($id: ID!) {{ node(id: $id) {inner} }}")
    for kind, inner in ONES.items()
}
PAGES = (
    "query ($first: Int, $after: String, $last: Int, $before: String) {"
    " tickets(first: $first, after: $after, last: $last, before: $before)"
    f" {{ {PAGE} edges {{ cursor node {{ id }} }} }} }}"
)
ROOTS = [
    ALL.document(f"{{ viewer {ALL.of('Contact', 1)} }}"),
    # As deep as the example's tree of categories.
    ALL.document(f"{{ categories {ALL.of('Category', 3)} }}"),
    ALL.document(f"{{ departments {ALL.of('Department', 1)} }}"),
    *(ALL.document(f"{{ tickets{one} {ALL.page('TicketConnection', 2)} }}") for one in LISTS),
]
BY_ID = ALL.document(f"query ($id: ID!) {{ ticket(id: $id) {ALL.of('Ticket', 2)} }}")
BY_NUMBER = ALL.document(f"query ($n: Int!) {{ ticket(number: $n) {ALL.of('Ticket', 0)} }}")


@pytest.mark.timeout(120 + 40 * EXAMPLES)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="SPORTELLO_TEST_EXAMPLES" not in os.environ,
    # Shrinking a seed makes nothing simpler.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32))
async def test_no_trace_in_any_query(database: None, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    await erase([one.id for one in await Ticket.all().only("id")])
    await Organisation.filter(name="Acme").update(shares_tickets=random.random() < 0.7)
    made = await peopled(random, TICKETS)
    await changed(random, made, await asker(await Operator.get(email="admin@demo.test")), CHANGES)
    await freshen()
    everything = await questions()
    people = await Contact.filter(merged_into_id=None).order_by("id")
    as_it_is = {one.id: await answers(await asker(one), everything) for one in people}
    await forget_the_desks_own()
    tickets = await Ticket.all()
    for one in people:
        mine = await circle(one)
        unknown = {t.id for t in tickets if t.contact_id not in mine or t.deleted_at is not None}
        async with without(unknown):
            never_were = await answers(await asker(one), everything)
        for question, before, after in zip(everything, as_it_is[one.id], never_were, strict=False):
            assert before == after, (seed, one.name, str(question))
        assert as_it_is[one.id][len(everything) :] == never_were[len(everything) :], seed


async def circle(one: Contact) -> set[int]:
    """Whose tickets are theirs to see."""
    firm = await Organisation.get_or_none(id=one.organisation_id or 0)
    if firm is None or not firm.shares_tickets:
        return {one.id}
    return {other.id for other in await Contact.filter(organisation_id=firm.id)}


async def questions() -> list[Question]:
    """Everything, about all there is and what never was."""
    tickets = [*[one.id for one in await Ticket.all().order_by("id")], NEVER]
    ids = {
        "Ticket": tickets,
        "Message": [id * MESSAGES_MOST + number for id in tickets for number in range(4)],
        "Document": [*[one.id for one in await Document.all().order_by("id")], NEVER],
        "Contact": [one.id for one in await Contact.all().order_by("id")],
    }
    found = [Question(document) for document in ROOTS]
    found += [Question(BY_ID, {"id": encode("Ticket", id)}) for id in tickets]
    found += [Question(BY_NUMBER, {"n": id}) for id in tickets]
    for kind, some in ids.items():
        found += [Question(NODES[kind], {"id": encode(kind, id)}) for id in some]
    return found


async def answers(by: Asker, everything: list[Question]) -> list[dict[str, Any]]:
    """To each question, and then the list page by page, forwards and one step back."""
    found = [await by.answer(one) for one in everything]
    cursor = None
    for turn in range(3):
        page = {"first": 2, "after": cursor} if turn < 2 else {"last": 1, "before": cursor}
        found.append(await by.answer(Question(PAGES, page)))
        cursor = found[-1]["data"]["tickets"]["pageInfo"]["endCursor"]
    assert not [one for one in found if one.get("errors")]
    return found


async def forget_the_desks_own() -> None:
    """Nothing is left of any ticket but what its contact may see."""
    await Document.filter(internal=True).delete()
    hidden = [one.id for one in await TimelineEntry.filter(visible_number=None).only("id")]
    await Document.filter(entry_id__in=hidden).delete()
    await TimelineEntry.filter(visible_number=None).delete()
    await TicketWord.filter(visible=False).delete()
    await Draft.all().delete()
    await ReadMark.all().delete()
    await Ticket.all().update(
        level=Level.BASE, priority=Priority.NORMAL, severity=None, tags=[],
        category_id=None, department_id=None, creator_id=None,
        assignee_operator_id=None, assignee_group_id=None,
        lock_holder_id=None, lock_session_id=None, lock_expires=None, lock_token=0,
        follow_up_of_id=None, merged_into_id=None,
        updated_at=F("visible_at"), seq=F("visible_seq"), attachment_count=0,
    )  # fmt: skip


def test_everything_is_asked() -> None:
    """A field or an argument that is added must be asked, too."""
    documents = {*ROOTS, BY_ID, BY_NUMBER, PAGES, *NODES.values()}
    assert to_ask(SCHEMA) - asked(SCHEMA, documents) == set()
