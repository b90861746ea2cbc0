"""`GET /mails/{id}`: a mail that came in, as it came, for administrators; each is recorded."""

from starlette.requests import Request
from starlette.responses import Response

from actions.administration.editing import record_change
from actions.unit_of_work import unit_of_work
from app.files.credentials import caller_of, require_scope
from app.files.deps import FileDeps
from app.files.errors import Code, refused
from models.callers import OperatorCaller
from models.enums import Right
from models.mails import InboundMail, RawMail
from resolvers.ids import local_id

NEVER_SHOWN = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


async def original(deps: FileDeps, request: Request) -> Response:
    """The bytes. Raises FileError."""
    caller = await caller_of(deps, request)
    require_scope(caller, Right.ADMINISTER)
    if not isinstance(caller, OperatorCaller) or not caller.sight.has(Right.ADMINISTER):
        raise refused(Code.FORBIDDEN, "Administrators alone may have mails as they came.")
    mail = await InboundMail.get_or_none(id=local_id(request.path_params["id"], "InboundMail"))
    raw = await RawMail.get_or_none(sha256=mail.raw_sha256) if mail is not None else None
    if mail is None or raw is None:
        raise refused(Code.NOT_FOUND, "There is no such mail, or it was too large to be kept.")
    await unit_of_work(lambda: record_change(caller, "InboundMail", mail, "download", []))
    name = f'attachment; filename="mail-{mail.id}.eml"'
    headers = {"Content-Disposition": name, **NEVER_SHOWN}
    return Response(bytes(raw.content), media_type="message/rfc822", headers=headers)
