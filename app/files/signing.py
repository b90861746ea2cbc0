"""Download addresses that work for one session, without credentials, for five minutes."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from app.files.errors import Code, FileError, refused
from resolvers.ids import encode

LIVES = timedelta(minutes=5)
EXPIRES, SIGNATURE, FOR = "expires", "signature", "for"
"""The parameters of a signed address: seconds since 1970, the signature, the session's id."""


def signed_path(document_id: int, session_id: int, secret: str, now: datetime) -> str:
    """Path and query of a download that works until five minutes from `now`, or the session's end.

    An API token is a session too: its scopes bind the address, and revoked, it takes it along.
    """
    expires = str(int((now + LIVES).timestamp()))
    signature = _signature(document_id, expires, str(session_id), secret)
    query = urlencode({EXPIRES: expires, FOR: session_id, SIGNATURE: signature})
    return f"/files/{encode('Document', document_id)}?{query}"


def is_signed(query: Mapping[str, str]) -> bool:
    """Whether an address claims to be signed."""
    return SIGNATURE in query


def verify(document_id: int, query: Mapping[str, str], secret: str, now: datetime) -> int:
    """The session it was signed for. Raises FileError, 403, naming what is wrong."""
    expires, who = query.get(EXPIRES, ""), query.get(FOR, "")
    right = _signature(document_id, expires, who, secret)
    fits = hmac.compare_digest(right.encode(), query.get(SIGNATURE, "").encode())
    if not (fits and who.isdecimal()):
        raise _unusable(Code.BAD_SIGNATURE, "The signature does not fit this address.")
    if int(expires) <= now.timestamp():
        raise _unusable(Code.SIGNATURE_EXPIRED, "This address has expired.")
    return int(who)


def _signature(document_id: int, expires: str, who: str, secret: str) -> str:
    signed = f"sportello document download\n{document_id}\n{expires}\n{who}"
    digest = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _unusable(code: Code, what: str) -> FileError:
    return refused(code, f"{what} Ask for the document's downloadUrl again.")
