"""GraphQL over HTTP: well-formedness, media types, status codes."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
from structlog.testing import LogCapture

from tests.transport.server import Serve, Site, tracebacks

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


def code(response: httpx.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


async def test_a_query_is_answered_with_its_cost(site: Site) -> None:
    response = await site.post("{ hello }")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "data": {"hello": "Hello, world"},
        "extensions": {"cost": {"requested": 1, "left": 1_999}},
    }


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.6", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"*/*, {GRAPHQL}", GRAPHQL),
        (f"{JSON};q=wrong, {GRAPHQL};q=0.1", GRAPHQL),
    ],
)
async def test_the_client_chooses_the_media_type(
    site: Site, accept: str | None, expected: str
) -> None:
    request = site.http.build_request("POST", "/graphql", json={"query": "{ hello }"})
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    response = await site.http.send(request)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", f"{JSON};q=0", "image/*"])
async def test_what_cannot_be_accepted_is_406(site: Site, accept: str) -> None:
    response = await site.post("{ hello }", headers={"Accept": accept})
    assert (response.status_code, code(response)) == (406, "BAD_REQUEST")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", f"{JSON}; charset=latin-1", ""],
)
async def test_other_bodies_than_json_are_415(site: Site, content_type: str) -> None:
    response = await site.http.post(
        "/graphql", content=b'{"query": "{ hello }"}', headers={"Content-Type": content_type}
    )
    assert response.status_code == 415
    assert JSON in response.json()["errors"][0]["message"]


async def test_a_body_without_a_content_type_is_415(site: Site) -> None:
    response = await site.http.post("/graphql", content=b'{"query": "{ hello }"}')
    assert response.status_code == 415


@pytest.mark.parametrize(
    "content_type", [JSON, f"{JSON}; charset=UTF-8", f'{JSON};charset="utf-8"']
)
async def test_json_in_utf_8_is_accepted(site: Site, content_type: str) -> None:
    response = await site.http.post(
        "/graphql",
        content='{"query": "{ hello(name: \\"Žofie 🏃\\") }"}'.encode(),
        headers={"Content-Type": content_type},
    )
    assert response.json()["data"] == {"hello": "Hello, Žofie 🏃"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
async def test_other_methods_are_405(site: Site, method: str) -> None:
    response = await site.http.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NONSENSE",
        b'{"query":',
        b'{"query": "\xff"}',
        b"[" * 5_000,
        b"1",
        b"null",
        b'"x"',
        b'[{"query": "{ hello }"}]',
        b'{"qeury": "{ hello }"}',
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": "{ hello }", "variables": [7]}',
        b'{"query": "{ hello }", "variables": "x"}',
        b'{"query": "{ hello }", "operationName": 1}',
        b'{"query": "{ hello }", "extensions": []}',
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_malformed_request_is_400(
    site: Site, logs: LogCapture, body: bytes, accept: str
) -> None:
    response = await site.http.post(
        "/graphql", content=body, headers={"Content-Type": JSON, "Accept": accept}
    )
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
    assert "data" not in response.json()
    assert not tracebacks(logs)


async def test_null_parameters_are_absent_ones(site: Site) -> None:
    nothing = {"variables": None, "operationName": None, "extensions": None, "unknown": 1}
    assert (await site.post("{ hello }", json=nothing)).json()["data"]


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("{", {}),
        ("{ nothing }", {}),
        ("query A { hello } query B { hello }", {}),
        ("query A { hello }", {"operationName": "B"}),
        ("query ($n: String!) { hello(name: $n) }", {"variables": {"n": None}}),
        ("query ($n: String!) { hello(name: $n) }", {"variables": {"n": 5}}),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }", {}),
        ("type A { b: Int }", {}),
        ("subscription { count(to: 1) }", {}),
    ],
)
async def test_a_request_error_has_no_data(
    site: Site, logs: LogCapture, query: str, more: dict[str, Any]
) -> None:
    for accept, status in ((JSON, 200), (GRAPHQL, 400)):
        response = await site.post(query, json=more, headers={"Accept": accept})
        assert (response.status_code, code(response)) == (status, "BAD_REQUEST")
        assert "data" not in response.json()
    assert not tracebacks(logs)


async def test_data_with_errors_is_a_partial_success(site: Site) -> None:
    for query, data in (
        ("{ ticket { subject broken } }", {"ticket": {"subject": "Printer", "broken": None}}),
        ("{ hello broken }", None),
    ):
        for accept, status in ((JSON, 200), (GRAPHQL, 294)):
            response = await site.post(query, headers={"Accept": accept})
            assert response.status_code == status
            assert response.json()["data"] == data
            assert "cost" in response.json()["extensions"]


async def test_a_bug_is_masked_and_logged_once(site: Site, logs: LogCapture) -> None:
    response = await site.post("{ broken }", headers={"X-Request-Id": "abc-1"})
    [error] = response.json()["errors"]
    assert error["message"] == "Internal error"
    assert error["path"] == ["broken"]
    assert error["locations"] == [{"line": 1, "column": 3}]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in response.text
    [entry] = tracebacks(logs)
    assert entry["incident"] == error["extensions"]["incident"]
    assert isinstance(entry["exc_info"], ValueError)
    assert (entry["request_id"], entry["endpoint"]) == ("abc-1", "desk")


async def test_a_deliberate_refusal_keeps_its_code(site: Site, logs: LogCapture) -> None:
    response = await site.post("{ forbidden }")
    [error] = response.json()["errors"]
    assert error["message"] == "The token has no scope for this."
    assert error["extensions"] == {"code": "FORBIDDEN"}
    assert not tracebacks(logs)
    assert logs.entries[-1]["log_level"] == "info"


async def test_a_crash_outside_of_resolvers_is_500(site: Site, logs: LogCapture) -> None:
    response = await site.post("{ hello }", headers={"Authorization": "Bearer crash-1"})
    assert (response.status_code, code(response)) == (500, "INTERNAL")
    assert "secret" not in response.text
    assert len(tracebacks(logs)) == 1


async def test_get_reads(site: Site) -> None:
    query = "query A($n: String!) { hello(name: $n) }"
    response = await site.http.get(
        "/graphql", params={"query": query, "variables": '{"n": "Anna"}', "operationName": "A"}
    )
    assert response.json()["data"] == {"hello": "Hello, Anna"}
    nameless = {"query": "{ hello }", "operationName": "", "extensions": "{}"}
    assert (await site.http.get("/graphql", params=nameless)).json()["data"]


async def test_get_does_not_write(site: Site) -> None:
    response = await site.http.get("/graphql", params={"query": "mutation { signIn }"})
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": "{ hello }", "variables": "{"},
        {"query": "{ hello }", "variables": "[]"},
        {"query": "{ hello }", "extensions": "1"},
    ],
)
async def test_a_malformed_get_is_400(site: Site, params: dict[str, str]) -> None:
    assert (await site.http.get("/graphql", params=params)).status_code == 400


async def test_a_large_body_is_413(site: Site) -> None:
    async def endless() -> AsyncGenerator[bytes]:
        yield b'{"query": "'
        for _ in range(200):
            yield b"x" * 10_000

    announced = await site.post("{ hello } #" + "x" * 2_000_000)
    streamed = await site.http.post("/graphql", content=endless(), headers={"Content-Type": JSON})
    assert announced.status_code == streamed.status_code == 413
    assert (await site.post("{ hello }")).status_code == 200


async def test_a_body_just_within_the_limit_is_read(site: Site) -> None:
    filler = {"extensions": {"filler": "x" * 1_000_000}}
    assert (await site.post("{ hello }", json=filler)).json()["data"]


async def test_a_request_id_is_taken_and_given_back(site: Site) -> None:
    sane = await site.post("{ hello }", headers={"X-Request-Id": "abc.DEF-1_2"})
    assert sane.headers["x-request-id"] == "abc.DEF-1_2"
    for odd in ("a b", "x" * 65, "a;b"):
        response = await site.post("{ hello }", headers={"X-Request-Id": odd})
        assert len(response.headers["x-request-id"]) == 32


async def test_a_resolver_may_set_a_cookie(site: Site) -> None:
    response = await site.post("mutation { signIn }")
    assert response.headers["set-cookie"].startswith("__Host-toy=good-1;")


async def test_the_explorer_is_for_people_in_development(serve: Serve) -> None:
    there, not_there = await serve(explorer=True), await serve()
    page = await there.http.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    query = await there.http.get(
        "/graphql", params={"query": "{ hello }"}, headers={"Accept": "text/html,*/*;q=0.8"}
    )
    assert query.json()["data"]
    refused = await not_there.http.get("/graphql", headers={"Accept": "text/html"})
    assert refused.status_code == 406
