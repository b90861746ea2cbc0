"""A multipart form (RFC 7578) read part by part as it comes: no part is ever held as a whole."""

import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.files.errors import Code, FileError, refused
from app.files.names import disposition_parameters

# It warns of each malformed request: that is the sender's business, and we tell them.
logging.getLogger("python_multipart.multipart").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Part:
    """One part: its field's name, the file name it declares, and its bytes, to be read once."""

    name: str
    file_name: str | None
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class _Begin:
    """The headers of a part have been read."""

    disposition: bytes


@dataclass(frozen=True)
class _End:
    """A part is over, or with `last` the form."""

    last: bool


class Form:
    """The parts of a request body. Every method raises FileError on what is no such form."""

    def __init__(self, content_type: str | None, body: AsyncIterator[bytes]) -> None:
        media_type, parameters = parse_options_header(content_type)
        if media_type != b"multipart/form-data":
            raise refused(
                Code.NOT_MULTIPART,
                'Send the files as multipart/form-data, each as a part named "file".',
                headers={"Accept-Post": "multipart/form-data"},
            )
        if not parameters.get(b"boundary"):
            raise _malformed("the Content-Type names no boundary")
        self._body = body
        self._found: deque[_Begin | bytes | _End] = deque()
        self._field = self._value = self._disposition = b""
        try:
            self._parser = MultipartParser(
                parameters[b"boundary"],
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._part_data,
                    "on_part_end": lambda: self._found.append(_End(last=False)),
                    "on_end": lambda: self._found.append(_End(last=True)),
                },
            )
        except FormParserError as error:
            raise _malformed(str(error)) from error

    async def parts(self) -> AsyncGenerator[Part]:
        """The parts in order; each is to be read before the next is asked for."""
        while isinstance(begin := await self._next(), _Begin):
            declared = disposition_parameters(begin.disposition)
            yield Part(declared.get("name", ""), declared.get("filename"), self._chunks())

    async def _chunks(self) -> AsyncGenerator[bytes]:
        while isinstance(chunk := await self._next(), bytes):
            yield chunk

    async def _next(self) -> _Begin | bytes | _End:
        while not self._found:
            chunk = await anext(self._body, None)
            if chunk is None:
                raise _malformed("it ends before its closing boundary")
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise _malformed(str(error)) from error
        return self._found.popleft()

    def _part_begins(self) -> None:
        self._disposition = b""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _headers_finished(self) -> None:
        self._found.append(_Begin(self._disposition))

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._found.append(data[start:end])


def _malformed(why: str) -> FileError:
    return refused(Code.MALFORMED_MULTIPART, f"The form cannot be read: {why}.")
