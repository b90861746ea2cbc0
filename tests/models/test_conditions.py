"""A condition means the same in SQL and in memory, whatever is NULL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from models import rows
from models.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Every,
    Is,
    IsIn,
    Not,
    Related,
    Some,
    Tagged,
    Within,
)
from models.enums import Severity, Turn
from models.tickets import Ticket
from tests.models.tickets import NOON, saved, ticket

INSTANTS = [NOON + timedelta(microseconds=n) for n in (0, 1, 500_000, 1_000_000, -1)]
EDGES = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
TAGS = ["vip", "VIP", "a'b", 'say "hi"', "ç", "\ufffd", "", "?", "%", "{}", "\\"]

turns = st.sampled_from(list(Turn))
severities = st.sampled_from(list(Severity))
places = st.none() | st.integers(1, 3)
instants = st.sampled_from(INSTANTS)
bounds = st.none() | st.sampled_from(INSTANTS + EDGES)
tags = st.frozensets(st.sampled_from(TAGS), max_size=3)

ticket_columns = st.fixed_dictionaries(
    {
        "turn": turns,
        "severity": st.none() | severities,
        "department_id": places,
        "category_id": places,
        "assignee_operator_id": places,
        "attachment_count": st.integers(0, 2),
        "closed_at": st.none() | instants,
        "tags": tags.map(sorted),
    }
)


@st.composite
def leaves(draw: st.DrawFn) -> Condition:
    kind = draw(st.integers(0, 7))
    made: list[Any] = [
        lambda: Is("turn", draw(turns)),
        lambda: Is("severity", draw(st.none() | severities)),
        lambda: Is(draw(st.sampled_from(["department_id", "category_id"])), draw(places)),
        lambda: Is("attachment_count", draw(st.integers(0, 2))),
        lambda: IsIn("assignee_operator_id", draw(st.frozensets(st.integers(1, 9), max_size=3))),
        lambda: IsIn("severity", draw(st.frozensets(severities, max_size=3))),
        lambda: Within("closed_at", draw(bounds), draw(bounds)),
        lambda: Tagged(draw(tags)),
    ]
    return made[kind]()


def joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(inner.map(Not), several.map(Every), several.map(Some))


conditions = st.recursive(leaves(), joined, max_leaves=8)
ON_ONE_DATABASE = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@ON_ONE_DATABASE
@given(columns=st.lists(ticket_columns, min_size=1, max_size=6), condition=conditions)
async def test_sql_and_memory_agree(
    database: None, columns: list[dict[str, Any]], condition: Condition
) -> None:
    await Ticket.all().delete()
    tickets = [ticket(**each) for each in columns]
    await saved(*tickets)
    found = {one.id for one in await rows.tickets(condition)}
    assert found == {one.id for one in tickets if condition.holds(one)}
    denied = {one.id for one in await rows.tickets(Not(condition))}
    assert denied == {one.id for one in tickets} - found
    assert await rows.count(condition) == len(found)


async def test_nothing_asked_is_always_and_no_alternative_is_never(database: None) -> None:
    one = ticket()
    await saved(one)
    assert [found.id for found in await rows.tickets(ALWAYS)] == [one.id]
    assert ALWAYS.holds(one)
    assert await rows.tickets(NEVER) == []
    assert not NEVER.holds(one)
    assert [found.id for found in await rows.tickets(Not(NEVER))] == [one.id]


async def test_thousands_of_options_are_one_parameter(database: None) -> None:
    one = ticket(department_id=2)
    await saved(one)
    many = IsIn("department_id", frozenset(range(50_000)))
    assert [found.id for found in await rows.tickets(many)] == [one.id]


async def test_nul_is_no_character_of_a_tag(database: None) -> None:
    await saved(ticket(tags=["vip", ""]))
    for text in ("\0", "vip\0", "\0vip"):
        assert await rows.tickets(Tagged(frozenset({text}))) == []


async def test_what_only_tables_know_needs_a_lookup_in_memory(database: None) -> None:
    blind = Related(lambda _: "t.id > 0")
    with pytest.raises(LookupError):
        blind.holds(ticket())
    looked_up = Related(lambda _: "t.id > 0", lambda row: row.id > 0)
    assert looked_up.holds(ticket())
