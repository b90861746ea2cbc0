"""A connection tried stage by stage: each is named, and says what to do when it fails."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from actions.keys import KeyLost
from mail.credentials import Bearer, Credential, Reauthorise
from mail.hosts import HostRefused
from mail.oauth_server import TokenServerTrouble

PATIENCE_S = 10.0
"""For each stage."""


class Stage(StrEnum):
    """The steps of a conversation with a mail server, in order."""

    DNS = "DNS"
    CONNECT = "CONNECT"
    TLS = "TLS"
    CAPABILITY = "CAPABILITY"
    EHLO = "EHLO"
    AUTH = "AUTH"
    LIST = "LIST"
    SELECT = "SELECT"
    UIDPLUS = "UIDPLUS"
    MOVE = "MOVE"
    IDLE = "IDLE"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"


class Outcome(StrEnum):
    """How a stage went."""

    OK = "OK"
    FAILED = "FAILED"
    MISSING = "MISSING"
    """The server does not offer it; mail works without."""
    SKIPPED = "SKIPPED"
    """Not tried: not needed, or an earlier stage failed."""


@dataclass(frozen=True)
class Step:
    """One stage, as it went."""

    stage: Stage
    outcome: Outcome
    detail: str = ""
    """What was found, or what the server said."""
    advice: str = ""
    """What to do about it."""


class StageFailed(Exception):
    """A stage failed for a reason we know."""

    def __init__(self, detail: str, advice: str = "") -> None:
        super().__init__(detail)
        self.detail, self.advice = detail, advice


class NotOffered(StageFailed):
    """The server does not have it, and need not."""


class NotNeeded(StageFailed):
    """There is nothing to do at this stage."""


Work = Callable[[], Awaitable[str]]
"""Does a stage, and says what was found. Raises StageFailed, OSError, TimeoutError."""


async def tried(stages: Sequence[tuple[Stage, Work]], *, encrypted: bool) -> list[Step]:
    """Every stage in order; after one that failed, the rest is skipped."""
    steps: list[Step] = []
    for stage, work in stages:
        if steps and any(one.outcome is Outcome.FAILED for one in steps):
            steps.append(Step(stage, Outcome.SKIPPED))
        else:
            steps.append(await _step(stage, work, encrypted=encrypted))
    return steps


async def _step(stage: Stage, work: Work, *, encrypted: bool) -> Step:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return Step(stage, Outcome.OK, await work())
    except NotNeeded as error:
        return Step(stage, Outcome.SKIPPED, error.detail, error.advice)
    except NotOffered as error:
        return Step(stage, Outcome.MISSING, error.detail, error.advice)
    except StageFailed as error:
        return Step(stage, Outcome.FAILED, error.detail, error.advice)
    except (OSError, KeyLost, Reauthorise, asyncio.IncompleteReadError) as error:
        failed = explained(stage, error, encrypted=encrypted)
        return Step(stage, Outcome.FAILED, failed.detail, failed.advice)


def explained(stage: Stage, error: Exception, *, encrypted: bool) -> StageFailed:
    """The fault in words that an administrator can act on."""
    if isinstance(error, ssl.SSLError):
        return _tls(error)
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return StageFailed("The name service does not answer.", "Check this machine's DNS.")
        return StageFailed("No such host.", "Check how the host is spelled.")
    for kind, advice in ADVICE:
        if isinstance(error, kind):
            return StageFailed(_said(error), advice)
    if isinstance(error, TimeoutError):
        return _silence(stage, encrypted=encrypted)
    return StageFailed(_said(error), "The server ended the conversation: check host and port.")


ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (HostRefused, "Name the mail server's own host."),
    (KeyLost, "Enter the password again, or give the former key in SPORTELLO_OLD_SECRET_KEYS."),
    (Reauthorise, "Give consent with mailboxOAuthBegin."),
    (TokenServerTrouble, "Try again later; check tokenUrl, client id and client secret."),
    (ConnectionRefusedError, "Nothing listens there: check the port, or whether the server runs."),
    (ConnectionResetError, "Check port and encryption: they belong together."),
)


def _silence(stage: Stage, *, encrypted: bool) -> StageFailed:
    """No answer in time. A server that waits for TLS greets nobody who waits for its greeting."""
    detail = f"No answer in {PATIENCE_S:.0f} seconds."
    if stage is Stage.CONNECT and not encrypted:
        return StageFailed(
            detail, "If this is the port for TLS from the start, choose TLS; or check the firewall."
        )
    return StageFailed(detail, "Check host and port, and the firewall between.")


def _tls(error: ssl.SSLError) -> StageFailed:
    if isinstance(error, ssl.SSLCertVerificationError):
        return StageFailed(
            f"The certificate is not trusted: {error.verify_message.rstrip('.')}.",
            "Use the name the certificate was made for, or have the server's administrator renew "
            "it; a private authority is made known by SSL_CERT_FILE.",
        )
    if error.reason in {"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}:
        return StageFailed(
            "The server does not speak TLS on this port.",
            "Choose STARTTLS, or the port for TLS from the start: 993 for IMAP, 465 for SMTP.",
        )
    reason = (error.reason or type(error).__name__).replace("_", " ").lower()
    return StageFailed(f"TLS failed: {reason}.", "The server's TLS may be too old for us.")


def _said(error: Exception) -> str:
    if isinstance(error, asyncio.IncompleteReadError):
        return "The server hung up."
    if isinstance(error, ConnectionRefusedError):
        return "The connection was refused."
    return str(error) or type(error).__name__


def unwelcome(said: str, credential: Credential) -> StageFailed:
    """The server does not take a credential."""
    if isinstance(credential, Bearer):
        advice = "Give consent again with mailboxOAuthBegin, as the user of this mailbox."
    else:
        advice = "Check user name and password; many providers want an app password, or OAuth2."
    return StageFailed(said, advice)
