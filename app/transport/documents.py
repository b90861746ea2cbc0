"""Documents, parsed and validated once per query text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)

from app.transport.errors import Code, RequestError, described, refused
from app.transport.limits import Limits, Shape, measure, repeats

# A client sends a few dozen documents, over and over.
CACHED_DOCUMENTS = 256
# Longer texts carry their values inline and do not come twice.
LONGEST_CACHED = 20_000


@dataclass(frozen=True)
class Document:
    """A valid document within the limits; an operation without a name is called ``""``."""

    node: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    shapes: Mapping[str, Shape]

    def name_of(self, asked: str | None) -> str:
        """GetOperation() of the GraphQL specification; raises `RequestError`."""
        if asked:
            if asked in self.operations:
                return asked
            raise refused(Code.BAD_REQUEST, "There is no operation of this name in the document.")
        if len(self.operations) != 1:
            raise refused(Code.BAD_REQUEST, "The document has several operations: name one.")
        return next(iter(self.operations))


class Documents:
    """The documents of one schema, bounded, least recently used out first."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, *, hide_suggestions: bool) -> None:
        self._schema = schema
        self._limits = limits
        self._hide_suggestions = hide_suggestions
        self._cached = lru_cache(CACHED_DOCUMENTS)(self._checked)

    def find(self, query: str) -> Document:
        """The document of a query text; raises `RequestError` when it is not valid."""
        return (self._cached if len(query) <= LONGEST_CACHED else self._checked)(query)

    def _checked(self, query: str) -> Document:
        """Raising, so that only what is valid is kept."""
        found = self._check(query)
        if isinstance(found, Document):
            return found
        raise RequestError(described(found))

    def _check(self, query: str) -> Document | list[GraphQLError]:
        try:
            node = parse(query, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            return [error]
        if _fragments(node) > self._limits.fragments:
            return [GraphQLError(f"At most {self._limits.fragments} fragments.")]
        if repeats(node) > self._limits.repeats:
            return [GraphQLError("A field is repeated too often in one selection.")]
        errors = validate(self._schema, node, hide_suggestions=self._hide_suggestions)
        if errors:
            return errors
        document = _document(node)
        return list(self._excesses(document)) or document

    def _excesses(self, document: Document) -> list[GraphQLError]:
        excesses: list[GraphQLError] = []
        for name, shape in document.shapes.items():
            at = document.operations[name]
            if shape.depth > self._limits.depth:
                limit = self._limits.depth
                excesses.append(GraphQLError(f"The operation is deeper than {limit} fields.", at))
            if shape.aliases > self._limits.aliases:
                limit = self._limits.aliases
                excesses.append(GraphQLError(f"The operation has more than {limit} aliases.", at))
        return excesses


def _fragments(node: DocumentNode) -> int:
    """How many there are: validation compares each with each."""
    return sum(isinstance(one, FragmentDefinitionNode) for one in node.definitions)


def _document(node: DocumentNode) -> Document:
    operations: dict[str, OperationDefinitionNode] = {}
    fragments: dict[str, FragmentDefinitionNode] = {}
    for definition in node.definitions:
        if isinstance(definition, OperationDefinitionNode):
            operations[definition.name.value if definition.name else ""] = definition
        elif isinstance(definition, FragmentDefinitionNode):
            fragments[definition.name.value] = definition
    shapes = {name: measure(operation, fragments) for name, operation in operations.items()}
    return Document(node, operations, fragments, shapes)
