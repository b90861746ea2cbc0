"""Spans of requests, operations, units of work and announcements, sent by OTLP over HTTP.

They tell what kind of thing was done and how long it took: never a variable, a text, a token, an
id in a path or the message of an exception.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions.events import Happened
from actions.unit_of_work import Ended
from app.metrics.requests import endpoint_of
from app.metrics.units import outcome_of
from app.telemetry.parents import parent_of

Announce = Callable[[Happened], Awaitable[None]]

METHODS = frozenset({"GET", "POST", "OPTIONS", "HEAD", "PUT", "PATCH", "DELETE"})
UNTRACED = ("/health/", "/metrics")
"""Asked every few seconds by machines."""
PATH_OF_TRACES = "/v1/traces"
FLUSH_S = 2.0
"""For the last spans, at the end: a collector that is away keeps nobody."""


class Tracing:
    """One application's; it sends from a thread of its own."""

    def __init__(self, collector: str) -> None:
        self._exporter = OTLPSpanExporter(endpoint=collector.rstrip("/") + PATH_OF_TRACES)
        self._provider = TracerProvider(
            resource=Resource.create({SERVICE_NAME: "sportello"}), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("sportello")

    @property
    def middleware(self) -> list[Middleware]:
        """What goes around the application."""
        return [Middleware(TracedRequests, tracing=self)]

    async def stop(self) -> None:
        """Send what is left, if the collector takes it soon."""
        flushing = asyncio.create_task(asyncio.to_thread(self._provider.force_flush))
        await asyncio.wait([flushing], timeout=FLUSH_S)
        self._exporter.shutdown()  # ends its waiting between attempts
        await asyncio.to_thread(self._provider.shutdown)
        await flushing

    @contextmanager
    def operation(self, kind: str, name: str | None) -> Generator[None]:
        """Around a GraphQL operation: `query`, `mutation` or `subscription`, and its name."""
        attributes = {"graphql.operation.type": kind}
        if name:
            attributes["graphql.operation.name"] = name
        with self._current(f"{kind} {name}" if name else kind, attributes):
            yield

    def unit(self, ended: Ended) -> None:
        """Of a unit of work that is over, within whatever began it."""
        span = self._tracer.start_span("unit of work", start_time=ended.began_ns)
        span.set_attribute("sportello.outcome", outcome_of(ended))
        if ended.error is not None:
            span.set_attribute("error.type", type(ended.error).__name__)
        span.end(ended.began_ns + int(ended.seconds * 1e9))

    def announcing(self, announce: Announce) -> Announce:
        """The same listener, in a span."""

        async def traced(event: Happened) -> None:
            attributes = {"sportello.event": type(event).__name__}
            with self._current("publish hint", attributes, SpanKind.PRODUCER):
                await announce(event)

        return traced

    @contextmanager
    def request(self, method: str, parent: Context | None) -> Generator[Span]:
        """Around an HTTP request."""
        attributes = {"http.request.method": method}
        with self._current(method, attributes, SpanKind.SERVER, parent) as span:
            yield span

    @contextmanager
    def _current(
        self,
        name: str,
        attributes: dict[str, str],
        kind: SpanKind = SpanKind.INTERNAL,
        parent: Context | None = None,
    ) -> Generator[Span]:
        with self._tracer.start_as_current_span(
            name,
            parent,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise


class TracedRequests:
    """Around the application: a span for every HTTP request but those of machines."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self._app = app
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNTRACED):
            await self._app(scope, receive, send)
            return
        with self._tracing.request(_method(scope), parent_of(scope)) as span:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                await send(message)

            try:
                await self._app(scope, receive, watched)
            finally:
                route = endpoint_of(scope)
                span.set_attribute("http.route", route)
                span.update_name(f"{_method(scope)} {route}")


def _method(scope: Scope) -> str:
    """One of the few that there are: anybody may send any word."""
    return scope["method"] if scope["method"] in METHODS else "_OTHER"
