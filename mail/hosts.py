"""Servers by name: looked up once, checked, and connected to at the very address checked.

A name that is looked up again for the connection may answer differently: so refusals could be
passed by (DNS rebinding).
"""

import asyncio
import socket

from actions.mail_hosts import refusal

PATIENCE_S = 10.0


class HostRefused(OSError):
    """The name leads to addresses this installation does not talk to; the message says why."""


async def addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host that may be talked to, in the resolver's order.

    Raises socket.gaierror for a name nobody knows, HostRefused when none of its addresses may be.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    every = list(dict.fromkeys(str(one[4][0]) for one in found))
    reasons = [refusal(one) for one in every]
    allowed = [one for one, reason in zip(every, reasons, strict=True) if reason is None]
    if not allowed:
        raise HostRefused(next(filter(None, reasons), f"{host} has no address."))
    return allowed


async def connected_to(
    found: list[str], port: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A TCP connection to the first of these that answers, in plain text. Raises OSError."""
    return await asyncio.open_connection(sock=await socket_to(found, port, PATIENCE_S))


async def socket_to(found: list[str], port: int, patience_s: float) -> socket.socket:
    """The same, for whoever makes a connection of it. Raises OSError, and so TimeoutError."""
    trouble: OSError | None = None
    for address in found:
        try:
            async with asyncio.timeout(patience_s / len(found)):
                return await _socket(address, port)
        except TimeoutError:
            trouble = TimeoutError(f"{address} does not answer on port {port}.")
        except OSError as error:
            trouble = error
    raise trouble or HostRefused("There is no address to connect to.")


async def _socket(address: str, port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made
