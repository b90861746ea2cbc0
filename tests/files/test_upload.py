"""Uploads over the wire: what arrives, what is refused, and that a refusal leaves nothing."""

import hashlib
import tracemalloc
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest

from actions import uploads
from app.files.storage import Storage
from models.desk import Desk
from models.documents import Upload
from tests.files.forms import BOUNDARY, FORM, HEAD, assert_nothing_stays, connected, form, head
from tests.files.site import (
    LISTED,
    Site,
    World,
    bearer,
    caller_named,
    code,
    key,
    serving,
    stored,
)


async def test_a_file_is_stored_measured_and_registered(site: Site) -> None:
    content = b"Dear desk, " * 1000
    answer = await site.post(("letter.txt", content))
    assert answer.status_code == 201
    [upload] = answer.json()["uploads"]
    row = await Upload.get(id=upload["id"])
    assert upload == {
        "id": str(UUID(upload["id"])),
        "name": "letter.txt",
        "size": len(content),
        "mediaType": "text/plain",
        "sha256": hashlib.sha256(content).hexdigest(),
        "expiresAt": (row.created_at + timedelta(hours=24)).isoformat(),
    }
    assert datetime.fromisoformat(upload["expiresAt"]).tzinfo is not None
    assert row.owner == key(site.world.owner)
    chunks = await site.storage.range(row.storage_key, 0, row.size)
    assert b"".join([chunk async for chunk in chunks]) == content


async def test_what_was_uploaded_can_be_used_by_who_sent_it_alone(site: Site) -> None:
    answer = await site.post(("a.txt", b"a"), ("b.txt", b"b"), as_=site.world.contact)
    ids = [upload["id"] for upload in answer.json()["uploads"]]
    sender = await caller_named(key(site.world.contact))
    other = await caller_named(key(site.world.colleague))
    assert sender is not None
    assert other is not None
    assert [one.name for one in await uploads.usable(sender, ids)] == ["a.txt", "b.txt"]
    with pytest.raises(Exception, match="No such upload"):
        await uploads.usable(other, ids)


async def test_the_content_decides_what_a_file_is(site: Site) -> None:
    answer = await site.post(("holiday.jpg", b"<html><script>alert(1)</script>", "image/jpeg"))
    assert answer.json()["uploads"][0]["mediaType"] == "text/html"


async def test_an_empty_file_is_a_file(site: Site) -> None:
    [upload] = (await site.post(("empty.txt", b""))).json()["uploads"]
    assert upload["size"] == 0
    assert upload["sha256"] == hashlib.sha256().hexdigest()


async def test_a_name_in_other_letters_is_kept(site: Site) -> None:
    answer = await site.post(("../../документ №1.pdf", b"%PDF-1.7"))
    assert answer.json()["uploads"][0]["name"] == "документ №1.pdf"


async def test_a_body_without_a_length_is_read_as_it_comes(site: Site) -> None:
    async def slowly() -> AsyncGenerator[bytes]:
        for byte in form(f"{HEAD}\r\n\r\nbyte by byte"):
            yield bytes([byte])

    answer = await site.http.post(
        "/files", content=slowly(), headers=bearer(site.world.owner) | FORM
    )
    assert answer.json()["uploads"][0]["size"] == len("byte by byte")


# --- limits


async def test_a_file_over_the_limit_is_refused_and_leaves_nothing(site: Site) -> None:
    await Desk.filter(id=1).update(upload_limit_bytes=1000)
    assert (await site.post(("fits.bin", b"x" * 1000))).status_code == 201
    await remove_all(site)
    answer = await site.post(("fits.bin", b"x" * 1000), ("big.bin", b"x" * 1001))
    assert answer.status_code == 413
    assert code(answer) == "FILE_TOO_LARGE"
    assert "1,000 bytes" in answer.json()["error"]["message"]
    assert answer.json()["error"]["limitBytes"] == 1000
    await assert_nothing_stays(site)


async def remove_all(site: Site) -> None:
    for upload in await Upload.all():
        await site.storage.delete(upload.storage_key)
        await upload.delete()


async def test_what_is_announced_too_large_is_not_read(site: Site) -> None:
    await Desk.filter(id=1).update(upload_limit_bytes=1000)
    reader, writer = await connected(site)
    writer.write(head(site, length=10_000_000))
    assert b" 413 " in await reader.readline()
    writer.close()
    await assert_nothing_stays(site)


async def test_twenty_files_are_taken_and_one_more_is_too_many(site: Site) -> None:
    files = [(f"{n}.txt", b"x") for n in range(21)]
    assert len((await site.post(*files[:20])).json()["uploads"]) == 20
    assert code(await site.post(*files)) == "TOO_MANY_FILES"
    assert len(stored(site.storage)) == await Upload.all().count() == 20


async def test_memory_does_not_grow_with_the_file(world: World, storage: Storage) -> None:
    size, chunk = 50_000_000, b"\x00" * 65536
    async with serving(world, storage) as site:

        async def body() -> AsyncGenerator[bytes]:
            yield f"--{BOUNDARY}\r\n{HEAD}\r\n\r\n".encode()
            for _ in range(size // len(chunk)):
                yield chunk
            yield f"\r\n--{BOUNDARY}--\r\n".encode()

        tracemalloc.start()
        try:
            answer = await site.http.post(
                "/files", content=body(), headers=bearer(world.owner) | FORM
            )
            upward = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert answer.json()["uploads"][0]["size"] == size // len(chunk) * len(chunk)
        assert upward < 10_000_000


# --- who may


async def test_without_a_valid_credential_nothing_is_read(site: Site) -> None:
    for headers in ({}, {"Authorization": "Bearer stale"}, {"Authorization": "Basic eDp5"}):
        answer = await site.http.post("/files", headers=headers | FORM, content=b"x")
        assert answer.status_code == 401
        assert code(answer) == "UNAUTHENTICATED"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def cookie(site: Site, **headers: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"Cookie": f"desk={key(site.world.owner)}"} | named


async def by_cookie(site: Site, **headers: str) -> httpx.Response:
    files = [("file", ("a.txt", b"a"))]
    return await site.http.post("/files", files=files, headers=cookie(site, **headers))


async def test_a_cookie_needs_a_header_no_form_can_send(site: Site) -> None:
    answer = await by_cookie(site)
    assert answer.status_code == 403
    assert "X-Requested-With: sportello" in answer.json()["error"]["message"]
    assert (await by_cookie(site, X_Requested_With="XMLHttpRequest")).status_code == 403
    assert (await by_cookie(site, X_Requested_With="sportello")).status_code == 201


async def test_a_cookie_works_from_our_own_and_listed_pages(site: Site) -> None:
    for origin in (f"https://{site.host}", LISTED):
        answer = await by_cookie(site, X_Requested_With="sportello", Origin=origin)
        assert answer.status_code == 201
    for origin in ("https://evil.example", "null"):
        answer = await by_cookie(site, X_Requested_With="sportello", Origin=origin)
        assert answer.status_code == 403
        assert code(answer) == "FORBIDDEN"


async def test_a_request_says_which_of_two_cookies_it_means(site: Site) -> None:
    cookies = f"desk={key(site.world.owner)}; client={key(site.world.contact)}"
    headers = {"Cookie": cookies, "X-Requested-With": "sportello"}
    for query, owner in (
        ("", site.world.owner),
        ("?as=operator", site.world.owner),
        ("?as=contact", site.world.contact),
    ):
        files = [("file", ("a.txt", b"a"))]
        answer = await site.http.post(f"/files{query}", files=files, headers=headers)
        row = await Upload.get(id=answer.json()["uploads"][0]["id"])
        assert row.owner == key(owner)


async def test_a_stale_cookie_does_not_hide_a_good_one(site: Site) -> None:
    headers = {
        "Cookie": f"desk=stale; client={key(site.world.contact)}",
        "X-Requested-With": "sportello",
    }
    answer = await site.http.post("/files", files=[("file", ("a.txt", b"a"))], headers=headers)
    assert answer.status_code == 201
