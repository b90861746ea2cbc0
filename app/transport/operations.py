"""One operation on its way through the server: prepared, charged, run."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from graphql import ExecutionResult, OperationDefinitionNode, OperationType

from app.transport.bucket import Bucket, Dry
from app.transport.cost import static_cost
from app.transport.documents import Document
from app.transport.endpoint import Ask, Caller, Endpoint
from app.transport.engine import Execution
from app.transport.errors import (
    Code,
    RequestError,
    described,
    is_request_error,
    refused,
)
from app.transport.parameters import Parameters


@dataclass(frozen=True)
class Operation:
    """An operation of a valid document, within the limits."""

    endpoint: Endpoint
    document: Document
    node: OperationDefinitionNode
    parameters: Parameters
    cost: int

    @property
    def kind(self) -> OperationType:
        return self.node.operation

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def execution(self) -> Execution:
        return Execution(
            schema=self.endpoint.schema,
            document=self.document.node,
            operation_name=self.name,
            variables=self.parameters.variables,
            hide_suggestions=self.endpoint.hides_schema,
        )


def prepare(endpoint: Endpoint, caller: Caller | None, parameters: Parameters) -> Operation:
    """Parse, validate, pick the operation and measure it; raises `RequestError`."""
    document = endpoint.documents.find(parameters.query)
    name = document.name_of(parameters.operation_name)
    if document.shapes[name].introspects and caller is None and endpoint.hides_schema:
        raise refused(Code.BAD_REQUEST, "Introspection is for signed-in callers.")
    node = document.operations[name]
    limits = endpoint.limits
    cost = static_cost(endpoint.schema, document, node, parameters.variables, limits)
    # What no bucket of this caller ever holds would be "try again later" for ever.
    most = min(limits.cost, limits.bucket if caller else limits.anonymous_bucket)
    if cost > most:
        raise refused(
            Code.COST_EXCEEDED,
            f"The operation costs {cost} points, {most} are allowed: ask for smaller pages.",
            cost={"requested": cost, "allowed": most},
        )
    return Operation(endpoint, document, node, parameters, cost)


async def charge(
    operation: Operation, bucket: Bucket, caller: Caller | None, ask: Ask
) -> dict[str, int]:
    """Take the cost from the caller's bucket; the answer is `extensions.cost`.

    Raises `RequestError` when there is not enough left.
    """
    limits = operation.endpoint.limits
    if caller:
        key, capacity, rate = f"caller:{caller.key}", limits.bucket, limits.refill
    else:
        key, capacity, rate = (
            f"address:{ask.address}",
            limits.anonymous_bucket,
            limits.anonymous_refill,
        )
    taken = await bucket.take(f"{operation.endpoint.name}:{key}", operation.cost, capacity, rate)
    if isinstance(taken, Dry):
        seconds = max(1, ceil(taken.retry_after))
        raise refused(
            Code.RATE_LIMITED,
            f"Too much was asked for in a short time: try again in {seconds} s.",
            headers={"Retry-After": str(seconds)},
            retryAfter=seconds,
        )
    return {"requested": operation.cost, "left": taken.points}


async def run(operation: Operation, context: object) -> ExecutionResult:
    """Execute a query or a mutation; raises `RequestError` when nothing was executed."""
    with operation.endpoint.around(operation.kind.value, operation.name):
        result = await operation.execution.run(context)
    if result.data is None and result.errors and any(map(is_request_error, result.errors)):
        raise RequestError(described(result.errors))
    return result


def response(result: ExecutionResult, cost: dict[str, int] | None = None) -> dict[str, Any]:
    """The GraphQL response of an execution; subscriptions are charged once and say no cost."""
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = described(result.errors)
    if cost:
        body["extensions"] = {"cost": cost}
    return body
