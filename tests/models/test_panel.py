"""A panel says what its conditions say one by one."""

from dataclasses import dataclass

import pytest

from models.conditions import ALWAYS, NEVER, Condition, Every, Is, IsIn, Not, Some
from models.panel import Panel


@dataclass(frozen=True)
class Row:
    """Two columns are enough."""

    a: int | None
    b: int | None


def shaped(n: int) -> Condition:
    mine = IsIn("a", frozenset(range(n)))
    return Every((Some((mine, Is("b", n), NEVER)), Not(Every((Is("a", None), Is("b", 0)))), ALWAYS))


def test_it_says_what_each_says() -> None:
    conditions = [shaped(n) for n in range(70)]
    panel = Panel(conditions)
    for a in (None, 0, 3, 69, 70):
        for b in (None, 0, 5, 80):
            one = Row(a, b)
            holding = [n for n, condition in enumerate(conditions) if condition.holds(one)]
            assert panel.holding(one) == holding
            assert panel.any_holds(one) is bool(holding)


def test_a_panel_of_nobody_and_one_of_those_without_values() -> None:
    assert not Panel([]).any_holds(Row(1, 1))
    assert not Panel([NEVER, NEVER]).any_holds(Row(1, 1))
    assert Panel([ALWAYS, ALWAYS]).holding(Row(None, None)) == [0, 1]
    assert not Panel([IsIn("a", frozenset[int]())]).any_holds(Row(None, None))


def test_of_one_shape_alone() -> None:
    for others in (NEVER, Is("b", 1), Every((ALWAYS,))):
        with pytest.raises(ValueError, match=r"shape|argument"):
            Panel([Every((Is("a", 1), ALWAYS)), others])
    with pytest.raises(ValueError, match="shape"):
        Panel([Is("a", 1), Is("b", 1)])
