"""A panel says what its conditions say one by one, of what is known."""

from dataclasses import dataclass
from itertools import product

import pytest

from models.conditions import ALWAYS, NEVER, Condition, Every, Is, IsIn, Not, Some
from models.panel import UNKNOWN, Panel, Unknown

AS = (None, 0, 3, 69, 70)
BS = (None, 0, 5, 80)


@dataclass(frozen=True)
class Row:
    """Two columns are enough."""

    a: int | Unknown | None
    b: int | Unknown | None


def shaped(n: int) -> Condition:
    mine = IsIn("a", frozenset(range(n)))
    return Every((Some((mine, Is("b", n), NEVER)), Not(Every((Is("a", None), Is("b", 0)))), ALWAYS))


def mask(conditions: list[Condition], row: Row) -> int:
    return sum(1 << n for n, one in enumerate(conditions) if one.holds(row))


def test_it_says_what_each_says() -> None:
    conditions = [shaped(n) for n in range(70)]
    panel = Panel(conditions)
    for a, b in product(AS, BS):
        held = mask(conditions, Row(a, b))
        assert panel.judge(Row(a, b)) == (held, held)


def test_what_is_not_known_is_left_open() -> None:
    """Sure of nothing that some value would change, and aware of all that any value allows."""
    conditions = [shaped(n) for n in range(70)]
    panel = Panel(conditions)
    decided = 0
    for unknown, rows in [
        *((Row(a, UNKNOWN), [Row(a, b) for b in BS]) for a in AS),
        *((Row(UNKNOWN, b), [Row(a, b) for a in AS]) for b in BS),
        (Row(UNKNOWN, UNKNOWN), [Row(a, b) for a, b in product(AS, BS)]),
    ]:
        surely, perhaps = panel.judge(unknown)
        for one in rows:
            held = mask(conditions, one)
            assert surely & held == surely
            assert perhaps & held == held
        decided += surely == perhaps
    assert decided == 0
    surely, perhaps = Panel([IsIn("a", frozenset({1})), IsIn("a", frozenset({2}))]).judge(
        Row(1, UNKNOWN)
    )
    assert (surely, perhaps) == (1, 1)


def test_a_panel_of_nobody_and_one_of_those_without_values() -> None:
    assert Panel([]).judge(Row(1, 1)) == (0, 0)
    assert Panel([NEVER, NEVER]).judge(Row(1, UNKNOWN)) == (0, 0)
    assert Panel([ALWAYS, ALWAYS]).judge(Row(None, UNKNOWN)) == (3, 3)
    assert Panel([IsIn("a", frozenset[int]())]).judge(Row(None, None)) == (0, 0)


def test_of_one_shape_alone() -> None:
    for others in (NEVER, Is("b", 1), Every((ALWAYS,))):
        with pytest.raises(ValueError, match=r"shape|argument"):
            Panel([Every((Is("a", 1), ALWAYS)), others])
    with pytest.raises(ValueError, match="shape"):
        Panel([Is("a", 1), Is("b", 1)])
