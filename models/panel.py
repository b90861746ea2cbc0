"""Many conditions judged at once: who of some hundred operators sees this ticket."""

from collections.abc import Callable, Sequence
from typing import Any

from models.conditions import Condition, Every, Not, Some

Judge = Callable[[Any], int]
"""Of a row, the conditions it fulfils: bit n stands for the nth."""


class Panel:
    """Conditions of one shape, which differ in nothing but their values.

    What a value of a column means to all of them is worked out once; a row costs as much for two
    hundred of them as for one.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        """Raises ValueError when they are not of one shape."""
        self._all = (1 << len(conditions)) - 1
        self._judge: Judge = self._together(conditions) if conditions else lambda _: 0

    def any_holds(self, row: Any) -> bool:
        """Whether the row fulfils at least one."""
        return self._judge(row) != 0

    def holding(self, row: Any) -> list[int]:
        """Which of them it fulfils, by their place."""
        mask = self._judge(row)
        return [n for n in range(mask.bit_length()) if mask >> n & 1]

    def _together(self, conditions: Sequence[Condition]) -> Judge:
        kinds = {type(one) for one in conditions}
        if len(kinds) != 1:
            raise ValueError(f"not of one shape: {sorted(kind.__name__ for kind in kinds)}")
        first = conditions[0]
        if isinstance(first, Every):
            return self._every(self._parts(conditions))
        if isinstance(first, Some):
            return self._some(self._parts(conditions))
        if isinstance(first, Not):
            part = self._together([one.part for one in conditions if isinstance(one, Not)])
            return lambda row: self._all & ~part(row)
        return self._leaf(conditions)

    def _parts(self, conditions: Sequence[Condition]) -> list[Judge]:
        rows = [one.parts for one in conditions if isinstance(one, Every | Some)]
        return [self._together(column) for column in zip(*rows, strict=True)]

    def _every(self, parts: list[Judge]) -> Judge:
        def judge(row: Any) -> int:
            mask = self._all
            for part in parts:
                mask &= part(row)
                if not mask:
                    break
            return mask

        return judge

    def _some(self, parts: list[Judge]) -> Judge:
        def judge(row: Any) -> int:
            mask = 0
            for part in parts:
                mask |= part(row)
                if mask == self._all:
                    break
            return mask

        return judge

    def _leaf(self, conditions: Sequence[Condition]) -> Judge:
        """Remembers what each value of the column is to all of them."""
        columns = {getattr(one, "column", None) for one in conditions}
        if len(columns) != 1 or None in columns:
            raise ValueError(f"not of one shape: {columns}")
        column: str = columns.pop() or ""
        known: dict[Any, int] = {}

        def judge(row: Any) -> int:
            value = getattr(row, column)
            mask = known.get(value)
            if mask is None:
                mask = sum(1 << n for n, one in enumerate(conditions) if one.holds(row))
                known[value] = mask
            return mask

        return judge
