"""Spans, as a collector gets them; and nothing of them without one."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app.settings import Settings, SettingsError
from app.telemetry import tracing_of
from tests.app.program import ROOT, free_port
from tests.support.site import Site, category, serving

SECRET = "what nobody may read in a trace"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(ThreadingHTTPServer):
    """Takes what is exported, as OTLP over HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Intake)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Span]:
        """All that came, in the order of their ends."""
        found: list[Span] = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                names = {one.key: one.value.string_value for one in resource.resource.attributes}
                assert names["service.name"] == "sportello"
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


class Intake(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        assert self.path == "/v1/traces"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.bodies.append(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def facts(span: Span) -> dict[str, object]:
    return {
        one.key: one.value.int_value if one.value.HasField("int_value") else one.value.string_value
        for one in span.attributes
    }


async def a_day(site: Site) -> None:
    """A query, a write that is announced, a refusal, a feed, a file that is not there."""
    mario = await site.sign_in("mario")
    answer = await site.http.post(
        "/client/graphql",
        json={"query": "query Me { viewer { name } }", "variables": {"unused": SECRET}},
        headers={
            "Authorization": f"Bearer {mario.token}",
            "traceparent": f"00-{TRACE}-{PARENT}-01",
        },
    )
    assert answer.json()["data"]["viewer"]
    category_id = await category(mario, "Rinnovo permesso")
    opened = await mario.do(
        "ticketOpen",
        "... on TicketOpened { ticket { id } }",
        categoryId=category_id,
        subject=SECRET,
        body=SECRET,
    )
    refused = await mario.do("messagePost", ticketId=opened["ticket"]["id"], body=SECRET * 10_000)
    assert refused["__typename"] == "InvalidInput"
    async with mario.live() as socket:
        feed = await socket.subscribe(
            "subscription Watch ($id: ID!) { ticketEvents(ticketId: $id) { __typename } }",
            id=opened["ticket"]["id"],
        )
        await feed.next()
    await site.http.get(f"/files/{SECRET}?secret={SECRET}")
    await site.http.get("/health/ready")


async def test_what_a_collector_gets(settings: Settings, collector: Collector) -> None:
    async with serving(replace(settings, otlp_endpoint=collector.url)) as site:
        await a_day(site)
    spans = collector.spans()
    by_id = {span.span_id: span for span in spans}
    named = {span.name: span for span in spans}
    assert {
        "POST /client/graphql",
        "query Me",
        "mutation",
        "subscription Watch",
        "unit of work",
        "publish hint",
        "GET /files/{id}",
    } <= named.keys()
    assert not [name for name in named if "health" in name]

    me = named["query Me"]
    assert facts(me) == {"graphql.operation.type": "query", "graphql.operation.name": "Me"}
    request = by_id[me.parent_span_id]
    assert facts(request) == {
        "http.request.method": "POST",
        "http.route": "/client/graphql",
        "http.response.status_code": 200,
    }
    assert request.kind == Span.SPAN_KIND_SERVER
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)

    outcomes = [facts(span)["sportello.outcome"] for span in spans if span.name == "unit of work"]
    assert "committed" in outcomes
    published = facts(named["publish hint"])
    assert published == {"sportello.event": "TicketWritten"}
    unit = next(span for span in spans if span.name == "unit of work" and span.parent_span_id)
    assert by_id[unit.parent_span_id].name == "mutation"
    assert unit.end_time_unix_nano >= unit.start_time_unix_nano
    assert not [body for body in collector.bodies if SECRET.encode() in body]


async def test_a_collector_that_is_away(settings: Settings) -> None:
    """Nobody waits for it, nobody hears of it but the log."""
    nobody = f"http://127.0.0.1:{free_port()}"
    async with serving(replace(settings, otlp_endpoint=nobody)) as site:
        await a_day(site)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("app.telemetry.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingsError, match=r"pip install 'sportello\[telemetry\]'"):
        tracing_of(Settings(otlp_endpoint="http://collector:4318"))
    assert tracing_of(Settings()) is None


def test_nothing_is_imported_without_a_collector(tmp_path: Path) -> None:
    program = """
import sys
from app.settings import Settings
from app.web import build
build(Settings())
unwanted = "opentelemetry.exporter", "opentelemetry.sdk.trace", "app.telemetry.tracing"
sys.stdout.write(str([one for one in unwanted if one in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    # redis-py imports a part of OpenTelemetry by itself, where it is installed.
    assert done.stdout == "[]"
