"""Errors as they go over the wire: the caller's mistakes as they are, ours masked."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NotRequired, TypedDict
from uuid import uuid4

import structlog
from graphql import FieldNode, GraphQLError
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()


class Code(StrEnum):
    """`extensions.code` of errors at top level (`api.md`)."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    COST_EXCEEDED = "COST_EXCEEDED"
    RATE_LIMITED = "RATE_LIMITED"
    BAD_REQUEST = "BAD_REQUEST"
    INTERNAL = "INTERNAL"


OBJECT = re.compile(r"(?<=\?) Found: .*|[,;] found: .*", re.DOTALL)
TEXT = re.compile(
    r"((?:found|Unexpected) (?:Block)?String|String cannot represent a non string value).*",
    re.DOTALL,
)
REFUSALS = frozenset(code.value for code in Code) - {Code.INTERNAL.value}


class WireError(TypedDict):
    """One entry of `errors` in a GraphQL response."""

    message: str
    extensions: dict[str, Any]
    locations: NotRequired[list[dict[str, int]]]
    path: NotRequired[list[str | int]]


class RequestError(Exception):
    """The request fails as a whole, with no `data`.

    `status` is set where HTTP itself demands one, whatever the media type of the answer;
    otherwise it follows from the code of the first error. `headers` are HTTP's.
    """

    def __init__(
        self,
        errors: list[WireError],
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.code = Code(errors[0]["extensions"]["code"])
        self.status = status
        self.headers = dict(headers or {})


def refused(
    code: Code,
    message: str,
    *,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    **extensions: object,
) -> RequestError:
    """A request refused for what the caller did; logged as information."""
    log.info("request refused", code=code.value, reason=message)
    error = WireError(message=message, extensions={"code": code.value, **extensions})
    return RequestError([error], status, headers)


def incident(cause: BaseException) -> WireError:
    """A bug: the traceback goes to the log, its number to the caller."""
    number = str(uuid4())
    log.error("internal error", incident=number, exc_info=cause)
    return masked(number)


def masked(number: str) -> WireError:
    """What a caller reads of a bug."""
    return WireError(
        message="Internal error", extensions={"code": Code.INTERNAL.value, "incident": number}
    )


def is_deliberate(cause: BaseException | None) -> bool:
    """Whether an exception is a refusal: it carries one of the codes a caller may read."""
    return getattr(cause, "code", None) in REFUSALS


def described(errors: Iterable[GraphQLError]) -> list[WireError]:
    """The errors of a parse, a validation or an execution, for the wire and for the log."""
    return [_described(error) for error in errors]


def bug(error: GraphQLError) -> Exception | None:
    """What went wrong on our side, or `None` when the caller asked for the error."""
    cause = _cause(error)
    return None if is_deliberate(cause) or _is_callers(error, cause) else cause


def _described(error: GraphQLError) -> WireError:
    cause = _cause(error)
    if ours := bug(error):
        wire = incident(ours)
    elif is_deliberate(cause):
        wire = _mistake(str(cause), str(getattr(cause, "code", "")))
    else:
        wire = _mistake(without_values(error.message), Code.BAD_REQUEST)
    if error.locations:
        wire["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path is not None:
        wire["path"] = list(error.path)
    return wire


def without_values(message: str) -> str:
    """What graphql-core says is wrong, without what it was given.

    It quotes the whole input object around a field that is missing or unknown, and texts where
    they do not belong: a password may be among them, and this goes to the log.
    """
    plain = OBJECT.sub("", TEXT.sub(r"\1", message))
    return plain if plain == message or plain.endswith("?") else f"{plain}."


def _mistake(message: str, code: str) -> WireError:
    log.info("request refused", code=code, reason=message)
    return WireError(message=message, extensions={"code": code})


def _cause(error: GraphQLError) -> Exception:
    """What was raised first; graphql-core wraps an exception once per hand it goes through."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    return cause


def _is_callers(error: GraphQLError, cause: Exception) -> bool:
    """Whether graphql-core complains about the request rather than about our resolvers.

    Before execution there is no path. Within it, the only complaint about the request is
    an argument that cannot be coerced, and that one points at a value, not at a field.
    """
    if not isinstance(cause, GraphQLError):
        return False
    return error.path is None or any(not isinstance(at, FieldNode) for at in cause.nodes or ())


def is_request_error(error: GraphQLError) -> bool:
    """Whether nothing was executed: errors of the execution know the field they come from."""
    return error.path is None
