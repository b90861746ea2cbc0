"""Words with variables in them (Jinja2, sandboxed): a small part of the language, and bounds.

Own templates are typed in by people. What they may use is listed here, so that none of them can
take long, grow large or reach anything but its variables: no macros, no arithmetic, no calls, one
loop deep.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Template, TemplateError, UndefinedError, nodes

from mail.bounds import FILTERS, Bounding, check_size, check_time, environment, within

SOURCE_LIMIT = 20_000
"""Characters of one part of a template."""
SUBJECT_LIMIT = 250
OUTPUT_LIMIT = 500_000
TIME_LIMIT_S = 0.3
"""Of the processor: the loop waits for it. The longest default takes a hundredth."""
LOOPS = 5
UNKEPT = re.compile(r"[\x00\ud800-\udfff]")
"""What no database takes; a template can write it as an escape."""
NODES = 1_500
DEPTH = 40
"""Of what stands within something else: Python compiles a hundred, and no person reads that."""
IN_A_ROW = 10
"""Filters of one expression."""
JOINED = 20
"""Parts put together with `~`."""
ARGUMENT_LIMIT = 200
"""Characters given to a filter: some use them as often as the text has letters."""
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


_ENVIRONMENTS = {
    (html, strict): environment(html=html, strict=strict)
    for html in (False, True)
    for strict in (False, True)
}


def render(source: str, variables: Mapping[str, Any], *, html: bool, strict: bool = False) -> str:
    """The words, in HTML escaped; `strict` for variables that do not exist. Raises BrokenTemplate.

    Within bounds of time and size, which what `problems` lets through cannot well reach.
    """
    template = _compiled(source, html, strict)
    pieces: list[str] = []
    size = 0
    try:
        with within(TIME_LIMIT_S):
            for piece in template.generate(**variables):
                size += len(piece)
                check_size(size, OUTPUT_LIMIT)
                check_time()
                pieces.append(piece)
    except BrokenTemplate:
        raise
    except UndefinedError as error:
        raise BrokenTemplate(
            Problem(_line(error), error.message or "A variable is missing.")
        ) from error
    except Exception as error:  # what a filter raises for what it is given
        raise BrokenTemplate(Problem(_line(error), str(error) or type(error).__name__)) from error
    return UNKEPT.sub("", "".join(pieces))


@lru_cache(maxsize=512)
def _compiled(source: str, html: bool, strict: bool) -> Template:
    known = _ENVIRONMENTS[html, strict]
    tree = _checked(source, html, strict)
    try:
        return known.from_string(Bounding().visit(tree).set_environment(known))
    except NOT_READ as error:
        raise BrokenTemplate(Problem(1, f"It cannot be read: {error}")) from error


def check(source: str) -> None:
    """Raises BrokenTemplate for the first thing that is wrong with how it is written."""
    _checked(source, False, False)


def _checked(source: str, html: bool, strict: bool) -> nodes.Template:
    if len(source) > SOURCE_LIMIT:
        raise BrokenTemplate(Problem(1, f"Shorten it to {SOURCE_LIMIT:,} characters."))
    if UNKEPT.search(source):
        raise BrokenTemplate(Problem(1, "It has characters that are none."))
    try:
        tree = _ENVIRONMENTS[html, strict].parse(source)
    except TemplateError as error:
        line: int = getattr(error, "lineno", 1)
        raise BrokenTemplate(Problem(line, error.message or "It cannot be read.")) from error
    except RecursionError:
        raise BrokenTemplate(Problem(1, "It is too deeply nested.")) from None
    except NOT_READ as error:
        raise BrokenTemplate(Problem(1, f"It cannot be read: {error}")) from error
    _check_size(tree)
    _check_nodes(tree)
    return tree


NOT_READ = (TemplateError, RecursionError, SyntaxError, ValueError, OverflowError, MemoryError)
"""What Jinja2 and Python raise for numbers without end, and for all that no limit foresees."""


def _check_size(tree: nodes.Template) -> None:
    """Before anything goes down the tree by calling itself."""
    parts = 0
    for count, (node, depth, filters) in enumerate(_walk(tree)):
        parts += len(node.nodes) if isinstance(node, nodes.Concat) else 0
        if depth > DEPTH:
            raise BrokenTemplate(Problem(node.lineno, "It is too deeply nested."))
        if count > NODES:
            raise BrokenTemplate(Problem(node.lineno, "It has too many parts: shorten it."))
        if filters > IN_A_ROW:
            raise BrokenTemplate(Problem(node.lineno, f"Use at most {IN_A_ROW} filters in a row."))
        if parts > JOINED:
            message = f"Put at most {JOINED} parts together with ~."
            raise BrokenTemplate(Problem(node.lineno, message))


def _walk(tree: nodes.Node) -> Iterator[tuple[nodes.Node, int, int]]:
    """Every node, how deep it stands, and how many filters are applied to it."""
    waiting = [(tree, 0, 0)]
    while waiting:
        node, depth, filters = waiting.pop()
        filters += isinstance(node, nodes.Filter)
        yield node, depth, filters
        children = reversed(list(node.iter_child_nodes()))
        waiting += [(one, depth + 1, filters) for one in children]


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
    if isinstance(node, nodes.Filter):
        return _filter_refused(node)
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f"The test {node.name} cannot be used."
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f"{node.attr} cannot be used."
    return None


def _filter_refused(node: nodes.Filter) -> str | None:
    if node.name not in FILTERS:
        return f"The filter {node.name} cannot be used: {', '.join(sorted(FILTERS))} can."
    if node.name == "join" and not isinstance(node.node, nodes.Name | nodes.Getattr):
        return "Join a variable."
    given = [*node.args, *(one.value for one in node.kwargs)]
    if node.name not in {"default", "d"} and not all(map(_short, given)):
        return f"Give a filter words between quotes, at most {ARGUMENT_LIMIT} characters of them."
    return None


def _short(node: nodes.Expr) -> bool:
    value = node.value if isinstance(node, nodes.Const) else node
    if isinstance(value, str):
        return len(value) <= ARGUMENT_LIMIT
    return value is None or (isinstance(value, int) and abs(value) <= OUTPUT_LIMIT)


def _line(error: BaseException) -> int:
    """Where in the template it happened."""
    at, line = error.__traceback__, 1
    while at is not None:
        if at.tb_frame.f_code.co_filename == "<template>":
            line = at.tb_lineno
        at = at.tb_next
    return line
