"""What of a subscription is the same for everybody who asks for it, by a whitelist of fields."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_object_type,
    visit,
)

from app.transport.documents import Document
from app.transport.parameters import Parameters

CURSOR = "after"
"""The argument of a subscription that says where to begin: no matter once it is live."""
DEFINED_AND_USED = 2
NO_NODES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Faces:
    """What of an event decides which parts of a document are executed."""

    event: str
    """The type the event has in the subscription's union."""
    nodes: Mapping[str, str]
    """Fields of it that are of an abstract type, and the type they have this time."""

    @property
    def key(self) -> Hashable:
        return self.event, tuple(sorted(self.nodes.items()))


@dataclass(frozen=True)
class Sharing:
    """What a schema says of sharing."""

    fields: frozenset[str]
    """`Type.field` of all that is the same for everybody who may see its object."""
    faces: Callable[[Any], Faces]
    """Of an event."""


NOTHING = Sharing(frozenset(), lambda _event: Faces("", {}))
"""Everybody gets their own."""


class Shares:
    """Which events of one operation everybody is sent alike."""

    def __init__(
        self,
        schema: GraphQLSchema,
        sharing: Sharing,
        document: Document,
        operation: OperationDefinitionNode,
    ) -> None:
        self._schema = schema
        self._sharing = sharing
        self._fragments = document.fragments
        self._operation = operation
        self._known: dict[Hashable, bool] = {}

    def __call__(self, event: object) -> bool:
        """Whether all that is executed for this event is on the whitelist."""
        faces = self._sharing.faces(event)
        if faces.key not in self._known:
            self._known[faces.key] = self._judge(faces)
        return self._known[faces.key]

    def _judge(self, faces: Faces) -> bool:
        root = self._schema.subscription_type
        return root is not None and all(
            isinstance(field, FieldNode) and self._root(field, root, faces)
            for field in self._operation.selection_set.selections
        )

    def _root(self, field: FieldNode, root: GraphQLObjectType, faces: Faces) -> bool:
        if field.selection_set is None:
            return False
        union = _named(root.fields[field.name.value].type)
        return self._selections(field.selection_set, union, faces.event, faces.nodes)

    def _selections(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType,
        concrete: str | None = None,
        nodes: Mapping[str, str] = NO_NODES,
    ) -> bool:
        """`concrete`: the type the object has, where that is known; `nodes`: below it."""
        return all(self._one(one, parent, concrete, nodes) for one in selections.selections)

    def _one(
        self,
        selection: SelectionNode,
        parent: GraphQLNamedType,
        concrete: str | None,
        nodes: Mapping[str, str],
    ) -> bool:
        match selection:
            case FieldNode():
                return self._field(selection, parent, nodes)
            case InlineFragmentNode(type_condition=None, selection_set=inner):
                return self._selections(inner, parent, concrete, nodes)
            case InlineFragmentNode(type_condition=NamedTypeNode(name=name), selection_set=inner):
                return self._fragment(name.value, inner, concrete, nodes)
            case FragmentSpreadNode(name=name):
                spread = self._fragments[name.value]
                on = spread.type_condition.name.value
                return self._fragment(on, spread.selection_set, concrete, nodes)
            case _:
                return False

    def _fragment(
        self, on: str, inner: SelectionSetNode, concrete: str | None, nodes: Mapping[str, str]
    ) -> bool:
        narrowed = self._schema.type_map[on]
        if concrete is not None and is_object_type(narrowed) and on != concrete:
            return True  # not executed this time
        return self._selections(inner, narrowed, concrete, nodes)

    def _field(self, field: FieldNode, parent: GraphQLNamedType, nodes: Mapping[str, str]) -> bool:
        name = field.name.value
        if name == "__typename":
            return True
        if f"{parent.name}.{name}" not in self._sharing.fields:
            return False
        if field.selection_set is None:
            return True
        composite: Any = parent
        return self._selections(
            field.selection_set, _named(composite.fields[name].type), nodes.get(name)
        )


def _named(type_: Any) -> GraphQLNamedType:
    """Without the lists and the non-nulls around it."""
    return cast("GraphQLNamedType", get_named_type(type_))


def sharing_key(
    endpoint: str, document: Document, operation: OperationDefinitionNode, parameters: Parameters
) -> Hashable:
    """Equal for subscriptions that ask the same, wherever they begin."""
    cursors = _cursor_variables(document, operation)
    variables = {key: value for key, value in parameters.variables.items() if key not in cursors}
    written = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    return endpoint, parameters.query, parameters.operation_name, written


def _cursor_variables(document: Document, operation: OperationDefinitionNode) -> frozenset[str]:
    """Variables that say where to begin, and nothing else: defined once, used once."""
    found: set[str] = set()
    for field in operation.selection_set.selections:
        arguments = field.arguments if isinstance(field, FieldNode) else None
        for argument in arguments or ():
            value = argument.value
            if argument.name.value == CURSOR and isinstance(value, VariableNode):
                found.add(value.name.value)
    if not found:
        return frozenset()
    mentions = _Variables()
    visit(document.node, mentions)
    return frozenset(one for one in found if mentions.count[one] == DEFINED_AND_USED)


class _Variables(Visitor):
    """How often each variable is mentioned."""

    def __init__(self) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.count[node.name.value] += 1
