"""What every answer has, whatever it is: origins, methods, request ids, no traceback."""

import pytest

from tests.files.site import LISTED, Site, bearer, code, path

FOREIGN = "https://elsewhere.example"


@pytest.mark.parametrize(("origin", "cookies"), [(LISTED, True), (FOREIGN, False)])
async def test_any_page_may_read_listed_ones_with_cookies(
    site: Site, origin: str, cookies: bool
) -> None:
    document = await site.document()
    answer = await site.fetch(document, Origin=origin)
    refusal = await site.http.get(path(document), headers={"Origin": origin})
    for one in (answer, refusal):
        allowed = one.headers["Access-Control-Allow-Origin"]
        assert allowed == (origin if cookies else "*")
        assert ("Access-Control-Allow-Credentials" in one.headers) is cookies
        assert "Content-Disposition" in one.headers["Access-Control-Expose-Headers"]
        assert "Origin" in one.headers["Vary"]


async def test_without_an_origin_there_is_nothing_to_allow(site: Site) -> None:
    answer = await site.fetch(await site.document())
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_preflight_says_what_may_be_sent(site: Site) -> None:
    headers = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    answer = await site.http.options("/files", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    answer = await site.http.options("/files/x", headers=headers)
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "Range" in answer.headers["Access-Control-Allow-Headers"]


async def test_other_methods_are_refused(site: Site) -> None:
    for method, at, allowed in (
        ("GET", "/files", "POST, OPTIONS"),
        ("DELETE", "/files/x", "GET, HEAD, OPTIONS"),
    ):
        answer = await site.http.request(method, at, headers=bearer(site.world.owner))
        assert answer.status_code == 405
        assert code(answer) == "METHOD_NOT_ALLOWED"
        assert answer.headers["Allow"] == allowed


async def test_a_request_keeps_its_id(site: Site) -> None:
    answer = await site.fetch(await site.document(), X_Request_Id="mine-1")
    assert answer.headers["X-Request-Id"] == "mine-1"
