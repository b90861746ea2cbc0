"""Which trace a request belongs to, as its sender says (W3C Trace Context)."""

from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers
from starlette.types import Scope

_propagator = TraceContextTextMapPropagator()


def parent_of(scope: Scope) -> Context:
    """The context that the header `traceparent` names, or an empty one."""
    headers = Headers(scope=scope)
    carried = {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
    return _propagator.extract(carried, Context())
