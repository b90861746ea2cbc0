"""Credentials of a mailbox's servers; OAuth2 tokens are refreshed before they run out."""

import asyncio
from datetime import datetime, timedelta

import structlog
from structlog.typing import FilteringBoundLogger

from actions import mailbox_grants
from actions.keys import ring
from actions.mailbox_grants import Grant
from mail import oauth_server
from mail.credentials import Bearer, Credential, Password, Reauthorise
from mail.oauth_server import TokenServerTrouble
from models.mail_enums import MailAuth
from models.mailboxes import Mailbox, MailServer
from models.sql import clock

log: FilteringBoundLogger = structlog.get_logger()
EARLY = timedelta(minutes=5)
"""A token is refreshed so long before it runs out."""
WAIT_S = 0.1
"""Between looks whether another process has refreshed it."""
NO_CONSENT = "No consent was given yet, or it was withdrawn: give it with mailboxOAuthBegin."


async def credential(
    mailbox: Mailbox, server: MailServer, refused: Credential | None = None
) -> Credential:
    """What to sign in with. Raises KeyLost, Reauthorise, and TokenServerTrouble, an OSError.

    A token the server `refused` is not given again: providers withdraw some before their time.
    """
    if isinstance(refused, Bearer):
        await _forget(mailbox, refused)
    username = server.username or mailbox.address
    if server.auth is MailAuth.NONE:
        return Password("", "")
    if server.auth is MailAuth.PASSWORD:
        return Password(username, ring().decrypt(server.secret))
    return Bearer(username, await access_token(mailbox))


async def _forget(mailbox: Mailbox, refused: Bearer) -> None:
    grant = await mailbox_grants.held(mailbox.id)
    if grant is not None and ring().decrypt(grant.access_token) == refused.token:
        await mailbox_grants.spoilt(mailbox.id, grant.access_token)


async def access_token(mailbox: Mailbox) -> str:
    """One that holds for five minutes at least, if the provider can be asked for it.

    Of a mailbox that has no grant itself, as one that is only tried has none, another's is not
    used. Raises KeyLost, Reauthorise, TokenServerTrouble.
    """
    if not mailbox.oauth_refresh_token:
        raise Reauthorise(NO_CONSENT)
    while True:
        grant = await mailbox_grants.held(mailbox.id)
        if grant is None:
            raise Reauthorise(NO_CONSENT)
        now = await clock()
        if _holds(grant, now + EARLY):
            return ring().decrypt(grant.access_token)
        if await mailbox_grants.lease(mailbox.id):
            try:
                return await _refreshed(mailbox.id, now)
            finally:
                await mailbox_grants.release(mailbox.id)
        if _holds(grant, now):  # another process is at it: this one is good until then
            return ring().decrypt(grant.access_token)
        await asyncio.sleep(WAIT_S)


async def _refreshed(mailbox_id: int, now: datetime) -> str:
    """Under the lease, by the grant as it is now: who had the lease before may have renewed it."""
    grant = await mailbox_grants.held(mailbox_id)
    if grant is None:
        raise Reauthorise(NO_CONSENT)
    if _holds(grant, now + EARLY):
        return ring().decrypt(grant.access_token)
    try:
        tokens = await oauth_server.request(grant.token_url, _form(grant))
    except Reauthorise as dead:
        log.warning("mailbox grant is dead", mailbox=mailbox_id)
        await mailbox_grants.lost(mailbox_id, grant.refresh_token, str(dead))
        raise
    except TokenServerTrouble:
        log.warning("mailbox token not refreshed", mailbox=mailbox_id)
        if _holds(grant, now):
            return ring().decrypt(grant.access_token)
        raise
    await mailbox_grants.renewed(mailbox_id, grant.refresh_token, tokens)
    return tokens.access_token


def _holds(grant: Grant, until: datetime) -> bool:
    return bool(grant.access_token) and grant.expires_at is not None and grant.expires_at > until


def _form(grant: Grant) -> dict[str, str]:
    """RFC 6749, 6. The scope is left out: it stays what was consented to."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": ring().decrypt(grant.refresh_token),
        "client_id": grant.client_id,
    }
    secret = ring().decrypt(grant.client_secret)
    return form | ({"client_secret": secret} if secret else {})
