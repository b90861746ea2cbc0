"""The tree of categories as contacts see it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from models.desk import Category, CategoryGrant, Department
from models.enums import Level
from models.people import Operator


@dataclass(frozen=True)
class ContactChoices:
    """What a contact may choose from."""

    in_use: bool
    """Whether the desk uses categories at all; if not, a department is chosen instead."""
    roots: list[Category]
    children: dict[int, list[Category]]
    leaves: dict[int, Category]
    """Those that may be chosen: with no others under them."""


@dataclass(frozen=True)
class Coverage:
    """Who handles a category: active operators alone, rights to see all do not count."""

    base: list[Operator]
    advanced: list[Operator]
    in_limbo: bool
    begins_unseen: bool
    """In use, and its tickets begin at a level that none of those who handle it sees."""

    @classmethod
    def of(
        cls, category: Category, grants: Sequence[CategoryGrant], operators: Sequence[Operator]
    ) -> "Coverage":
        """Out of its grants, and the operators who have them."""
        active = {one.id: one for one in operators if one.active}
        held = [(active[one.operator_id], one.level) for one in grants if one.operator_id in active]
        advanced = [who for who, level in held if level is Level.ADVANCED]
        return cls(
            base=[who for who, level in held if level is Level.BASE],
            advanced=advanced,
            in_limbo=not held and not category.archived,
            begins_unseen=(
                category.initial_level is Level.ADVANCED and not advanced and not category.archived
            ),
        )

    @property
    def warning(self) -> str | None:
        """What is wrong, in words."""
        if self.in_limbo:
            return "No active operator handles this category: nobody sees its tickets."
        if self.begins_unseen:
            return "No active operator handles it at level ADVANCED: nobody sees its new tickets."
        return None


async def contact_choices() -> ContactChoices:
    """The visible tree, in two statements.

    Hidden and archived categories, and those of hidden departments, hide their subtree.
    """
    all_ = await Category.filter(archived=False).order_by("position", "name", "id")
    hidden = {one.id for one in await Department.filter(hidden=True)}
    children: dict[int | None, list[Category]] = defaultdict(list)
    for one in all_:
        if one.visible and one.department_id not in hidden:
            children[one.parent_id].append(one)
    reached: dict[int, Category] = {}
    waiting = list(children[None])
    while waiting:
        one = waiting.pop()
        if one.id not in reached:
            reached[one.id] = one
            waiting.extend(children[one.id])
    return ContactChoices(
        in_use=bool(all_),
        roots=children[None],
        children={id: children[id] for id in reached},
        leaves={id: one for id, one in reached.items() if not children[id]},
    )
