"""graphql-core's execution, typed: its own generics stay unknown to a strict checker."""

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from dataclasses import dataclass
from typing import Any, TypeGuard

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, execution

_graphql: Any = execution


@dataclass(frozen=True)
class Execution:
    """The arguments of ExecuteRequest() in the GraphQL specification."""

    schema: GraphQLSchema
    document: DocumentNode
    operation_name: str | None
    variables: dict[str, Any]
    hide_suggestions: bool

    async def run(self, context: object) -> ExecutionResult:
        """Execute a query or a mutation."""
        result = _graphql.execute(
            self.schema,
            self.document,
            context_value=context,
            variable_values=self.variables,
            operation_name=self.operation_name,
            hide_suggestions=self.hide_suggestions,
        )
        return await result if inspect.isawaitable(result) else result

    async def open(
        self, context: Callable[[], object]
    ) -> AsyncGenerator[ExecutionResult, None] | list[GraphQLError]:
        """Open a subscription; every event is executed in a context of its own."""
        executor = _graphql.Executor.build(
            self.schema,
            self.document,
            context_value=context(),
            raw_variable_values=self.variables,
            operation_name=self.operation_name,
            hide_suggestions=self.hide_suggestions,
        )
        if _is_refusal(executor):
            return executor
        source: AsyncIterable[Any] | ExecutionResult
        source = _graphql.create_source_event_stream(executor)
        if inspect.isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            return source.errors or []

        def execute_event(event: Any) -> Any:
            event.context_value = context()
            return _graphql.execute_subscription_event(event)

        return _graphql.map_source_to_response_event(executor, source, execute_event)


def _is_refusal(built: object) -> TypeGuard[list[GraphQLError]]:
    """Whether instead of an executor there are errors, as of variables not coerced."""
    return isinstance(built, list)
