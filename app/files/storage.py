"""Where the bytes are: a local folder or an S3-compatible server, behind one small door."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from uuid import uuid4

import obstore
from obstore.store import LocalStore, S3Store

from app.settings import SettingsError

if TYPE_CHECKING:  # it exists in the stubs alone
    from obstore.store import S3Config

PART = 5 * 1024 * 1024
"""The smallest part S3 takes; what is smaller as a whole goes in one request."""
PARTS_AT_ONCE = 1
"""With the part that is being filled, two are in memory."""
PIECE = 1024 * 1024
"""Read with one request each: a stream held open for a slow client would run into timeouts."""
TRIES = 3


class Storage:
    """Files by key; a key is written once and never changed."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    @classmethod
    def open(cls, url: str, endpoint: str = "") -> Self:
        """The storage at a folder or at `s3://bucket/prefix`; raises SettingsError.

        `endpoint` is the S3-compatible server when it is not Amazon's; credentials and region
        come from the usual `AWS_*` variables.
        """
        parts = urlsplit(url)
        if parts.scheme == "s3" and parts.netloc:
            return cls(_s3(parts.netloc, parts.path.strip("/"), endpoint))
        if "://" in url or not url:
            raise SettingsError(f"SPORTELLO_FILES_URL is a folder or s3://bucket/…, not {url!r}.")
        return cls(LocalStore(url, mkdir=True))

    async def put(self, key: str, chunks: AsyncIterable[bytes]) -> None:
        """Store a stream of unknown length; if it fails, or we are cancelled, nothing stays."""
        async with obstore.open_writer_async(
            self._store, key, buffer_size=PART, max_concurrency=PARTS_AT_ONCE
        ) as writer:
            async for chunk in chunks:
                await writer.write(chunk)

    async def put_bytes(self, key: str, content: bytes) -> None:
        """Store what is in memory already; the same key with the same bytes may come again."""
        await obstore.put_async(self._store, key, content)

    async def range(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to before `end`; raises FileNotFoundError before the first."""
        first = await self._piece(key, start, end)
        return self._pieces(first, key, start, end)

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is removed already."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return

    async def _pieces(
        self, first: bytes, key: str, start: int, end: int
    ) -> AsyncGenerator[bytes, None]:
        yield first
        for at in range(start + PIECE, end, PIECE):
            yield await self._piece(key, at, end)

    async def _piece(self, key: str, start: int, end: int) -> bytes:
        end = min(start + PIECE, end)
        piece = await obstore.get_range_async(self._store, key, start=start, end=end)
        return piece.to_bytes()


def new_key() -> str:
    """A key nobody can guess, spread over folders: `ab/cd/abcd…`."""
    name = uuid4().hex
    return f"{name[:2]}/{name[2:4]}/{name}"


def _s3(bucket: str, prefix: str, endpoint: str) -> S3Store:
    # One by one: not every S3-compatible server knows the bulk request.
    config: S3Config = {"disable_bulk_delete": True}
    if endpoint:
        config["endpoint"] = endpoint
    return S3Store(
        bucket,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": TRIES, "retry_timeout": timedelta(seconds=60)},
    )
