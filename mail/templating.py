"""Words with variables in them (Jinja2, sandboxed): a small part of the language, and bounds.

Own templates are typed in by people. What they may use is listed here, so that none of them can
take long, grow large or reach anything but its variables: no macros, no arithmetic, no calls, one
loop deep.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, Undefined, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

SOURCE_LIMIT = 20_000
"""Characters of one part of a template."""
SUBJECT_LIMIT = 250
OUTPUT_LIMIT = 500_000
TIME_LIMIT_S = 2.0
LOOPS = 5
FILTERS = frozenset(
    {
        "capitalize", "default", "d", "e", "escape", "first", "join", "last", "length", "lower",
        "striptags", "title", "trim", "truncate", "upper", "urlize",
    }
)  # fmt: skip
TESTS = frozenset({"defined", "undefined", "none", "eq", "ne", "in", "true", "false"})
ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Filter,
    nodes.Test, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Const, nodes.For, nodes.Concat, nodes.Keyword,
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is wrong with a template, and in which line."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


class BrokenTemplate(Exception):
    """It cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _environment(*, html: bool, strict: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        autoescape=html,
        undefined=StrictUndefined if strict else Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


_ENVIRONMENTS = {
    (html, strict): _environment(html=html, strict=strict)
    for html in (False, True)
    for strict in (False, True)
}


def render(source: str, variables: Mapping[str, Any], *, html: bool, strict: bool = False) -> str:
    """The words, in HTML escaped; `strict` for variables that do not exist. Raises BrokenTemplate.

    Within bounds of time and size, which what `problems` lets through cannot well reach.
    """
    template = _compiled(source, html, strict)
    until = time.monotonic() + TIME_LIMIT_S
    pieces: list[str] = []
    size = 0
    try:
        for piece in template.generate(**variables):
            size += len(piece)
            if size > OUTPUT_LIMIT or time.monotonic() > until:
                raise BrokenTemplate(Problem(1, "It makes too long a text: shorten it."))
            pieces.append(piece)
    except UndefinedError as error:
        raise BrokenTemplate(
            Problem(_line(error), error.message or "A variable is missing.")
        ) from error
    except BrokenTemplate:
        raise
    except Exception as error:  # what a filter raises for what it is given
        raise BrokenTemplate(Problem(_line(error), str(error) or type(error).__name__)) from error
    return "".join(pieces)


@lru_cache(maxsize=512)
def _compiled(source: str, html: bool, strict: bool) -> Any:
    check(source)
    return _ENVIRONMENTS[html, strict].from_string(source)


def check(source: str) -> None:
    """Raises BrokenTemplate for the first thing that is wrong with how it is written."""
    if len(source) > SOURCE_LIMIT:
        raise BrokenTemplate(Problem(1, f"Shorten it to {SOURCE_LIMIT:,} characters."))
    try:
        tree = _ENVIRONMENTS[False, False].parse(source)
    except TemplateError as error:
        line: int = getattr(error, "lineno", 1)
        raise BrokenTemplate(Problem(line, error.message or "It cannot be read.")) from error
    except RecursionError:
        raise BrokenTemplate(Problem(1, "It is too deeply nested.")) from None
    _check_nodes(tree)


def _check_nodes(tree: nodes.Template) -> None:
    loops = list(tree.find_all(nodes.For))
    if len(loops) > LOOPS:
        raise BrokenTemplate(Problem(loops[LOOPS].lineno, f"Use at most {LOOPS} loops."))
    for loop in loops:
        inner = next(iter(one for part in loop.body for one in _within(part)), None)
        if inner is not None:
            raise BrokenTemplate(Problem(inner.lineno, "A loop cannot stand within another."))
        if not isinstance(loop.iter, nodes.Name | nodes.Getattr):
            raise BrokenTemplate(Problem(loop.lineno, "Loop over a variable."))
    for node in tree.find_all(nodes.Node):
        problem = _refused(node)
        if problem is not None:
            raise BrokenTemplate(Problem(node.lineno, problem))


def _within(node: nodes.Node) -> list[nodes.For]:
    found = list(node.find_all(nodes.For))
    return [node, *found] if isinstance(node, nodes.For) else found


def _refused(node: nodes.Node) -> str | None:
    if not isinstance(node, ALLOWED):
        return f"{type(node).__name__} cannot be used here: see the list of what can."
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return f"The filter {node.name} cannot be used: {', '.join(sorted(FILTERS))} can."
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f"The test {node.name} cannot be used."
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f"{node.attr} cannot be used."
    return None


def _line(error: BaseException) -> int:
    """Where in the template it happened."""
    at, line = error.__traceback__, 1
    while at is not None:
        if at.tb_frame.f_code.co_filename == "<template>":
            line = at.tb_lineno
        at = at.tb_next
    return line
