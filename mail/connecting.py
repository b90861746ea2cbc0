"""A session with the server a mailbox is fetched from: reached, encrypted, signed in."""

import contextlib
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mail.checkpoints import Place
from mail.credentials import Bearer, Credential
from mail.hosts import addresses
from mail.imap import Imap
from mail.imap_session import PATIENCE_S
from mail.oauth import credential
from mail.wire import Refused, Unreachable, opening
from models.mail_enums import MailSecurity
from models.mailboxes import MailServer


class NotAdmitted(Exception):
    """The server refuses name or password."""


@asynccontextmanager
async def connected(place: Place, context: ssl.SSLContext) -> AsyncGenerator[Imap]:
    """A client that is signed in, for the block.

    Raises NotAdmitted, Reauthorise, KeyLost, MailServerError, OSError.
    """
    server = place.server
    known = await credential(place.mailbox, server)
    client = await _reached(server, context)
    try:
        if server.security is MailSecurity.STARTTLS:
            await client.starttls(context)
        try:
            await _sign_in(client, place, known)
        except Refused as error:
            raise NotAdmitted(str(error)) from None
        yield client
    finally:
        client.close()


async def _sign_in(client: Imap, place: Place, known: Credential) -> None:
    """A token that is refused may have been withdrawn: once, another is tried. Raises Refused."""
    try:
        await client.sign_in(known)
    except Refused:
        if not isinstance(known, Bearer):
            raise
        await client.sign_in(await credential(place.mailbox, place.server, known))


async def _reached(server: MailServer, context: ssl.SSLContext) -> Imap:
    """At one of the addresses that were checked: another look-up might say others."""
    async with opening(server.host, server.port, PATIENCE_S):
        *found, last = await addresses(server.host, server.port)
    to = (server.host, server.port, server.security, context)
    for address in found:
        with contextlib.suppress(Unreachable):
            return await Imap.connect(*to, address=address)
    return await Imap.connect(*to, address=last)
