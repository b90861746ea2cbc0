"""`POST /files`: files stream into storage and wait there, for a day, to be used by a post."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator

import orjson
from starlette.requests import Request
from starlette.responses import Response

from actions import uploads
from actions.unit_of_work import unit_of_work
from actions.uploads import StoredFile
from app.files.credentials import caller_of, require_scope
from app.files.deps import FileDeps
from app.files.errors import Code, FileError, refused
from app.files.form import Form, Part
from app.files.media_types import HEAD, media_type
from app.files.names import sanitised
from app.files.storage import Storage, new_key
from models.callers import Caller
from models.desk import Desk
from models.documents import Upload
from models.enums import Right

PER_REQUEST = 20
PART_NAME = "file"
ENVELOPE = 8 * 1024
"""What the headers and the boundary of a part may take, at most."""


async def receive(deps: FileDeps, request: Request) -> Response:
    """Store the files of a form: all of them, or none. Raises FileError."""
    caller = await caller_of(deps, request)
    require_scope(caller, Right.TICKETS_WRITE)
    form = Form(request.headers.get("content-type"), _body(request, deps.patience_s))
    desk = await Desk.get(id=1)
    limit = desk.upload_limit_bytes
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > PER_REQUEST * (limit + ENVELOPE):
        raise _too_large(limit)
    stored: list[StoredFile] = []
    try:
        async for part in form.parts():
            _check(part, len(stored))
            stored.append(await _store(deps.storage, part, limit))
            _check_type(stored[-1].media_type, desk.forbidden_types)
        if not stored:
            raise refused(Code.NO_FILE, f'The form has no part named "{PART_NAME}".')
    except BaseException:
        await asyncio.shield(_discard(deps.storage, stored))
        raise
    return _answer(await _register(deps.storage, caller, stored))


async def _register(storage: Storage, caller: Caller, stored: list[StoredFile]) -> list[Upload]:
    async def do() -> list[Upload]:
        return [await uploads.register(caller, file) for file in stored]

    try:
        return await unit_of_work(do)
    except Exception:  # a cancellation does not end the unit: then the files stay, with their rows
        await asyncio.shield(_discard(storage, stored))
        raise


async def _body(request: Request, patience_s: float) -> AsyncGenerator[bytes]:
    chunks = request.stream()
    while True:
        try:
            async with asyncio.timeout(patience_s):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise refused(Code.TOO_SLOW, f"Nothing came for {patience_s:g} seconds.") from error
        if chunk is None:
            return
        yield chunk


def _check(part: Part, before: int) -> None:
    if part.name != PART_NAME:
        raise refused(Code.UNEXPECTED_PART, f'Name every part "{PART_NAME}", not {part.name!r}.')
    if not part.file_name:
        raise refused(Code.NO_FILE_NAME, "Give every file a name: filename in its disposition.")
    if before == PER_REQUEST:
        raise refused(Code.TOO_MANY_FILES, f"Send at most {PER_REQUEST} files at once.")


def _check_type(type_: str, forbidden: list[str]) -> None:
    """By what the content is, whatever the name says."""
    if uploads.is_forbidden(type_, forbidden):
        raise refused(Code.FORBIDDEN_TYPE, f"Files of type {type_} are not taken.", mediaType=type_)


async def _store(storage: Storage, part: Part, limit: int) -> StoredFile:
    name = sanitised(part.file_name or "")
    measured = _Measured(part.chunks, limit)
    key = new_key()
    await storage.put(key, measured.chunks())
    return StoredFile(
        name=name,
        size=measured.size,
        media_type=media_type(bytes(measured.head), name),
        sha256=measured.digest.hexdigest(),
        storage_key=key,
    )


class _Measured:
    """A file on its way in: what is known of it so far."""

    def __init__(self, chunks: AsyncIterator[bytes], limit: int) -> None:
        self._chunks = chunks
        self._limit = limit
        self.size = 0
        self.head = bytearray()
        self.digest = hashlib.sha256()

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The bytes, passed on; raises FileError past the limit."""
        async for chunk in self._chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                raise _too_large(self._limit)
            self.head += chunk[: HEAD - len(self.head)]
            self.digest.update(chunk)
            yield chunk


async def _discard(storage: Storage, stored: list[StoredFile]) -> None:
    for file in stored:
        await storage.delete(file.storage_key)


def _too_large(limit: int) -> FileError:
    return refused(
        Code.FILE_TOO_LARGE, f"A file may have at most {limit:,} bytes.", limitBytes=limit
    )


def _answer(registered: list[Upload]) -> Response:
    body = [
        {
            "id": str(one.id),
            "name": one.name,
            "size": one.size,
            "mediaType": one.media_type,
            "sha256": one.sha256,
            "expiresAt": (one.created_at + uploads.KEPT).isoformat(),
        }
        for one in registered
    ]
    return Response(orjson.dumps({"uploads": body}), 201, media_type="application/json")
