"""`GET /files/{id}`: a document, whole or in part, for who may see it; each fetch is recorded."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.files.access import caller_in, document_for, record_access
from app.files.credentials import caller_of, require_scope
from app.files.deps import FileDeps
from app.files.errors import Code, refused
from app.files.media_types import INLINE, TEXT
from app.files.names import content_disposition
from app.files.ranges import Slice, Unsatisfiable, matches, part
from app.files.signing import is_signed, verify
from models.callers import Caller
from models.documents import Document
from models.enums import Right
from resolvers.ids import local_id


async def download(deps: FileDeps, request: Request) -> Response:
    """The document's bytes. Raises FileError; what may not be seen is as if it were not there."""
    id = local_id(request.path_params["id"], "Document")
    caller = await _caller(deps, request, id)
    document = await document_for(caller, id) if caller is not None else None
    if caller is None or document is None:
        raise refused(Code.NOT_FOUND, "There is no such file.")
    headers = _headers(document, signed=is_signed(request.query_params))
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers=headers | {"Content-Length": str(document.size)})
    slice = _slice(document, request, headers["ETag"])
    return await _send(deps, document, caller, slice, headers)


async def _caller(deps: FileDeps, request: Request, document_id: int) -> Caller | None:
    if is_signed(request.query_params):
        session = verify(document_id, request.query_params, deps.secret, datetime.now(UTC))
        caller = await caller_in(session)
    else:
        caller = await caller_of(deps, request)
    if caller is not None:
        require_scope(caller, Right.TICKETS_VIEW)
    return caller


def _slice(document: Document, request: Request, etag: str) -> Slice | None:
    asked, only_if = request.headers.get("range"), request.headers.get("if-range")
    try:
        return part(asked, only_if, etag, document.size)
    except Unsatisfiable as error:
        raise refused(
            Code.RANGE_NOT_SATISFIABLE,
            f"The file has {document.size} bytes.",
            headers={"Content-Range": f"bytes */{document.size}"},
        ) from error


async def _send(
    deps: FileDeps,
    document: Document,
    caller: Caller,
    slice: Slice | None,
    headers: dict[str, str],
) -> Response:
    whole = Slice(0, document.size, document.size)
    sent = slice or whole
    headers["Content-Length"] = str(sent.length)
    if slice is not None:
        headers["Content-Range"] = slice.content_range
    if sent.length == 0:
        answer = Response(headers=headers)
    else:
        chunks = await deps.storage.range(document.storage_key, sent.start, sent.end)
        answer = StreamingResponse(chunks, 200 if slice is None else 206, headers)
    await record_access(document, caller, from_start=sent.start == 0)
    return answer


def _headers(document: Document, *, signed: bool) -> dict[str, str]:
    """A signed address may be embedded by any page: it is no use to who does not have it."""
    inline = document.media_type in INLINE
    text = document.media_type == TEXT
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": content_disposition(
            "inline" if inline else "attachment", document.name
        ),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Content-Type": f"{TEXT}; charset=utf-8" if text else document.media_type,
        "Cross-Origin-Resource-Policy": "cross-origin" if signed else "same-origin",
        "ETag": f'"{document.sha256}"',
        "X-Content-Type-Options": "nosniff",
    }
