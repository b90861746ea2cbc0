"""Why a websocket is closed, chosen by what the reference client does then.

graphql-ws comes back after 1012, 1013 and 4403, and gives up after the others.
"""

from enum import IntEnum


class CloseCode(IntEnum):
    """A close code with the reason text of the reference server."""

    reason: str

    def __new__(cls, code: int, reason: str) -> "CloseCode":
        member = int.__new__(cls, code)
        member._value_ = code
        member.reason = reason
        return member

    RESTART = 1012, "Service restart"
    SLOW = 1013, "Try again later"
    BAD_REQUEST = 4400, "Bad request"
    UNAUTHORIZED = 4401, "Unauthorized"
    REVOKED = 4403, "Forbidden"
    SUBPROTOCOL = 4406, "Subprotocol not acceptable"
    INIT_TIMEOUT = 4408, "Connection initialisation timeout"
    DUPLICATE_ID = 4409, "Subscriber already exists"
    TOO_MANY_INITS = 4429, "Too many initialisation requests"
