"""What an operation costs before it runs: fields, times the pages they stand in.

Every field costs 1, introspection nothing. What is selected below `edges` and `nodes` of a
connection is multiplied by the page size, what is selected below any other list by a fixed
factor. Alternatives of a union are added up: the number is an upper bound.
"""

from collections.abc import Mapping
from typing import Any, TypeGuard

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_composite_type,
)
from graphql.type import GraphQLCompositeType

from app.transport.documents import Document
from app.transport.limits import INTROSPECTION, Limits

PAGE_ARGUMENTS = frozenset({"first", "last"})
PAGED_FIELDS = frozenset({"edges", "nodes"})


def static_cost(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    variables: Mapping[str, object],
    limits: Limits,
) -> int:
    """The cost of a valid operation with these variables, whatever they hold."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return 0
    meter = _Meter(schema, document, _with_defaults(operation, variables), limits)
    return meter.selections(operation.selection_set, root, None)


class _Meter:
    """One walk; a fragment is priced once for each page size it stands under."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: Document,
        variables: Mapping[str, object],
        limits: Limits,
    ) -> None:
        self.schema = schema
        self.document = document
        self.variables = variables
        self.limits = limits
        self.fragments: dict[tuple[str, int | None], int] = {}

    def selections(
        self, selected: SelectionSetNode, parent: GraphQLCompositeType, page: int | None
    ) -> int:
        """`page` is the page size when the parent is a connection."""
        total = 0
        for selection in selected.selections:
            if isinstance(selection, FieldNode):
                total += self.field(selection, parent, page)
            elif isinstance(selection, FragmentSpreadNode):
                total += self.fragment(selection.name.value, page)
            elif isinstance(selection, InlineFragmentNode):
                on = selection.type_condition
                target = self.composite(on.name.value) if on else parent
                total += self.selections(selection.selection_set, target, page)
        return total

    def fragment(self, name: str, page: int | None) -> int:
        if (name, page) not in self.fragments:
            definition = self.document.fragments[name]
            on = self.composite(definition.type_condition.name.value)
            cost = self.selections(definition.selection_set, on, page)
            self.fragments[name, page] = cost
        return self.fragments[name, page]

    def field(self, field: FieldNode, parent: GraphQLCompositeType, page: int | None) -> int:
        name = field.name.value
        definition = self.schema.get_field(parent, name)
        if name in INTROSPECTION or definition is None:
            return 0
        notation = _notation(definition)
        target = self.schema.get_type(notation.strip("[]!"))
        if field.selection_set is None or not is_composite_type(target):
            return 1
        asked = self.page_size(field, definition)
        if target.name.endswith("Connection"):
            return 1 + self.selections(field.selection_set, target, asked or self.limits.page_size)
        factor = 1
        if page is not None and name in PAGED_FIELDS:
            factor = page
        elif notation.startswith("["):
            factor = asked or self.limits.list_factor
        return 1 + factor * self.selections(field.selection_set, target, None)

    def page_size(self, field: FieldNode, definition: GraphQLField) -> int | None:
        """The page asked for; sizes that resolvers refuse count as the nearest legal one."""
        given = [
            self.number(argument.value)
            for argument in field.arguments or ()
            if argument.name.value in PAGE_ARGUMENTS and argument.name.value in definition.args
        ]
        sizes = [size for size in given if size is not None]
        return max(1, min(max(sizes), self.limits.max_page_size)) if sizes else None

    def number(self, value: ValueNode) -> int | None:
        if isinstance(value, VariableNode):
            held = self.variables.get(value.name.value)
            return held if _is_integer(held) else None
        return int(value.value) if isinstance(value, IntValueNode) else None

    def composite(self, name: str) -> GraphQLCompositeType:
        found: GraphQLNamedType | None = self.schema.get_type(name)
        if not is_composite_type(found):
            raise TypeError(f"validation let a fragment on {name} through")
        return found


def _notation(field: Any) -> str:
    """The type of a field as it is written, such as `[Ticket!]!`."""
    return str(field.type)


def _with_defaults(
    operation: OperationDefinitionNode, variables: Mapping[str, object]
) -> dict[str, object]:
    defaults = {
        definition.variable.name.value: int(definition.default_value.value)
        for definition in operation.variable_definitions or ()
        if isinstance(definition.default_value, IntValueNode)
    }
    return {**defaults, **variables}


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
