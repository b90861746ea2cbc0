"""A DataLoader whose waiters may go: many viewers share one, and each may leave at any moment."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from strawberry.dataloader import DataLoader

K = TypeVar("K")
T = TypeVar("T")


class SharedLoader(DataLoader[K, T]):
    """Cancelling who waits for a row does not cancel the row for everybody else."""

    def load(self, key: K) -> Awaitable[T]:
        """The row, when its batch is loaded."""
        return asyncio.shield(super().load(key))
