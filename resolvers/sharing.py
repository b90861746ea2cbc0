"""A DataLoader whose waiters may go: many viewers share one, and each may leave at any moment."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar, overload

from strawberry.dataloader import DataLoader

K = TypeVar("K")
T = TypeVar("T")


class SharedLoader(DataLoader[K, T]):
    """Cancelling who waits for a row does not cancel the row for everybody else."""

    def load(self, key: K) -> Awaitable[T]:
        """The row, when its batch is loaded."""
        return asyncio.shield(super().load(key))


class Batched(Generic[K, T]):
    """A loader of its object's own, made when first asked for: a request needs two of thirty."""

    def __init__(self, load: Callable[[list[K]], Awaitable[Sequence[T]]]) -> None:
        self._load = load
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, of: None, _owner: type) -> "Batched[K, T]": ...
    @overload
    def __get__(self, of: object, _owner: type | None = None) -> SharedLoader[K, T]: ...
    def __get__(
        self, of: object | None, _owner: type | None = None
    ) -> "SharedLoader[K, T] | Batched[K, T]":
        if of is None:
            return self
        made: SharedLoader[K, T] = SharedLoader(load_fn=self._load)
        vars(of)[self._name] = made  # found before this descriptor from now on
        return made
