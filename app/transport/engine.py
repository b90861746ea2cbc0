"""graphql-core's execution, typed: its own generics stay unknown to a strict checker."""

import inspect
from collections.abc import AsyncIterable
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

    def prepare(self, context: object) -> "Prepared | list[GraphQLError]":
        """A subscription whose variables were coerced; or the errors of that."""
        executor = _graphql.Executor.build(
            self.schema,
            self.document,
            context_value=context,
            raw_variable_values=self.variables,
            operation_name=self.operation_name,
            hide_suggestions=self.hide_suggestions,
        )
        return executor if _is_refusal(executor) else Prepared(executor)


@dataclass(frozen=True)
class Prepared:
    """A subscription: CreateSourceEventStream(), then ExecuteSubscriptionEvent() of each event."""

    _executor: Any

    async def open(self) -> AsyncIterable[Any] | list[GraphQLError]:
        """The source of events, or what kept it from being opened."""
        source: AsyncIterable[Any] | ExecutionResult
        source = _graphql.create_source_event_stream(self._executor)
        if inspect.isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            return source.errors or []
        return source

    async def execute(self, event: object, context: object) -> ExecutionResult:
        """One event, in a context of its own: loaders kept for hours serve stale rows."""
        executor = self._executor.build_per_event_executor(event)
        executor.context_value = context
        result = _graphql.execute_subscription_event(executor)
        return await result if inspect.isawaitable(result) else result


def _is_refusal(built: object) -> TypeGuard[list[GraphQLError]]:
    """Whether instead of an executor there are errors, as of variables not coerced."""
    return isinstance(built, list)
