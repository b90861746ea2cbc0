"""Storage: streams in and out, leaves nothing half, on a folder and on an S3 server."""

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from obstore.store import S3Store

from app.files.storage import PART, PIECE, Storage, new_key
from app.settings import SettingsError
from tests.files.site import chunked, stored, unfinished

BIG = bytes(range(256)) * (2 * PART // 256 + 77)


async def read(storage: Storage, key: str, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in await storage.range(key, start, end)])


@pytest.mark.parametrize("content", [b"", b"short", BIG], ids=["empty", "short", "parts"])
async def test_what_goes_in_comes_out(storage: Storage, content: bytes) -> None:
    key = new_key()
    await storage.put(key, chunked(content))
    assert len(stored(storage)) == 1
    if content:
        assert await read(storage, key, 0, len(content)) == content


async def test_ranges_cross_the_pieces_they_are_read_in(storage: Storage) -> None:
    key = new_key()
    await storage.put(key, chunked(BIG))
    for start, end in (
        (0, 1),
        (PIECE - 1, PIECE + 1),
        (5, 3 * PIECE + 5),
        (len(BIG) - 1, len(BIG)),
    ):
        assert await read(storage, key, start, end) == BIG[start:end]


async def test_delete_removes_and_may_be_repeated(storage: Storage) -> None:
    key = new_key()
    await storage.put(key, chunked(b"x"))
    await storage.delete(key)
    await storage.delete(key)
    assert stored(storage) == []
    with pytest.raises(FileNotFoundError):
        await storage.range(key, 0, 1)


async def failing(content: bytes) -> AsyncGenerator[bytes]:
    async for chunk in chunked(content):
        yield chunk
    raise ConnectionError("the sender has gone")


@pytest.mark.parametrize("content", [b"short", BIG], ids=["short", "parts"])
async def test_a_failed_put_leaves_nothing(
    storage: Storage, content: bytes, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(ConnectionError):
        await storage.put(new_key(), failing(content))
    await nothing_stays(storage, request)


async def test_a_cancelled_put_leaves_nothing(
    storage: Storage, request: pytest.FixtureRequest
) -> None:
    waits = asyncio.Event()

    async def stalling() -> AsyncGenerator[bytes]:
        async for chunk in chunked(BIG):
            yield chunk
        waits.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(storage.put(new_key(), stalling()))
    await waits.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await nothing_stays(storage, request)


async def nothing_stays(storage: Storage, request: pytest.FixtureRequest) -> None:
    assert stored(storage) == []
    if isinstance(storage._store, S3Store):
        assert not await unfinished(request.getfixturevalue("s3_server"))


def test_keys_are_spread_and_never_the_same() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    for key in keys:
        assert re.fullmatch(r"([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{28}", key)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    Storage.open(str(tmp_path / "var" / "files"))
    assert (tmp_path / "var" / "files").is_dir()


@pytest.mark.parametrize("url", ["", "gs://bucket", "s3:///prefix", "https://files.example"])
def test_an_address_we_do_not_know_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="SPORTELLO_FILES_URL"):
        Storage.open(url)
