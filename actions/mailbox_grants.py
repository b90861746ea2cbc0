"""The OAuth2 grant of a mailbox: kept encrypted, renewed by one process at a time, lost once."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from actions import mail_health
from actions.administration.editing import found, permitted, record_change
from actions.events import MailboxChanged
from actions.keys import ring
from actions.refusals import invalid
from actions.unit_of_work import record, unit_of_work
from models.callers import OperatorCaller
from models.enums import Right
from models.mail_enums import MailAuth, MailboxState
from models.mailboxes import Mailbox, MailServer
from models.sql import Statement, clock, rows

KIND = "Mailbox"
NO_REFRESH = (
    "The provider gave no refresh token: take the desk out of the account's list of connected "
    "applications, and give consent again."
)
LEASE = timedelta(seconds=30)
"""A refresh is given up long before, after ten seconds."""


@dataclass(frozen=True)
class Grant:
    """What a mailbox has from its provider, and what it takes to get more; secrets encrypted."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    expires_at: datetime | None


@dataclass(frozen=True)
class NewTokens:
    """What a provider gave, as it came."""

    access_token: str = field(repr=False)
    lifetime: timedelta
    refresh_token: str = field(default="", repr=False)
    """Empty when none came with it: the old one holds (RFC 6749, 6)."""


async def held(mailbox_id: int) -> Grant | None:
    """The grant as it is now; None for none."""
    row = await Mailbox.get_or_none(id=mailbox_id)
    if row is None or not row.oauth_refresh_token:
        return None
    return Grant(
        row.oauth_token_url,
        row.oauth_client_id,
        row.oauth_client_secret,
        row.oauth_refresh_token,
        row.oauth_access_token,
        row.oauth_expires_at,
    )


async def lease(mailbox_id: int) -> bool:
    """Whether the refresh is the caller's to do; it must `release`."""

    async def do() -> bool:
        to = Statement()
        now = await clock()
        sql = f"""
            UPDATE mailbox SET oauth_lease_until = {to.add(now + LEASE)}
            WHERE id = {to.add(mailbox_id)}
            AND (oauth_lease_until IS NULL OR oauth_lease_until <= {to.add(now)})
            RETURNING id"""
        return bool(await rows(sql, to))

    return await unit_of_work(do)


async def release(mailbox_id: int) -> None:
    """Let others refresh."""

    async def do() -> None:
        await Mailbox.filter(id=mailbox_id).update(oauth_lease_until=None)

    await unit_of_work(do)


async def renewed(mailbox_id: int, used: str, tokens: NewTokens) -> None:
    """Keep what a refresh gave, unless consent was given anew while it ran.

    `used` is the stored refresh token it was asked for with; without a new one that one stays.
    """

    async def do() -> None:
        kept: dict[str, Any] = {
            "oauth_access_token": ring().encrypt(tokens.access_token),
            "oauth_expires_at": await clock() + tokens.lifetime,
        }
        if tokens.refresh_token:
            kept["oauth_refresh_token"] = ring().encrypt(tokens.refresh_token)
        await Mailbox.filter(id=mailbox_id, oauth_refresh_token=used).update(**kept)

    await unit_of_work(do)


async def spoilt(mailbox_id: int, used: str) -> None:
    """A server does not take the access token: forget it, unless there is another by now.

    `used` is the stored one.
    """

    async def do() -> None:
        await Mailbox.filter(id=mailbox_id, oauth_access_token=used).update(
            oauth_access_token="", oauth_expires_at=None
        )

    await unit_of_work(do)


async def lost(mailbox_id: int, used: str, why: str) -> None:
    """The provider refuses the grant: forget it, and tell administrators at once.

    Nothing happens if consent was given anew meanwhile.
    """

    async def do() -> None:
        gone = await Mailbox.filter(id=mailbox_id, oauth_refresh_token=used).update(
            oauth_refresh_token="", oauth_access_token="", oauth_expires_at=None
        )
        if gone:
            for server in await MailServer.filter(mailbox_id=mailbox_id, auth=MailAuth.OAUTH2):
                await mail_health.report(server.id, MailboxState.REAUTHORISE, why)

    await unit_of_work(do)


async def granted(mailbox_id: int, tokens: NewTokens, by: OperatorCaller) -> Mailbox:
    """Consent was given: keep the tokens, and try the servers again.

    Raises NotFound, NotPermitted, and InvalidInput when there is no refresh token, neither a new
    one nor an old: the mailbox would work for an hour.
    """

    async def do() -> Mailbox:
        mailbox = await found(Mailbox, mailbox_id)
        refresh = ring().encrypt(tokens.refresh_token) or mailbox.oauth_refresh_token
        if not refresh:
            raise invalid("code", NO_REFRESH)
        await Mailbox.filter(id=mailbox_id).update(
            oauth_access_token=ring().encrypt(tokens.access_token),
            oauth_refresh_token=refresh,
            oauth_expires_at=await clock() + tokens.lifetime,
        )
        for server in await MailServer.filter(mailbox_id=mailbox_id, auth=MailAuth.OAUTH2):
            await mail_health.afresh(server)
        await record_change(by, KIND, mailbox, "authorise", [("oauth", None, "consent given")])
        record(MailboxChanged(mailbox_id))
        return mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def asked_for(mailbox_id: int, by: OperatorCaller) -> Mailbox:
    """A mailbox that consent may be given for. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Mailbox:
        mailbox = await found(Mailbox, mailbox_id)
        if not mailbox.oauth_client_id:
            raise invalid("mailboxId", "It has no OAuth2 client: set oauth with mailboxUpdate.")
        return mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)
