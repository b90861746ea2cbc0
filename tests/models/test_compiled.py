"""Conditions in normal form and as functions say what the trees say."""

from datetime import timedelta
from random import Random
from types import SimpleNamespace

import pytest

from models.compiled import compiled, divided, normal
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
from models.counting import counting, kinds, next_midnight
from models.enums import Level, Turn
from models.sql import Statement
from models.unread import Unread
from tests.models.tickets import NOON

ONE, TWO = Is("turn", Turn.OPERATOR), IsIn("department_id", frozenset({1, 2}))
IN_SQL = Related(Unread(1))


def leaf(random: Random) -> Condition:
    return random.choice(
        [
            Is("turn", random.choice(list(Turn))),
            Is("assignee_operator_id", random.choice([None, 1, 2])),
            IsIn("department_id", frozenset(random.sample([1, 2, 3], random.randrange(4)))),
            IsIn("level", frozenset([random.choice(list(Level))])),
            Tagged(frozenset(random.sample(["a", "b"], random.randrange(3)))),
            Within("closed_at", random.choice([None, NOON]), random.choice([None, NOON])),
            Within("updated_at", NOON, NOON + timedelta(days=random.randrange(2))),
            Related(str, lambda row: row.id % 2 == 0),
            ALWAYS,
            NEVER,
        ]
    )


def tree(random: Random, depth: int = 4) -> Condition:
    if depth == 0 or random.random() < 0.2:
        return leaf(random)
    parts = tuple(tree(random, depth - 1) for _ in range(random.randrange(4)))
    return random.choice([Every(parts), Some(parts), Not(Every(parts)), Not(Some(parts))])


def rows(random: Random) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            id=random.randrange(100),
            updated_at=NOON,
            last_operator_reply_at=random.choice([None, NOON]),
            turn=random.choice(list(Turn)),
            level=random.choice(list(Level)),
            department_id=random.choice([None, 1, 2, 3]),
            assignee_operator_id=random.choice([None, 1, 2]),
            tags=random.sample(["a", "b", "c"], random.randrange(3)),
            closed_at=random.choice([None, NOON, NOON - timedelta(seconds=1)]),
        )
        for _ in range(20)
    ]


@pytest.mark.parametrize("seed", range(100))
def test_three_forms_agree(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a seed, not a secret
    condition = tree(random)
    short = normal(condition)
    assert normal(short) == short
    judge, judge_short = compiled(condition), compiled(short)
    for row in rows(random):
        told = condition.holds(row)
        assert (bool(judge(row)), bool(judge_short(row)), short.holds(row)) == (told, told, told)


def test_equal_scopes_are_equal_in_normal_form() -> None:
    nothing = IsIn("department_id", frozenset())
    assert normal(Every((ONE, Every((TWO, Some((TWO, nothing))))))) == Every((ONE, TWO))
    assert normal(Some((ONE, Every((TWO, nothing))))) == ONE
    assert normal(Every((ONE, Not(Some((ONE, ALWAYS)))))) == NEVER
    assert normal(Not(Not(ONE))) == ONE
    assert normal(Every((ONE, Not(Tagged(frozenset()))))) == ONE


def test_what_only_sql_can_decide_is_set_apart() -> None:
    assert divided(normal(Every((ONE, Every((TWO, IN_SQL)))))) == (Every((ONE, TWO)), IN_SQL)
    either = Some((ONE, Not(IN_SQL)))
    assert divided(either) == (ALWAYS, either)
    assert divided(ONE) == (ONE, ALWAYS)
    with pytest.raises(LookupError):
        compiled(either)


def test_the_text_of_what_only_sql_can_decide_is_a_value() -> None:
    """So that operators with the same search share one list."""
    assert Related(Unread(1)) == IN_SQL
    assert Related(Unread(2)) != IN_SQL


async def test_what_counts_is_what_counts_as_anything(database: None) -> None:
    today = NOON
    for row in rows(Random(1)):  # noqa: S311
        assert counting(today).holds(row) is any(kind.holds(row) for kind in kinds(today))
    assert "closed_at" in counting(today).sql(Statement())


def test_the_next_midnight_over_the_change_of_clocks() -> None:
    for now, comes in {
        "2026-03-28T12:00": "2026-03-28T23:00",
        "2026-03-29T12:00": "2026-03-29T22:00",
        "2026-10-25T12:00": "2026-10-25T23:00",
        "2026-10-24T22:00": "2026-10-25T23:00",
    }.items():
        at = next_midnight(NOON.fromisoformat(f"{now}Z"), "Europe/Rome")
        assert at == NOON.fromisoformat(f"{comes}Z")
