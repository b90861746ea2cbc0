"""Downloads over the wire: the bytes, how a browser may treat them, and what is written down."""

import asyncio
import tracemalloc
from typing import Any

import pytest
from structlog.testing import LogCapture

from app.files.storage import PIECE, Storage
from models.documents import DocumentAccess
from tests.files.site import Site, World, bearer, code, eventually, key, path, serving

ETAG = f'"{"5" * 64}"'


async def accesses() -> list[tuple[int, str]]:
    return [(one.document_id, one.caller) for one in await DocumentAccess.all().order_by("id")]


async def test_a_document_comes_whole_with_everything_a_browser_needs(site: Site) -> None:
    answer = await site.fetch(await site.document(b"Dear desk"))
    assert answer.status_code == 200
    assert answer.content == b"Dear desk"
    wanted = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Length": "9",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": "text/plain; charset=utf-8",
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": ETAG,
        "X-Content-Type-Options": "nosniff",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted


async def test_what_went_in_through_the_wire_comes_out_of_it(
    world: World, storage: Storage
) -> None:
    content = bytes(range(256)) * (3 * PIECE // 256) + b"end"
    async with serving(world, storage) as site:
        document = await site.document(content)
        assert (await site.fetch(document)).content == content
        answer = await site.fetch(document, Range=f"bytes={PIECE - 1}-")
        assert answer.content == content[PIECE - 1 :]


async def test_an_empty_document_is_sent_and_recorded(site: Site) -> None:
    document = await site.document(b"")
    answer = await site.fetch(document)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "0"
    assert (await site.fetch(document, Range="bytes=0-")).status_code == 416
    assert len(await accesses()) == 1


async def test_memory_does_not_grow_with_the_document(world: World, storage: Storage) -> None:
    async with serving(world, storage) as site:
        document = await site.document(b"\x00" * 50_000_000)
        received = 0
        tracemalloc.start()
        try:
            async with site.http.stream(
                "GET", path(document), headers=bearer(world.owner)
            ) as answer:
                async for chunk in answer.aiter_bytes():
                    received += len(chunk)
            downward = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert received == document.size
        assert downward < 10_000_000


async def test_who_stops_reading_leaves_no_trace_in_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    document = await site.document(b"x" * (20 * PIECE))
    host, _, port = site.host.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    asks = f"GET {path(document)} HTTP/1.1\r\nHost: {site.host}\r\n"
    writer.write(f"{asks}Authorization: Bearer {key(site.world.owner)}\r\n\r\n".encode())
    await reader.readline()
    writer.transport.abort()
    await eventually(lambda: not site.server.server_state.tasks)
    assert not [entry for entry in caplog.records if entry.exc_info]


# --- ranges


@pytest.mark.parametrize(
    ("range", "content", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
async def test_a_range_is_sent(site: Site, range: str, content: bytes, content_range: str) -> None:
    answer = await site.fetch(await site.document(), Range=range)
    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["Content-Range"] == content_range
    assert answer.headers["Content-Length"] == str(len(content))


@pytest.mark.parametrize("range", ["bytes=10-", "bytes=99-100", "bytes=-0"])
async def test_a_range_outside_the_file_is_refused(site: Site, range: str) -> None:
    answer = await site.fetch(await site.document(), Range=range)
    assert answer.status_code == 416
    assert code(answer) == "RANGE_NOT_SATISFIABLE"
    assert answer.headers["Content-Range"] == "bytes */10"
    assert await accesses() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,4-5"},
        {"Range": "bytes=5-2"},
        {"Range": "lines=0-1"},
        {"Range": f"bytes={'9' * 40}-"},
        {"Range": "bytes=0-1", "If_Range": '"another version"'},
        {"Range": "bytes=0-1", "If_Range": f"W/{ETAG}"},
        {"Range": "bytes=0-1", "If_Range": "Wed, 01 Jul 2026 12:00:00 GMT"},
    ],
    ids=str,
)
async def test_what_is_no_single_range_of_this_version_gets_the_whole(
    site: Site, headers: dict[str, Any]
) -> None:
    answer = await site.fetch(await site.document(), **headers)
    assert (answer.status_code, len(answer.content)) == (200, 10)


async def test_a_range_of_this_very_version_is_sent(site: Site) -> None:
    answer = await site.fetch(await site.document(), Range="bytes=0-1", If_Range=ETAG)
    assert answer.status_code == 206


@pytest.mark.parametrize("tags", [ETAG, f"W/{ETAG}", f'"other", {ETAG}', "*"])
async def test_who_has_it_is_told_so(site: Site, tags: str) -> None:
    document = await site.document()
    answer = await site.fetch(document, If_None_Match=tags)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == ETAG
    assert await accesses() == []
    assert (await site.fetch(document, If_None_Match='"other"')).status_code == 200


# --- how browsers may treat it


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", "inline"),
        ("image/jpeg", "inline"),
        ("image/gif", "inline"),
        ("image/webp", "inline"),
        ("application/pdf", "inline"),
        ("text/plain", "inline"),
        ("text/html", "attachment"),
        ("image/svg+xml", "attachment"),
        ("application/xhtml+xml", "attachment"),
        ("application/xml", "attachment"),
        ("application/octet-stream", "attachment"),
    ],
)
async def test_only_what_is_harmless_opens_in_the_browser(
    site: Site, media_type: str, kind: str
) -> None:
    answer = await site.fetch(await site.document(media_type=media_type))
    assert answer.headers["Content-Disposition"].startswith(f"{kind}; ")
    assert answer.headers["Content-Type"].startswith(media_type)
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_a_page_or_drawing_sent_in_never_opens_in_the_browser(site: Site) -> None:
    for content in (b"<!doctype html><p>x", b"<?xml version='1.0'?><svg onload='x()'/>"):
        [upload] = (await site.post(("photo.png", content, "image/png"))).json()["uploads"]
        document = await site.document(content, media_type=upload["mediaType"])
        answer = await site.fetch(document)
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert upload["mediaType"] in ("text/html", "image/svg+xml")


async def test_the_name_is_told_in_full_and_in_ascii(site: Site) -> None:
    answer = await site.fetch(await site.document(name='Età "1".txt'))
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=\"Eta _1_.txt\"; filename*=UTF-8''Et%C3%A0%20%221%22.txt"
    )


# --- what is written down


async def test_each_fetch_from_the_start_is_recorded(site: Site) -> None:
    document = await site.document()
    await site.fetch(document)
    await site.fetch(document, as_=site.world.contact, Range="bytes=0-3")
    assert await accesses() == [
        (document.id, key(site.world.owner)),
        (document.id, key(site.world.contact)),
    ]


async def test_a_part_is_recorded_once_however_it_is_asked_for(site: Site) -> None:
    document = await site.document()
    for start in (4, 1, 2):
        await site.fetch(document, Range=f"bytes={start}-7")
    assert await accesses() == [(document.id, key(site.world.owner))]


async def test_further_ranges_and_headers_alone_are_not_recorded(site: Site) -> None:
    document = await site.document()
    await site.fetch(document)
    await site.fetch(document, Range="bytes=4-7")
    answer = await site.fetch(document, method="HEAD", Range="bytes=4-7")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert len(await accesses()) == 1


async def test_bytes_that_are_lost_are_a_bug_of_ours(site: Site, logs: LogCapture) -> None:
    document = await site.document()
    await site.storage.delete(document.storage_key)
    answer = await site.fetch(document)
    assert answer.status_code == 500
    assert document.storage_key not in answer.text
    bugs: list[Any] = [entry for entry in logs.entries if entry["log_level"] == "error"]
    assert [bug["incident"] for bug in bugs] == [answer.json()["error"]["incident"]]
    logs.entries.remove(bugs[0])
    assert await accesses() == []
