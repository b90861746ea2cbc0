"""Multipart forms written out by hand, and connections that are left half-way."""

import asyncio

import httpx

from models.documents import Upload
from tests.files.site import Site, bearer, stored

BOUNDARY = "b0undary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
HEAD = 'Content-Disposition: form-data; name="file"; filename="a.txt"'


def form(*parts: str, end: str = "--\r\n") -> bytes:
    """A form written out; each part brings its headers, an empty line and its content."""
    opened = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts)
    return f"{opened}--{BOUNDARY}{end}".encode()


async def send(site: Site, content: bytes, **headers: str) -> httpx.Response:
    return await site.http.post(
        "/files", content=content, headers=bearer(site.world.owner) | FORM | headers
    )


async def assert_nothing_stays(site: Site) -> None:
    assert stored(site.storage) == []
    assert await Upload.all().count() == 0


def head(site: Site, length: int) -> bytes:
    lines = {"Host": site.host, "Content-Length": str(length)} | FORM | bearer(site.world.owner)
    written = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST /files HTTP/1.1\r\n{written}\r\n".encode()


async def connected(site: Site) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = site.host.partition(":")
    return await asyncio.open_connection(host, int(port))
