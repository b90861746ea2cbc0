"""Puts the numbers into Prometheus' families when it asks; nothing is done in between."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

from app.metrics.sources import Sources
from realtime.tally import Latencies

PREFIX = "sportello_"


class DeskCollector(Collector):
    """One application's numbers."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        yield from self._connections()
        yield from self._feeds()
        yield from self._hints()
        yield from self._writes()
        yield from self._process()

    def _connections(self) -> Iterable[Metric]:
        connections = self._sources.connections
        kinds = ("endpoint", "transport")
        yield _gauges(
            "connections",
            "Live connections.",
            kinds,
            {(line.endpoint, line.transport): n for line, n in connections.open().items()},
        )
        yield _counters(
            "connections_opened",
            "Live connections since the start.",
            kinds,
            {(line.endpoint, line.transport): n for line, n in connections.opened.items()},
        )
        yield _counters(
            "connections_closed",
            "Ends of live connections, by close code; gone: the client went by itself.",
            (*kinds, "code"),
            {
                (line.endpoint, line.transport, code): n
                for (line, code), n in connections.closed.items()
            },
        )
        yield _gauge("frames_waiting", "Frames in outboxes, not sent yet.", connections.waiting())

    def _feeds(self) -> Iterable[Metric]:
        tally = self._sources.tally
        feeds = {(kind,): n for kind, n in tally.feeds.items()}
        yield _gauges("feeds", "Open feeds, by the field subscribed to.", ("kind",), feeds)
        yield _gauge("audiences", "Groups of feeds that share an execution.", tally.audiences)
        yield _counter("feed_events", "Changes that somebody watched.", tally.events)
        yield _counter(
            "feed_executions", "Documents executed for changes: once an audience.", tally.executions
        )
        yield _counter("feed_deliveries", "Frames of changes put into outboxes.", tally.deliveries)
        yield _counter(
            "feed_resets", "Feeds begun anew, their cursor not being replayable.", tally.resets
        )
        yield _counter(
            "gaps_repaired", "Changes found by position checks, no hint told.", tally.gaps_repaired
        )
        yield _histogram(
            "commit_to_frame_seconds",
            "From hearing of a commit to the frame in the outboxes.",
            tally.commit_to_frame,
        )

    def _hints(self) -> Iterable[Metric]:
        counts = self._sources.hints
        yield _counters(
            "hints",
            "Hints between processes.",
            ("state",),
            {
                ("published",): counts.published,
                ("received",): counts.received,
                ("dropped",): counts.dropped,
                ("garbage",): counts.garbage,
            },
        )
        yield _gauge("hints_flowing", "1 while hints flow.", self._sources.hints_flow())
        yield _counter("hint_failures", "Attempts with Redis that failed.", counts.failures)
        yield _counter("hint_outages", "Times hints ceased to flow.", counts.outages)
        yield _counter("hint_gaps", "Times hints may have been missed.", counts.gaps)

    def _writes(self) -> Iterable[Metric]:
        units = self._sources.units
        yield _counters(
            "refusals",
            "Mutations refused; TicketLocked and LockLost are contention for reply locks.",
            ("mutation", "refusal"),
            self._sources.refusals,
        )
        yield _counters(
            "units_of_work",
            "Transactions of actions.",
            ("outcome",),
            {(outcome,): n for outcome, n in units.outcomes.items()},
        )
        yield _histogram(
            "unit_of_work_seconds", "From BEGIN until after COMMIT or ROLLBACK.", units.durations
        )

    def _process(self) -> Iterable[Metric]:
        sources = self._sources
        yield _counters(
            "http_requests",
            "HTTP requests answered.",
            ("endpoint", "outcome"),
            sources.requests,
        )
        yield _gauge("tasks", "Tasks under way in the event loop.", len(asyncio.all_tasks()))
        yield _gauge("loop_lag_seconds", "How late the event loop is.", sources.lag.latest_s)
        yield _gauge(
            "loop_lag_worst_seconds", "The same, worst of ten seconds.", sources.lag.worst_s
        )
        yield _gauge(
            "costs_shared", "1 while processes count costs together.", sources.costs_shared()
        )
        yield _gauge(
            "claim_held", "1 while the claim on the database is held.", sources.claim_held()
        )


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(PREFIX + name, text, value=value)


def _gauges(
    name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, ...], int]
) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _counters(
    name: str, text: str, labels: Sequence[str], values: Mapping[tuple[str, ...], int]
) -> Metric:
    family = CounterMetricFamily(PREFIX + name, text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family


def _histogram(name: str, text: str, latencies: Latencies) -> Metric:
    family = HistogramMetricFamily(PREFIX + name, text)
    buckets = [
        ("+Inf" if bound == float("inf") else str(bound), count)
        for bound, count in latencies.cumulative()
    ]
    family.add_metric([], buckets, sum_value=latencies.total_s)
    return family
