"""The fields of an input, checked one by one: everything that is wrong is told at once."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from tortoise.models import Model

from actions.contacts import NAME_LIMIT, address
from actions.refusals import FieldError, InvalidInput
from actions.texts import one_line

RowT = TypeVar("RowT", bound=Model)
TEXT_LIMIT = 10_000
DEPTH_LIMIT = 20
"""Levels of any tree of the desk."""


class Form:
    """Collects what is wrong; `check` refuses."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def wrong(self, path: str, message: str) -> None:
        """One more; `path` is dotted, in the API's spelling."""
        self._errors.append(FieldError(tuple(path.split(".")), message))

    def check(self) -> None:
        """Raises InvalidInput if anything was wrong."""
        if self._errors:
            raise InvalidInput(*self._errors)

    def name(self, text: str, path: str = "name") -> str:
        """One line of 1 to 200 characters."""
        tidy = self.line(text, path)
        if not tidy:
            self.wrong(path, f"A name has 1 to {NAME_LIMIT} characters.")
        return tidy

    def line(self, text: str, path: str, limit: int = NAME_LIMIT) -> str:
        """One line, perhaps empty."""
        tidy = one_line(text)
        if len(tidy) > limit:
            self.wrong(path, f"Shorten it to {limit} characters.")
        return tidy[:limit]

    def text(self, text: str, path: str, limit: int = TEXT_LIMIT) -> str:
        """Lines of plain text, perhaps none."""
        tidy = text.replace("\0", "").replace("\r\n", "\n").strip()
        if len(tidy) > limit:
            self.wrong(path, f"Shorten it to {limit:,} characters.")
        return tidy

    def address(self, text: str, path: str = "email") -> str:
        """An email address in lower case."""
        try:
            return address(text, path)
        except InvalidInput as error:
            self._errors.extend(error.fields)
            return ""

    def addresses(self, texts: Iterable[str], path: str) -> list[str]:
        """Several, each once, in order."""
        return sorted({self.address(text, path) for text in texts} - {""})

    def within(self, number: int, path: str, least: int, most: int) -> int:
        """A number between these two, both included."""
        if not least <= number <= most:
            self.wrong(path, f"Choose a number from {least:,} to {most:,}.")
        return number

    async def row(self, model: type[RowT], id: int | None, path: str, what: str) -> RowT | None:
        """The row of an optional id; `what` it should be in words."""
        if id is None:
            return None
        row = await model.get_or_none(id=id)
        if row is None:
            self.wrong(path, f"No such thing: give the id of {what}.")
        return row

    async def rows(self, model: type[RowT], ids: Iterable[int], path: str, what: str) -> list[RowT]:
        """The rows of ids, each once, in order of id."""
        wanted = set(ids)
        found = await model.filter(id__in=sorted(wanted)).order_by("id") if wanted else []
        if len(found) < len(wanted):
            self.wrong(path, f"Some are no such thing: give ids of {what}.")
        return found

    async def unused_name(
        self, model: type[Model], row: Model, name: str, path: str = "name", **among: Any
    ) -> None:
        """Nothing else of this kind (`among` these) is called so."""
        same = model.filter(name=name, **among)
        if row.pk is not None:
            same = same.exclude(id=row.pk)
        if name and await same.exists():
            self.wrong(path, f"There is another of this name: {name}.")

    async def place_in_tree(
        self, model: type[Model], row: Model, parent_id: int | None, path: str = "parentId"
    ) -> None:
        """The parent is neither the row itself nor below it, and not too deep."""
        if parent_id is None:
            return
        rows: list[Any] = await model.all()
        parents: dict[int, int | None] = {one.id: one.parent_id for one in rows}
        above: list[int] = []
        at: int | None = parent_id
        while at is not None and at not in above:
            above.append(at)
            at = parents.get(at)
        if row.pk in above:
            self.wrong(path, "That would be a circle: choose one that is not below this.")
        elif len(above) + _height(parents, row.pk) > DEPTH_LIMIT:
            self.wrong(path, f"That is too deep: trees have at most {DEPTH_LIMIT} levels.")


def _height(parents: Mapping[int, int | None], root: int | None) -> int:
    """Levels from this row down, itself included."""
    level, height = {root}, 0
    while level and height <= DEPTH_LIMIT:
        height += 1
        level = {id for id, parent in parents.items() if parent in level and parent is not None}
    return height
