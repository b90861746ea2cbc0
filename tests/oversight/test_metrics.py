"""`/metrics` of a running desk: who gets it, and that it counts what happened."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from app.live import Live
from app.settings import Settings
from app.web import build
from realtime.tally import Latencies
from tests.support.redis_server import RedisServer
from tests.support.site import CLIENT, Client, Site, category, serving

TOKEN = "a-token-for-prometheus"
Numbers = dict[str, float]
WEBSOCKET = 'endpoint="desk",transport="websocket"'
OPENED = "... on TicketOpened { ticket { id } }"


async def numbers(site: Site) -> Numbers:
    """Every sample, by name and labels in order, without our prefix."""
    answer = await site.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found: Numbers = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            name = sample.name.removeprefix("sportello_")
            found[f"{name}{{{labels}}}" if labels else name] = sample.value
    return found


async def until(site: Site, true: Callable[[Numbers], bool]) -> Numbers:
    for _ in range(600):
        found = await numbers(site)
        if true(found):
            return found
        await asyncio.sleep(0.05)
    pytest.fail("it never became true")


async def test_connections(site: Site) -> None:
    anna = await site.sign_in("anna")
    assert f"connections{{{WEBSOCKET}}}" not in await numbers(site)
    async with anna.live() as one, anna.live():
        found = await numbers(site)
        assert found[f"connections{{{WEBSOCKET}}}"] == 2
        assert found["frames_waiting"] == 0
        await one.send({"type": "connection_init"})
        assert await one.closed() == 4429
        await until(site, lambda now: now[f"connections{{{WEBSOCKET}}}"] == 1)
    found = await until(site, lambda now: now[f"connections{{{WEBSOCKET}}}"] == 0)
    assert found[f"connections_opened_total{{{WEBSOCKET}}}"] == 2
    closed = 'connections_closed_total{{code="{}",' + WEBSOCKET + "}}"
    assert (found[closed.format(4429)], found[closed.format("gone")]) == (1, 1)


async def test_requests(site: Site) -> None:
    anna = await site.sign_in("anna")
    await anna.run("{ viewer { name } }")
    await anna.post("{ viewer {")
    await site.anonymous().post("{ tickets { totalCount } }")
    await Client(site.http, site.host, CLIENT, "nobody's").post("{ viewer { name } }")
    await site.http.get("/files/5?token=secret")
    await site.http.get("/somewhere/else")
    found = await numbers(site)
    counted = {
        name.removeprefix("http_requests_total"): value
        for name, value in found.items()
        if name.startswith("http_requests_total")
    }
    assert counted == {
        '{endpoint="/graphql",outcome="ok"}': 1,
        '{endpoint="/graphql",outcome="bad_request"}': 1,
        '{endpoint="/graphql",outcome="partial"}': 1,
        '{endpoint="/client/graphql",outcome="unauthenticated"}': 1,
        '{endpoint="/files/{id}",outcome="refused"}': 1,
        '{endpoint="none",outcome="refused"}': 1,
    }
    assert (await numbers(site))['http_requests_total{endpoint="/metrics",outcome="ok"}'] == 1


async def test_writes_and_contention(site: Site) -> None:
    mario, anna, bruno = [await site.sign_in(one) for one in ("mario", "anna", "bruno")]
    before = await numbers(site)
    category_id = await category(mario, "Rinnovo permesso")
    ticket = (
        await mario.do(
            "ticketOpen", OPENED, categoryId=category_id, subject="Refund", body="<p>When?</p>"
        )
    )["ticket"]["id"]
    assert (await anna.do("replyLockAcquire", ticketId=ticket))["__typename"] == "ReplyLockHeld"
    for _ in range(3):
        refused = await bruno.do("replyLockAcquire", ticketId=ticket)
        assert refused["__typename"] == "TicketLocked"
    found = await numbers(site)

    def grown(name: str) -> float:
        return found[name] - before.get(name, 0)

    assert grown('refusals_total{mutation="replyLockAcquire",refusal="TicketLocked"}') == 3
    assert grown('units_of_work_total{outcome="committed"}') == 2
    assert grown('units_of_work_total{outcome="refused"}') == 3
    assert grown("unit_of_work_seconds_count") == 5
    assert grown('unit_of_work_seconds_bucket{le="+Inf"}') == 5
    # Of the ticket twice, and to each of two members of its department that there is a new one.
    assert grown('hints_total{state="published"}') == 4
    await until(
        site,
        lambda now: now['hints_total{state="received"}'] == now['hints_total{state="published"}'],
    )
    assert found["hints_flowing"] == 1
    assert (found["hint_outages_total"], found["claim_held"], found["costs_shared"]) == (0, 1, 0)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Live]:
    """The live layers that were built."""
    found: list[Live] = []
    build = Live.build

    def kept(*given: Any) -> Live:
        found.append(build(*given))
        return found[-1]

    monkeypatch.setattr(Live, "build", kept)
    return found


async def test_the_tally(built: list[Live], site: Site) -> None:
    """Whatever is counted there is told."""
    before, tally = await numbers(site), built[-1].tally
    tally.audiences += 2
    tally.events += 3
    tally.executions += 6
    tally.deliveries += 300
    tally.gaps_repaired += 1
    tally.resets += 1
    tally.commit_to_frame.observe(0.003)
    with tally.feed("ticketEvents"), tally.feed("ticketEvents"), tally.feed("notificationAdded"):
        found = await numbers(site)
    grown = {name: value - before.get(name, 0) for name, value in found.items()}
    assert grown['feeds{kind="ticketEvents"}'] == 2
    assert grown['feeds{kind="notificationAdded"}'] == 1
    assert (await numbers(site))['feeds{kind="notificationAdded"}'] == 0
    assert [
        grown["audiences"],
        grown["feed_events_total"],
        grown["feed_executions_total"],
        grown["feed_deliveries_total"],
        grown["gaps_repaired_total"],
        grown["feed_resets_total"],
    ] == [2, 3, 6, 300, 1, 1]
    assert grown['commit_to_frame_seconds_bucket{le="0.0025"}'] == 0
    assert grown['commit_to_frame_seconds_bucket{le="0.005"}'] == 1
    assert grown["commit_to_frame_seconds_sum"] == pytest.approx(0.003)


def test_buckets() -> None:
    latencies = Latencies((1.0, 2.0))
    for seconds in (0.5, 1.0, 1.5, 9.0):
        latencies.observe(seconds)
    assert latencies.cumulative() == [(1.0, 2), (2.0, 3), (float("inf"), 4)]
    assert (latencies.count, latencies.total_s) == (4, 12.0)


async def test_redis_goes_and_comes(settings: Settings, redis: RedisServer) -> None:
    async with serving(replace(settings, redis_url=redis.url)) as site:
        anna = await site.sign_in("anna")
        await anna.run("{ viewer { name } }")
        found = await numbers(site)
        assert (found["hints_flowing"], found["costs_shared"]) == (1, 1)
        redis.kill()
        await anna.run("{ viewer { name } }")
        found = await until(site, lambda now: now["hints_flowing"] == 0)
        assert (found["hint_outages_total"], found["costs_shared"]) == (1, 0)
        redis.ready()
        await until(site, lambda now: now["hints_flowing"] == 1)
        for _ in range(600):
            await anna.run("{ viewer { name } }")
            if (await numbers(site))["costs_shared"] == 1:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("costs are never counted together again")


@asynccontextmanager
async def asking(app: Starlette, address: str) -> AsyncGenerator[httpx.AsyncClient]:
    """From an address that no test has; what is asked needs no database."""
    transport = httpx.ASGITransport(app, client=(address, 4321))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        yield client


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
async def test_without_a_token_for_this_machine(desk_settings: Settings, address: str) -> None:
    app = build(desk_settings)
    async with asking(app, address) as client:
        assert (await client.get("/metrics")).status_code == 200
        for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"):
            answer = await client.get("/metrics", headers={header: "127.0.0.1"})
            assert (answer.status_code, "sportello" in answer.text) == (404, False)


@pytest.mark.parametrize("address", ["10.0.0.5", "192.168.1.1", "2001:db8::1", "testclient"])
async def test_without_a_token_for_nobody_else(desk_settings: Settings, address: str) -> None:
    async with asking(build(desk_settings), address) as client:
        answer = await client.get("/metrics")
        assert (answer.status_code, answer.text) == (404, "Not Found")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5"])
async def test_with_a_token(desk_settings: Settings, address: str) -> None:
    async with asking(build(replace(desk_settings, metrics_token=TOKEN)), address) as client:
        for given in ({}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}):
            answer = await client.get("/metrics", headers=given)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert not answer.content
        for scheme in ("Bearer", "bearer"):
            given = {"Authorization": f"{scheme} {TOKEN}", "X-Forwarded-For": "10.0.0.9"}
            assert (await client.get("/metrics", headers=given)).status_code == 200


@pytest.fixture
def desk_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a desk that is not started."""
    monkeypatch.chdir(tmp_path)
    return Settings()
