"""What the modules of administration share: inputs of which some fields are given, mutations."""

from typing import Annotated, Any, cast

import strawberry
from strawberry import Maybe, Some

from models.enums import Right
from resolvers.ids import decode, local_id
from resolvers.refusals import invalid
from schema.desk.refusals import REFUSALS
from schema.rules import Needs, scope

KEY = "The same key within 24 hours does it once: NotFound, should it be deleted by then."
LIST_MOST = 1_000
"""Of any list: a statement takes no more than 32,767 values, a unit of work ten seconds."""
INPUT = strawberry.argument(description="What to do.")
MaybeText = Maybe[str | None]
MaybeId = Maybe[strawberry.ID | None]
MaybeIds = Maybe[list[strawberry.ID] | None]
MaybeFlag = Maybe[bool | None]
Id = Annotated[strawberry.ID, strawberry.argument(description="A global id.")]


def administration(
    result: Any, description: str, needs: Needs | None = None, *, name: str | None = None
) -> Any:
    """A mutation: by default it takes the scope for settings; who may is the action's to say."""
    rule = needs or scope(Right.SETTINGS_WRITE)
    return strawberry.mutation(
        graphql_type=result, extensions=[REFUSALS, rule], description=description, name=name
    )


def given(
    input: Any, *, ids: dict[str, str] | None = None, clearable: frozenset[str] = frozenset()
) -> Any:
    """The fields of an input that were given, ids made local: what the action's TypedDict wants.

    `ids` says of which kind the ids in a field are (in lists too); a field may be null only where
    `clearable`. Raises InvalidInput for a null elsewhere, and for a list that is too long.
    """
    kinds = ids or {}
    found: dict[str, Any] = {}
    for name, some in cast(dict[str, Any], input.__dict__).items():
        if type(some) is not Some:
            continue
        value = cast(Any, some).value
        if value is None and name not in clearable:
            raise invalid(_camel(name), "Give a value, or leave it out.")
        if isinstance(value, list) and len(cast(list[Any], value)) > LIST_MOST:
            raise invalid(_camel(name), f"Give at most {LIST_MOST:,} at once.")
        found[name] = _local(value, kinds[name]) if name in kinds else value
    return found


def local(gid: str, kind: str) -> int:
    """A local id; 0, which no row has, for garbage."""
    return local_id(gid, kind)


def _local(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        many = cast(list[str], value)
        return [decode(one)[1] if decode(one)[0] == kind else 0 for one in many]
    return local_id(value, kind)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
