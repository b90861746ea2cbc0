"""Bearer tokens, cookies, and what pages of other origins may do."""

import httpx
import pytest
from structlog.testing import LogCapture

from tests.transport.server import Serve, Site, tracebacks

LISTED, FOREIGN = "https://app.example", "https://evil.example"
COOKIE = {"Cookie": "__Host-toy=good-1"}
VIEWER = {"query": "{ viewer }"}


def viewer(response: httpx.Response) -> str | None:
    assert response.status_code == 200
    return response.json()["data"]["viewer"]


async def test_who_is_asking(site: Site) -> None:
    bearer = {"Authorization": "Bearer good-2"}
    assert viewer(await site.post("{ viewer }")) is None
    assert viewer(await site.post("{ viewer }", headers=bearer)) == "good-2"
    assert viewer(await site.post("{ viewer }", headers=COOKIE)) == "good-1"
    assert viewer(await site.post("{ viewer }", headers=bearer | COOKIE)) == "good-2"


@pytest.mark.parametrize("value", ["Bearer bad", "Bearer", "Basic good-1", "good-1", ""])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_bad_credential_fails_the_whole_request(
    site: Site, logs: LogCapture, value: str, accept: str
) -> None:
    headers = {"Authorization": value, "Accept": accept} | COOKIE
    response = await site.post("{ viewer }", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert "set-cookie" not in response.headers
    assert not tracebacks(logs)


async def test_a_stale_cookie_is_taken_away(site: Site) -> None:
    response = await site.post("{ viewer }", headers={"Cookie": "__Host-toy=old"})
    assert response.status_code == 401
    assert response.headers["set-cookie"] == (
        "__Host-toy=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax"
    )


async def test_a_cookie_is_for_our_own_pages(serve: Serve) -> None:
    for site in (
        await serve(origins=frozenset({LISTED})),
        await serve(origins=frozenset({LISTED}), any_origin=True),
    ):
        for origin in (f"http://{site.host}", f"https://{site.host}", LISTED):
            response = await site.post("{ viewer }", headers=COOKIE | {"Origin": origin})
            assert viewer(response) == "good-1"
        for origin in (FOREIGN, "null", ""):
            response = await site.post("{ viewer }", headers=COOKIE | {"Origin": origin})
            assert response.status_code == 403
            assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_get_with_a_cookie_shows_that_no_foreign_page_made_it(site: Site) -> None:
    async def get(**headers: str) -> httpx.Response:
        sent = COOKIE | {name.replace("_", "-"): value for name, value in headers.items()}
        return await site.http.get("/graphql", params=VIEWER, headers=sent)

    assert viewer(await get(Sec_Fetch_Site="same-origin")) == "good-1"
    assert viewer(await get(Sec_Fetch_Site="none")) == "good-1"
    assert viewer(await get(X_Requested_With="sportello")) == "good-1"
    assert viewer(await get(Origin=f"http://{site.host}")) == "good-1"
    for refused in (await get(), await get(Sec_Fetch_Site="cross-site")):
        assert refused.status_code == 403
    assert viewer(await site.http.get("/graphql", params=VIEWER)) is None


def shared(response: httpx.Response) -> tuple[str | None, str | None]:
    assert "Origin" in response.headers["vary"]
    return (
        response.headers.get("access-control-allow-origin"),
        response.headers.get("access-control-allow-credentials"),
    )


async def test_what_other_origins_may_read(serve: Serve) -> None:
    desk = await serve(origins=frozenset({LISTED}))
    client = await serve(origins=frozenset({LISTED}), any_origin=True)
    for site, foreign in ((desk, (None, None)), (client, ("*", None))):
        for origin, expected in ((LISTED, (LISTED, "true")), (FOREIGN, foreign)):
            asked = {"Origin": origin}
            preflight = {
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            }
            answer = await site.http.options("/graphql", headers=asked | preflight)
            assert answer.status_code == 204
            assert shared(answer) == expected
            assert ("access-control-allow-headers" in answer.headers) == bool(expected[0])
            assert shared(await site.post("{ hello }", headers=asked)) == expected
            # What fails must be readable too.
            bad = await site.post("{ hello }", headers=asked | {"Authorization": "Bearer bad"})
            assert (bad.status_code, shared(bad)) == (401, expected)
    assert shared(await client.post("{ hello }")) == (None, None)
    assert (await desk.http.options("/graphql")).headers["allow"] == "GET, POST, OPTIONS"
