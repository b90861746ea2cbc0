"""No query of the desk tells a ticket that is not seen from one that never was.

Two worlds are asked everything: a random desk after random changes, and the same without the
tickets the viewer does not know of.
"""

import os
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from tortoise.models import Model

from models.documents import Document
from models.enums import Right
from models.notifications import Notification
from models.people import Contact, ContactGroup, Operator, Organisation as Firm
from models.records import EventRecord
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.ids import encode
from tests.models import organisations_table
from tests.properties.asking import Asker, Question, asker
from tests.properties.changes import changed, ids_of_places
from tests.properties.peopled import peopled
from tests.properties.questions import SCHEMA, backwards, documents, lists, pages, questions
from tests.properties.selecting import asked, to_ask
from tests.properties.worlds import NEVER, PARTS, erase, knows, viewers, without

pytestmark = pytest.mark.property

EXAMPLES = int(os.environ.get("SPORTELLO_TEST_EXAMPLES", "6"))
TICKETS, CHANGES = 8, 8
LINES = 20
"""Of the event log, asked by their ids: of tickets, which have none, and of the desk."""


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
    made = await peopled(random, TICKETS)
    await changed(random, made, await asker(await Operator.get(email="admin@demo.test")), CHANGES)
    now = await organisations_table.read()
    tickets = await Ticket.all().order_by("id")
    places = await ids_of_places(made)
    for viewer in viewers(random, made, now):
        unknown = {one.id for one in tickets if not knows(now, viewer, one)}
        by = await asker(await Operator.get(id=viewer))
        held = frozenset(right for right in Right if now.has(viewer, right))
        everything = questions(held, {**places, **await ids_of_tickets()})
        as_it_is = await answers(by, everything)
        async with without(unknown):
            never_were = await answers(by, everything)
        for question, before, after in zip(everything, as_it_is, never_were, strict=False):
            assert admitted(before, unknown) == after, (seed, viewer, unknown, str(question))
        assert as_it_is[len(everything) :] == never_were[len(everything) :], (seed, viewer)


async def ids_of_tickets() -> dict[str, list[int]]:
    """Of every kind all there are, known or not, and one that never was."""
    return {
        "Ticket": [*[one.id for one in await Ticket.all().order_by("id")], NEVER],
        "Entry": [*[one.id for one in await TimelineEntry.all().order_by("id")], NEVER],
        "Document": [*[one.id for one in await Document.all().order_by("id")], NEVER],
        "Contact": [one.id for one in await Contact.all().order_by("id")],
        "Organisation": [one.id for one in await Firm.all().order_by("id")],
        "Notification": [*[one.id for one in await Notification.all().order_by("id")], NEVER],
        "Audit": [*[one.id for one in await EventRecord.all().order_by("id")][:LINES], NEVER],
        "ContactGroup": [*[one.id for one in await ContactGroup.all().order_by("id")], NEVER],
    }


async def answers(by: Asker, everything: list[Question]) -> list[dict[str, Any]]:
    """To each question, and then every list page by page, forwards and one step back."""
    found = [await by.answer(one) for one in everything]
    for name in lists():
        cursor = None
        for turn in range(3 if backwards(name) else 2):
            page = {"first": 2, "after": cursor} if turn < 2 else {"last": 1, "before": cursor}
            answer = await by.answer(Question(pages(name), page))
            found.append(answer)
            if answer.get("errors"):
                break
            cursor = answer["data"][name]["pageInfo"]["endCursor"]
    codes = {one["extensions"]["code"] for answer in found for one in answer.get("errors", [])}
    assert codes <= {"FORBIDDEN"}, codes
    return found


def admitted(answer: dict[str, Any], unknown: set[int]) -> dict[str, Any]:
    """The answer as it must be where these never were.

    One thing outlives a ticket's sight: the viewer's own unsent text, which names the ticket
    (permissions.md: "the draft stays in `drafts`"). Else nothing is forgiven.
    """
    data: dict[str, Any] = answer.get("data") or {}
    if "drafts" not in data:
        return answer
    gone = {encode("Ticket", id) for id in unknown}
    kept: list[Any] = [one for one in data["drafts"] if one["ticketId"] not in gone]
    return {**answer, "data": {"drafts": kept}}


def test_everything_is_asked() -> None:
    """A field, an argument or a filter that is added must be asked, too."""
    assert to_ask(SCHEMA) - asked(SCHEMA, documents(frozenset(Right))) == set()


def test_nothing_of_a_ticket_stays_behind() -> None:
    """A table that is added to what a ticket has must leave the other world, too."""
    tables = {
        one
        for one in Model.__subclasses__()
        if one.__module__.startswith("models.") and "ticket_id" in one.__annotations__
    }
    assert tables == set(PARTS)
