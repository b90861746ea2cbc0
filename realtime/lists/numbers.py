"""A set of ticket numbers, a bit for each: lists hold a hundred thousand and cost little."""

from collections.abc import Iterable, Iterator

BITS = 1 << 15
"""Of a part; numbers far apart leave the parts between them out."""


class Numbers:
    """Not negative numbers."""

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self.parts: dict[int, bytearray] = {}
        for number in numbers:
            self.add(number)

    def add(self, number: int) -> None:
        """Have it in the set."""
        part, bit = divmod(number, BITS)
        found = self.parts.get(part)
        if found is None:
            found = self.parts[part] = bytearray(BITS >> 3)
        found[bit >> 3] |= 1 << (bit & 7)

    def discard(self, number: int) -> None:
        """Have it in the set no more."""
        part, bit = divmod(number, BITS)
        found = self.parts.get(part)
        if found is not None:
            found[bit >> 3] &= ~(1 << (bit & 7))

    def __contains__(self, number: int) -> bool:
        part, bit = divmod(number, BITS)
        found = self.parts.get(part)
        return found is not None and bool(found[bit >> 3] >> (bit & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        return self.beyond(Numbers())

    def __len__(self) -> int:
        return self.count_beyond(Numbers())

    def count_beyond(self, other: "Numbers") -> int:
        """How many of these the other has not."""
        return sum(bits.bit_count() for _, bits in self._beyond(other))

    def beyond(self, other: "Numbers") -> Iterator[int]:
        """Those that the other has not."""
        for part, bits in self._beyond(other):
            left = bits
            while left:
                lowest = left & -left
                yield part * BITS + lowest.bit_length() - 1
                left ^= lowest

    def _beyond(self, other: "Numbers") -> Iterator[tuple[int, int]]:
        for part, mine in self.parts.items():
            theirs = other.parts.get(part, b"")
            yield part, int.from_bytes(mine, "little") & ~int.from_bytes(theirs, "little")
