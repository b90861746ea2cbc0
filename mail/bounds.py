"""Jinja2 for words of people's own: every value within a size, all of them within a time."""

import functools
import math
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from html import unescape
from typing import Any, cast

from jinja2 import StrictUndefined, Undefined, filters, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_eval_context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

VALUE_LIMIT = 500_000
"""Characters of anything in between: more than any post has."""
WORD_LIMIT = 2_000
"""Longer words are no links: looking for one takes time by the square of their length."""
FILTERS = frozenset(
    {
        "capitalize", "default", "d", "e", "escape", "first", "join", "last", "length", "lower",
        "striptags", "title", "trim", "truncate", "upper", "urlize",
    }
)  # fmt: skip
JINJA: dict[str, Any] = {**filters.FILTERS}
_until: ContextVar[float] = ContextVar("until", default=math.inf)


class TooMuch(Exception):
    """It takes too long, or grows too large."""


@contextmanager
def within(seconds: float) -> Generator[None]:
    """Whatever is filtered or gone through in the block takes no more of the processor's time."""
    was = _until.set(time.thread_time() + seconds)
    try:
        yield
    finally:
        _until.reset(was)


def check_time() -> None:
    """Raises TooMuch."""
    if time.thread_time() > _until.get():
        raise TooMuch("It takes too long: make it simpler.")


def check_size(size: int, limit: int = VALUE_LIMIT) -> None:
    """Raises TooMuch."""
    if size > limit:
        raise TooMuch("It makes too long a text: shorten it.")


def environment(*, html: bool, strict: bool) -> ImmutableSandboxedEnvironment:
    """One that knows the filters of FILTERS alone, and no functions."""
    made = ImmutableSandboxedEnvironment(
        autoescape=html,
        undefined=StrictUndefined if strict else Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.globals.clear()
    own: dict[str, Callable[..., Any]] = {"join": _join, "striptags": _striptags, "urlize": _urlize}
    every = {one: _bounded(own.get(one) or JINJA[one]) for one in FILTERS}
    made.filters.clear()
    made.filters.update(every, **{EACH: _each, TEXT: _bounded(_text), TIMED: _timed})
    return made


EACH, TEXT, TIMED = "_each", "_text", "_timed"
"""Put around what is gone through, what is put together, and what is compared."""


class Bounding(NodeTransformer):
    """Puts bounds around what is no filter, and multiplies or takes time."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja2 finds it by name
        """Its list is looked at, and every turn."""
        self.generic_visit(node)
        node.iter = _filtered(node.iter, EACH)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        """Every part, and the whole."""
        self.generic_visit(node)
        node.nodes = [_filtered(one, TEXT) for one in node.nodes]
        return _filtered(node, TEXT)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Filter:  # noqa: N802
        """One takes as long as the texts are."""
        self.generic_visit(node)
        return _filtered(node, TIMED)

    def visit_Test(self, node: nodes.Test) -> nodes.Filter:  # noqa: N802
        """Some compare."""
        self.generic_visit(node)
        return _filtered(node, TIMED)


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(cast(nodes.Expr, node), name, [], [], None, None, lineno=node.lineno)


def _bounded(filter: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(filter)  # with what Jinja2 noted on it
    def run(*given: Any, **named: Any) -> Any:
        check_time()
        value = filter(*given, **named)
        check_size(len(value) if isinstance(value, str) else 0)
        return value

    return run


def _each(value: Any) -> Iterator[Any]:
    if not isinstance(value, list | tuple | Mapping | Undefined):
        raise TooMuch("Loop over a list.")
    for one in cast(Iterable[Any], value):
        check_time()
        yield one


def _timed(value: Any) -> Any:
    check_time()
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


@pass_eval_context
def _join(context: nodes.EvalContext, value: Any, d: str = "", attribute: Any = None) -> str:
    """A list alone: the letters of a word with something between them have no bounds."""
    if not isinstance(value, list | tuple | Undefined):
        raise TooMuch("Only a list can be joined.")
    return JINJA["join"](context, value, d, attribute)


def _striptags(value: Any) -> str:
    """As Jinja2 does it, in one go: there every tag costs a copy of all."""
    text, parts, at = str(value), list[str](), 0
    while (start := text.find("<", at)) >= 0:
        closing = "-->" if text.startswith("<!--", start) else ">"
        end = text.find(closing, start)
        if end < 0:
            break
        parts.append(text[at:start])
        at = end + len(closing)
    parts.append(text[at:])
    return unescape(" ".join("".join(parts).split()))


@pass_eval_context
def _urlize(context: nodes.EvalContext, value: Any, *given: Any, **named: Any) -> str:
    parts = re.split(rf"(\S{{{WORD_LIMIT},}})", str(value))
    linked = [
        escape(part) if odd % 2 else JINJA["urlize"](context, part, *given, **named)
        for odd, part in enumerate(parts)
    ]
    return (Markup if context.autoescape else str)("").join(linked)
