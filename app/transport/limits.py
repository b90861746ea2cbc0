"""The limits of the transport, and how deep and how aliased an operation is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

MIB = 1024 * 1024
INTROSPECTION = frozenset({"__schema", "__type", "__typename"})


@dataclass(frozen=True)
class Limits:
    """What one request, one caller and one socket may take; every number is a setting."""

    tokens: int = 2_000
    depth: int = 15
    aliases: int = 15
    # One response name in one selection set. Merging repeated fields is quadratic:
    # `a{b}` 490 times, within the tokens allowed, kept validation busy for 1.2 s.
    repeats: int = 15
    # Validation compares them pairwise too: a chain of 110 took 0.65 s.
    fragments: int = 40
    cost: int = 10_000
    page_size: int = 25
    max_page_size: int = 100
    # Lists without pages are short by design (tags, participants): five elements.
    list_factor: int = 5
    body: int = MIB

    bucket: int = 100_000
    refill: float = 5_000
    # The same 20 s from empty to full as for a known caller.
    anonymous_bucket: int = 2_000
    anonymous_refill: float = 100

    init_timeout: float = 10.0
    operations: int = 100
    queued_frames: int = 256
    queued_bytes: int = MIB
    # A socket that takes nothing for so long is closed and aborted.
    stall_timeout: float = 10.0


@dataclass(frozen=True)
class Shape:
    """What an operation looks like, whatever the schema says; introspection is not counted."""

    depth: int
    aliases: int
    introspects: bool


class _Repeats(Visitor):
    """The most often one response name stands in one selection set."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0

    def enter_selection_set(self, node: SelectionSetNode, *_: object) -> None:
        names = Counter(
            (field.alias or field.name).value
            for field in node.selections
            if isinstance(field, FieldNode)
        )
        self.most = max(self.most, *names.values(), 0)


def repeats(document: DocumentNode) -> int:
    """The most often one response name stands in one selection set; needs no validation."""
    visitor = _Repeats()
    visit(document, visitor)
    return visitor.most


class _Measure:
    """One walk over an operation; each fragment is walked once."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.depths: dict[str, int] = {}
        self.aliases = 0
        self.introspects = False

    def depth(self, selection_set: SelectionSetNode) -> int:
        deepest = 0
        for selection in selection_set.selections:
            deepest = max(deepest, self.selection(selection))
        return deepest

    def selection(self, selection: SelectionNode) -> int:
        match selection:
            case FieldNode():
                return self.field(selection)
            case FragmentSpreadNode():
                return self.fragment(selection.name.value)
            case InlineFragmentNode():
                return self.depth(selection.selection_set)
            case _:
                return 0

    def field(self, field: FieldNode) -> int:
        if field.alias:
            self.aliases += 1
        if field.name.value in INTROSPECTION:
            self.introspects |= field.name.value != "__typename"
            return 0
        return 1 + self.depth(field.selection_set) if field.selection_set else 1

    def fragment(self, name: str) -> int:
        if name not in self.depths:
            self.depths[name] = self.depth(self.fragments[name].selection_set)
        return self.depths[name]


def measure(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Shape:
    """The shape of a valid operation: fragments exist and form no cycle."""
    walk = _Measure(fragments)
    depth = walk.depth(operation.selection_set)
    return Shape(depth, walk.aliases, walk.introspects)
