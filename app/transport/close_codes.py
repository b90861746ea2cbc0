"""Why a websocket is closed, chosen by what the reference client does then.

docs/realtime.md has these as a table, for people who write clients.
"""

from enum import IntEnum


class CloseCode(IntEnum):
    """A close code with the reason text of the reference server.

    `when` and `then` are for people: what has happened, and what a client does about it.
    `retried` says that graphql-ws comes back by itself; after the others it gives up.
    """

    reason: str
    retried: bool
    when: str
    then: str

    def __new__(cls, code: int, reason: str, retried: bool, when: str, then: str) -> "CloseCode":
        member = int.__new__(cls, code)
        member._value_ = code
        member.reason = reason
        member.retried = retried
        member.when = when
        member.then = then
        return member

    RESTART = (
        1012,
        "Service restart",
        True,
        "The server stops, or something went wrong on its side.",
        "Come back with the last cursor.",
    )
    SLOW = (
        1013,
        "Try again later",
        True,
        "The client did not read what it was sent.",
        "Come back with the last cursor, and read faster or ask for less.",
    )
    BAD_REQUEST = (
        4400,
        "Bad request",
        False,
        "A message breaks the protocol; the reason says how.",
        "Mend the client.",
    )
    UNAUTHORIZED = (
        4401,
        "Unauthorized",
        False,
        "The credential is not valid, or `subscribe` came before `connection_ack`.",
        "Sign in again.",
    )
    REVOKED = (
        4403,
        "Forbidden",
        True,
        "The session has ended: signed out, expired, revoked, deactivated or blocked.",
        "Come back with another credential; the same one is answered with 4401.",
    )
    SUBPROTOCOL = (
        4406,
        "Subprotocol not acceptable",
        False,
        "`graphql-transport-ws` was not among the subprotocols asked for.",
        "Mend the client.",
    )
    INIT_TIMEOUT = (
        4408,
        "Connection initialisation timeout",
        True,
        "No `connection_init` came in time.",
        "Come back, and send it at once.",
    )
    DUPLICATE_ID = (
        4409,
        "Subscriber already exists",
        False,
        "The id of an operation that is under way was used again.",
        "Mend the client.",
    )
    TOO_MANY_INITS = (
        4429,
        "Too many initialisation requests",
        False,
        "A second `connection_init` came.",
        "Mend the client.",
    )
