"""The tree of categories as contacts see it."""

from collections import defaultdict
from dataclasses import dataclass

from models.desk import Category, Department


@dataclass(frozen=True)
class ContactChoices:
    """What a contact may choose from."""

    in_use: bool
    """Whether the desk uses categories at all; if not, a department is chosen instead."""
    roots: list[Category]
    children: dict[int, list[Category]]
    leaves: dict[int, Category]
    """Those that may be chosen: with no others under them."""


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
