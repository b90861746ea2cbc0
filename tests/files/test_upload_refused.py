"""Uploads that fail: what is malformed, what breaks off, and that nothing stays of it."""

import pytest
from obstore.store import S3Store
from structlog.testing import LogCapture

from actions import uploads
from app.files.storage import PART, Storage
from tests.files.forms import BOUNDARY, HEAD, assert_nothing_stays, connected, form, head, send
from tests.files.site import Site, World, code, eventually, serving, stored, unfinished

# --- malformed


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/mixed; boundary=x", "text/plain"]
)
async def test_only_multipart_forms_are_taken(site: Site, content_type: str) -> None:
    answer = await send(site, b"{}", **{"Content-Type": content_type})
    assert answer.status_code == 415
    assert code(answer) == "NOT_MULTIPART"
    assert answer.headers["Accept-Post"] == "multipart/form-data"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"", "MALFORMED_MULTIPART", id="empty body"),
        pytest.param(b"no boundary here", "MALFORMED_MULTIPART", id="no boundary"),
        pytest.param(f"--{BOUNDARY}--\r\n".encode(), "NO_FILE", id="no part"),
        pytest.param(form(f"{HEAD}\r\n\r\nx", end=""), "MALFORMED_MULTIPART", id="cut short"),
        pytest.param(form("Bad Header: x\r\n\r\nx"), "MALFORMED_MULTIPART", id="bad header"),
        pytest.param(form("X: " + "y" * 5000 + "\r\n\r\nx"), "MALFORMED_MULTIPART", id="long"),
        pytest.param(form("\r\nx"), "UNEXPECTED_PART", id="no headers"),
        pytest.param(
            form(HEAD.replace('"file"', '"photo"') + "\r\n\r\nx"), "UNEXPECTED_PART", id="other"
        ),
        pytest.param(
            form('Content-Disposition: form-data; name="file"\r\n\r\nx'),
            "NO_FILE_NAME",
            id="a field, not a file",
        ),
        pytest.param(
            form(HEAD.replace("a.txt", "") + "\r\n\r\nx"), "NO_FILE_NAME", id="empty name"
        ),
        pytest.param(
            form(f"{HEAD}\r\n\r\nx", "Content-Disposition: form-data\r\n\r\ny"),
            "UNEXPECTED_PART",
            id="after a good one",
        ),
    ],
)
async def test_a_malformed_form_is_refused_and_leaves_nothing(
    site: Site, content: bytes, expected: str
) -> None:
    answer = await send(site, content)
    assert answer.status_code == 400
    assert code(answer) == expected
    await assert_nothing_stays(site)


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "b" * 300])
async def test_a_form_needs_a_usable_boundary(site: Site, boundary: str) -> None:
    answer = await send(site, b"x", **{"Content-Type": "multipart/form-data" + boundary})
    assert answer.status_code == 400
    assert code(answer) == "MALFORMED_MULTIPART"


# --- senders that go away


@pytest.mark.parametrize("sent", [1000, 2 * PART + 1000], ids=["little", "parts"])
async def test_a_sender_who_leaves_leaves_nothing(
    world: World, storage: Storage, sent: int, request: pytest.FixtureRequest
) -> None:
    async with serving(world, storage) as site:
        _, writer = await connected(site)
        writer.write(head(site, length=50_000_000))
        writer.write(form(f"{HEAD}\r\n\r\nfirst", f"{HEAD}\r\n\r\n" + "x" * sent, end=""))
        await writer.drain()
        await eventually(lambda: bool(stored(storage)))
        writer.close()
        await eventually(lambda: not site.server.server_state.tasks)
        await assert_nothing_stays(site)
        if isinstance(storage._store, S3Store):
            assert not await unfinished(request.getfixturevalue("s3_server"))


async def test_a_sender_who_falls_silent_is_given_up(world: World, local_storage: Storage) -> None:
    async with serving(world, local_storage, patience_s=0.05) as site:
        reader, writer = await connected(site)
        writer.write(head(site, length=1000) + form(f"{HEAD}\r\n\r\nx", end=""))
        assert b" 408 " in await reader.readline()
        writer.close()
        await assert_nothing_stays(site)


async def test_bytes_go_when_their_rows_cannot_be_written(
    site: Site, logs: LogCapture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ConnectionError("no database")

    monkeypatch.setattr(uploads, "register", broken)
    answer = await site.post(("a.txt", b"a"))
    assert answer.status_code == 500
    [bug] = [entry for entry in logs.entries if entry["log_level"] == "error"]
    assert answer.json()["error"]["incident"] == bug["incident"]
    assert "database" not in answer.text
    logs.entries.remove(bug)
    await assert_nothing_stays(site)
