"""Refusals as the file endpoints answer them: `{"error": {"code": …, "message": …}}`."""

from collections.abc import Mapping
from enum import StrEnum

import orjson
import structlog
from starlette.responses import Response
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()


class Code(StrEnum):
    """What went wrong, for programs."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    SIGNATURE_EXPIRED = "SIGNATURE_EXPIRED"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    RANGE_NOT_SATISFIABLE = "RANGE_NOT_SATISFIABLE"
    NOT_MULTIPART = "NOT_MULTIPART"
    MALFORMED_MULTIPART = "MALFORMED_MULTIPART"
    NO_FILE = "NO_FILE"
    NO_FILE_NAME = "NO_FILE_NAME"
    UNEXPECTED_PART = "UNEXPECTED_PART"
    TOO_MANY_FILES = "TOO_MANY_FILES"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FORBIDDEN_TYPE = "FORBIDDEN_TYPE"
    TOO_SLOW = "TOO_SLOW"
    INTERNAL = "INTERNAL"


STATUS = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.BAD_SIGNATURE: 403,
    Code.SIGNATURE_EXPIRED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TOO_SLOW: 408,
    Code.FILE_TOO_LARGE: 413,
    Code.NOT_MULTIPART: 415,
    Code.FORBIDDEN_TYPE: 415,
    Code.RANGE_NOT_SATISFIABLE: 416,
    Code.INTERNAL: 500,
}
"""400 for those not named."""


class FileError(Exception):
    """The request is refused; `more` is for programs, `headers` are HTTP's."""

    def __init__(
        self, code: Code, message: str, headers: Mapping[str, str], more: Mapping[str, object]
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.headers = dict(headers)
        self.more = dict(more)

    def answer(self) -> Response:
        """The response."""
        error = {"code": self.code.value, "message": self.message, **self.more}
        return Response(
            orjson.dumps({"error": error}),
            STATUS.get(self.code, 400),
            headers=self.headers,
            media_type="application/json",
        )


def refused(
    code: Code, message: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> FileError:
    """A request refused for what the caller did; logged as information."""
    log.info("file request refused", code=code.value, reason=message)
    return FileError(code, message, headers or {}, more)


def masked(number: str) -> FileError:
    """What a caller reads of a bug: the number under which its traceback is in the log."""
    return FileError(Code.INTERNAL, "Internal error", {}, {"incident": number})
