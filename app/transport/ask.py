"""Where a request comes from: peer address, user agent, origin and request id."""

import re
from uuid import uuid4

from starlette.requests import HTTPConnection

from app.transport.endpoint import Ask

# What goes into logs and back into a header is short and harmless.
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LONGEST_USER_AGENT = 500


def ask_of(connection: HTTPConnection, *, live: bool) -> Ask:
    """The ask of an HTTP request or of a websocket handshake."""
    sent = connection.headers.get("x-request-id", "")
    return Ask(
        address=connection.client.host if connection.client else "unknown",
        user_agent=connection.headers.get("user-agent", "")[:LONGEST_USER_AGENT],
        origin=connection.headers.get("origin"),
        request_id=sent if REQUEST_ID.fullmatch(sent) else uuid4().hex,
        live=live,
    )
