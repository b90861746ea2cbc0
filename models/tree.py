"""A tree of ids, walked downwards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping


class Tree:
    """A tree of ids by parent; a cycle, should one ever be stored, ends the walk."""

    def __init__(self, parents: Mapping[int, int | None]) -> None:
        self._children: dict[int, list[int]] = defaultdict(list)
        for id, parent in parents.items():
            if parent is not None:
                self._children[parent].append(id)

    def under(self, roots: Iterable[int]) -> frozenset[int]:
        """The roots and all their descendants."""
        found: set[int] = set()
        waiting = list(roots)
        while waiting:
            id = waiting.pop()
            if id not in found:
                found.add(id)
                waiting.extend(self._children.get(id, ()))
        return frozenset(found)

    def below(self, root: int) -> frozenset[int]:
        """The descendants alone."""
        return self.under(self._children.get(root, ())) - {root}
