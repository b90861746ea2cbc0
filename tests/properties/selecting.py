"""Selections out of a schema: every field of a type that may be asked, some levels deep."""

import re
from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

from tests.schema.walking import fields_of, members, own_types

Admitted = Callable[[str, str], bool]
"""Whether a field (of a type, by name) may be asked without an error."""
PAGE = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
FIRST = 3
SPREAD = r"\.\.\.(\w+)"


class Selection:
    """Writes selections of one schema for somebody; each type and depth is a fragment, once."""

    def __init__(self, schema: GraphQLSchema, admitted: Admitted) -> None:
        self._schema = schema
        self._admitted = admitted
        self._fragments: dict[str, str] = {}

    def document(self, operation: str) -> str:
        """The operation, made of selections of this one, with their fragments."""
        wanted, waiting = set[str](), re.findall(SPREAD, operation)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += re.findall(SPREAD, self._fragments[name])
        return " ".join([operation, *(self._fragments[name] for name in sorted(wanted))])

    def of(self, name: str, depth: int) -> str:
        """All fields of the type; objects in it as deep as said."""
        type_ = self._schema.type_map[name]
        if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
            return self.any_of([one.name for one in members(self._schema, type_)], depth)
        return f"{{ __typename ...{self._fragment(type_, depth, alias=False)} }}"

    def any_of(self, names: list[str], depth: int) -> str:
        """The same of whichever it is; one name may be of two types in two of them."""
        types = [self._schema.type_map[name] for name in names]
        parts = (f"...{self._fragment(type_, depth, alias=True)}" for type_ in types)
        return f"{{ __typename {' '.join(parts)} }}"

    def _fragment(self, type_: GraphQLNamedType, depth: int, *, alias: bool) -> str:
        """Its name."""
        name = f"{type_.name}_{depth}{'_alias' if alias else ''}"
        if name not in self._fragments:
            self._fragments[name] = ""  # types lead to each other, but each time less deep
            fields = " ".join(self._fields(type_, depth, alias=alias))
            self._fragments[name] = f"fragment {name} on {type_.name} {{ {fields} }}"
        return name

    def _fields(self, type_: GraphQLNamedType, depth: int, *, alias: bool) -> list[str]:
        chosen: list[str] = []
        for name, field in fields_of(type_).items():
            if not self._admitted(type_.name, name):
                continue
            inner = self._inner(field, depth)
            if inner is not None:
                called = f"{type_.name}_{name}: {name}" if alias else name
                chosen.append(f"{called}{inner}")
        return chosen or ["__typename"]

    def _inner(self, field: Any, depth: int) -> str | None:
        """What follows the field's name; None for what is too deep."""
        target = self._schema.type_map[str(field.type).strip("[]!")]
        if not isinstance(target, GraphQLObjectType | GraphQLUnionType | GraphQLInterfaceType):
            return ""
        if depth == 0:
            return None
        if target.name.endswith("Connection"):
            return f"(first: {FIRST}) {self.page(target.name, depth - 1)}"
        # What has no id is a part of what it is in: no step away.
        whole = isinstance(target, GraphQLObjectType) and "id" not in fields_of(target)
        return f" {self.of(target.name, depth if whole else depth - 1)}"

    def page(self, connection: str, depth: int) -> str:
        """A page of a list, its rows as deep as said."""
        fields = fields_of(self._schema.type_map[connection])
        own = " ".join(name for name in fields if name not in ("edges", "pageInfo", "totalCount"))
        edge = fields["edges"].type
        node = fields_of(self._schema.type_map[str(edge).strip("[]!")])["node"].type
        rows = f"edges {{ cursor node {self.of(str(node).strip('[]!'), depth)} }}"
        return f"{{ {PAGE} {own} {rows} }}"


class _Asked(Visitor):
    """What documents ask for: (type, field), and (field, argument) of the root, and of inputs."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.found: set[tuple[str, str]] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        if parent is not None and not node.name.value.startswith("__"):
            self.found.add((parent.name, node.name.value))
            for argument in node.arguments or ():
                self.found.add((f"{parent.name}.{node.name.value}", argument.name.value))

    def enter_object_field(self, node: ObjectFieldNode, *ancestors: Any) -> None:
        info: Any = self._info
        parent = info.get_parent_input_type()
        if parent is not None:
            self.found.add((str(parent).strip("[]!"), node.name.value))


def asked(schema: GraphQLSchema, documents: set[str]) -> set[tuple[str, str]]:
    """All that the documents ask for."""
    info = TypeInfo(schema)
    visitor = _Asked(info)
    for document in documents:
        visit(parse(document), TypeInfoVisitor(info, visitor))
    return visitor.found


def to_ask(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """All there is: fields of what queries lead to, and arguments of these."""
    found: set[tuple[str, str]] = set()
    waiting, seen = ["Query"], {"Query"}
    while waiting:
        type_ = schema.type_map[waiting.pop()]
        targets: list[str] = []
        for name, field in fields_of(type_).items():
            if not isinstance(type_, GraphQLInterfaceType):
                found.add((type_.name, name))
            targets.append(str(field.type).strip("[]!"))
            for argument, given in getattr(field, "args", {}).items():
                if type_.name == "Query":
                    found.add((f"Query.{name}", argument))
                    targets.append(str(given.type).strip("[]!"))
        if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
            targets += [one.name for one in members(schema, type_)]
        own = {one.name for one in own_types(schema)}
        waiting += [one for one in {*targets} & own if one not in seen]
        seen |= {*targets}
    return found
