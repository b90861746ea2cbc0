"""Conditions made ready to judge many rows: in a normal form, as one Python function."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from models.conditions import (
    ALWAYS,
    NEVER,
    Condition,
    Every,
    Is,
    IsIn,
    Not,
    Related,
    Some,
    Tagged,
    Within,
)

Judge = Callable[[Any], bool]


def normal(condition: Condition) -> Condition:
    """The same condition without what says nothing, so that equal ones are written alike."""
    match condition:
        case Every(parts):
            return _all_of(normal(part) for part in parts)
        case Some(parts):
            return _any_of(normal(part) for part in parts)
        case Not(part):
            return _not(normal(part))
        case IsIn(_, values) if not values:
            return NEVER
        case Tagged(tags) if not tags:
            return NEVER
        case _:
            return condition


def _all_of(parts: Iterable[Condition]) -> Condition:
    kept: dict[Condition, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Every) else (part,)))
    if NEVER in kept:
        return NEVER
    return next(iter(kept)) if len(kept) == 1 else Every(tuple(kept))


def _any_of(parts: Iterable[Condition]) -> Condition:
    kept: dict[Condition, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    if ALWAYS in kept:
        return ALWAYS
    return next(iter(kept)) if len(kept) == 1 else Some(tuple(kept))


def _not(part: Condition) -> Condition:
    if part == ALWAYS:
        return NEVER
    if part == NEVER:
        return ALWAYS
    return part.part if isinstance(part, Not) else Not(part)


def divided(condition: Condition) -> tuple[Condition, Condition]:
    """What memory can decide of a normal condition, and what only SQL can: both must hold."""
    parts = condition.parts if isinstance(condition, Every) else (condition,)
    here = [part for part in parts if _decidable(part)]
    there = [part for part in parts if not _decidable(part)]
    return _all_of(here), _all_of(there)


def _decidable(condition: Condition) -> bool:
    match condition:
        case Every(parts) | Some(parts):
            return all(map(_decidable, parts))
        case Not(part):
            return _decidable(part)
        case Related(_, lookup):
            return lookup is not None
        case _:
            return True


@lru_cache(maxsize=1024)
def compiled(condition: Condition) -> Judge:
    """What `holds` says, as one function: some ten times faster than walking the tree.

    Raises LookupError for a condition that memory cannot decide.
    """
    names: dict[str, Any] = {}
    text = _text(condition, names)
    judge: Judge = eval(f"lambda row: {text}", names)  # noqa: S307 - of our text; values are names
    return judge


def _text(condition: Condition, names: dict[str, Any]) -> str:
    match condition:
        case Every(parts):
            return _joined(parts, " and ", names) if parts else "True"
        case Some(parts):
            return _joined(parts, " or ", names) if parts else "False"
        case Not(part):
            return f"(not {_text(part, names)})"
        case Related(_, None):
            raise LookupError("this condition cannot be decided in memory")
        case Related(_, lookup):
            return f"{_name(lookup, names)}(row)"
        case _:
            return _of_column(condition, names)


def _of_column(condition: Condition, names: dict[str, Any]) -> str:
    match condition:
        case Is(column, None):
            return f"(row.{column} is None)"
        case Is(column, value):
            return f"(row.{column} == {_name(value, names)})"
        case IsIn(column, values):
            return f"(row.{column} in {_name(values, names)})"
        case Tagged(tags):
            return f"(not {_name(tags, names)}.isdisjoint(row.tags))"
        case Within():
            return _within(condition, names)
        case _:
            return f"{_name(condition.holds, names)}(row)"


def _joined(parts: Iterable[Condition], word: str, names: dict[str, Any]) -> str:
    return f"({word.join(_text(part, names) for part in parts)})"


def _within(span: Within, names: dict[str, Any]) -> str:
    column = f"row.{span.column}"
    terms = [f"{column} is not None"]
    if span.low is not None:
        terms.append(f"{column} >= {_name(span.low, names)}")
    if span.high is not None:
        terms.append(f"{column} < {_name(span.high, names)}")
    return f"({' and '.join(terms)})"


def _name(value: object, names: dict[str, Any]) -> str:
    name = f"v{len(names)}"
    names[name] = value
    return name
