"""What can go wrong with a mail server, as people need to hear it."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class MailServerError(Exception):
    """Something is wrong with a mail server; the message says what, in words."""


class Unreachable(MailServerError):
    """There is no such host, or nobody answers there."""


class TlsFailed(MailServerError):
    """Encryption could not be agreed on: the certificate, or a server that speaks none there."""


class Refused(MailServerError):
    """The server does not let us in, or do it."""


class Gone(MailServerError):
    """There is no such folder."""


class Lost(MailServerError):
    """The line broke, or no answer came, or none that can be used: try again later."""


class Busy(Lost):
    """The server says that it cannot now, whatever it is asked for."""


def tls_context() -> ssl.SSLContext:
    """Certificates are checked, names too."""
    return ssl.create_default_context(ssl.Purpose.SERVER_AUTH)


@asynccontextmanager
async def opening(host: str, port: int, patience_s: float) -> AsyncGenerator[None]:
    """Turns what opening a connection raises into Unreachable and TlsFailed."""
    where = f"{host}:{port}" if port else host
    try:
        async with asyncio.timeout(patience_s):
            yield
    except TimeoutError:
        raise Unreachable(f"{where} does not answer in {patience_s:.0f} s") from None
    except ssl.SSLCertVerificationError as error:
        raise TlsFailed(f"the certificate of {host}: {error.verify_message}") from None
    except ssl.SSLError as error:
        why = "it does not speak TLS there" if "WRONG_VERSION" in str(error) else error.reason
        raise TlsFailed(f"{where}: {why}") from None
    except ConnectionResetError:
        raise TlsFailed(f"{where} hung up while the connection was being opened") from None
    except socket.gaierror:
        raise Unreachable(f"there is no host {host}") from None
    except OSError as error:
        raise Unreachable(f"{where}: {error.strerror or error}") from None
