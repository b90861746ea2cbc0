"""Many conditions judged at once: who of some hundred operators sees this ticket."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from models.conditions import Condition, Every, Not, Some


class Verdict(NamedTuple):
    """Which of the conditions hold: bit n stands for the nth."""

    surely: int
    """Whatever the values not known."""
    perhaps: int
    """For some of them; all bits of `surely` are among these."""


class Unknown:
    """Stands in a column whose value is not known."""


UNKNOWN = Unknown()
Judge = Callable[[Any], Verdict]


class Panel:
    """Conditions of one shape, which differ in nothing but their values.

    What a value of a column means to all of them is worked out once; a row costs as much for two
    hundred of them as for one. A row may have columns that are UNKNOWN.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        """Raises ValueError when they are not of one shape."""
        self._all = (1 << len(conditions)) - 1
        self.judge: Judge = self._together(conditions) if conditions else lambda _: Verdict(0, 0)
        """Of a row, which of them it fulfils."""

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
            return self._not(self._together([o.part for o in conditions if isinstance(o, Not)]))
        return self._leaf(conditions)

    def _parts(self, conditions: Sequence[Condition]) -> list[Judge]:
        rows = [one.parts for one in conditions if isinstance(one, Every | Some)]
        return [self._together(column) for column in zip(*rows, strict=True)]

    def _every(self, parts: list[Judge]) -> Judge:
        def judge(row: Any) -> Verdict:
            surely = perhaps = self._all
            for part in parts:
                one = part(row)
                surely &= one.surely
                perhaps &= one.perhaps
                if not perhaps:
                    break
            return Verdict(surely, perhaps)

        return judge

    def _some(self, parts: list[Judge]) -> Judge:
        def judge(row: Any) -> Verdict:
            surely = perhaps = 0
            for part in parts:
                one = part(row)
                surely |= one.surely
                perhaps |= one.perhaps
                if surely == self._all:
                    break
            return Verdict(surely, perhaps)

        return judge

    def _not(self, part: Judge) -> Judge:
        def judge(row: Any) -> Verdict:
            one = part(row)
            return Verdict(self._all & ~one.perhaps, self._all & ~one.surely)

        return judge

    def _leaf(self, conditions: Sequence[Condition]) -> Judge:
        """Remembers what each value of the column is to all of them."""
        columns = {getattr(one, "column", None) for one in conditions}
        if len(columns) != 1 or None in columns:
            raise ValueError(f"not of one shape: {columns}")
        column: str = columns.pop() or ""
        known: dict[Any, Verdict] = {UNKNOWN: Verdict(0, self._all)}

        def judge(row: Any) -> Verdict:
            value = getattr(row, column)
            verdict = known.get(value)
            if verdict is None:
                mask = sum(1 << n for n, one in enumerate(conditions) if one.holds(row))
                verdict = known[value] = Verdict(mask, mask)
            return verdict

        return judge
