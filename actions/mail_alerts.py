"""Administrators are told by mail that a mailbox needs them, through one that still works."""

from dataclasses import dataclass
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger

from actions.mail_tokens import mint_message_id
from models.enums import Right
from models.hierarchy import Profile, Role
from models.mail_enums import MailboxState, MailDirection, MailKind
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from models.people import Operator
from models.sql import clock

log: FilteringBoundLogger = structlog.get_logger()


async def of_server(server: MailServer) -> None:
    """Within a unit of work: a server of a mailbox is in trouble."""
    mailbox = await Mailbox.get(id=server.mailbox_id)
    log.warning(
        "mailbox in trouble",
        mailbox=mailbox.id, direction=server.direction.value, state=server.state.value,
    )  # fmt: skip
    said = {"direction": server.direction.value, "state": server.state.value, "error": server.error}
    unfit = mailbox.id if server.direction is MailDirection.OUT else 0
    await _tell(mailbox, said, unfit)


async def of_quota(mailbox: Mailbox, sent: int) -> None:
    """Within a unit of work: a mailbox has used most of its daily limit, or all."""
    used_up = sent >= mailbox.daily_limit
    log.warning("mailbox near its limit", mailbox=mailbox.id, sent=sent, limit=mailbox.daily_limit)
    said = {
        "direction": MailDirection.OUT.value,
        "state": "LIMIT_REACHED" if used_up else "LIMIT_NEAR",
        "error": f"{sent} of {mailbox.daily_limit} recipients today (UTC).",
    }
    await _tell(mailbox, said, mailbox.id)  # by another: what is left of it is for contacts


async def _tell(about: Mailbox, said: dict[str, str], unfit: int) -> None:
    """One mail to each administrator, by any mailbox that works and is not the unfit one."""
    sender = await _working(unfit)
    if sender is None:
        return
    given = {"mailbox": about.name, "mailbox_id": about.id, "address": about.address, **said}
    domain = sender.address.rpartition("@")[2]
    for operator in await administrators():
        await OutboundMail.create(
            mailbox_id=sender.id,
            kind=MailKind.MAILBOX_ALERT,
            language=operator.language,
            recipient=operator.email,
            recipient_name=operator.name,
            operator_id=operator.id,
            input=given,
            message_id=mint_message_id(0, domain),
            created_at=await clock(),
        )


async def administrators() -> list[Operator]:
    """Who may administer, and sign in."""
    able = [one.id for one in await Profile.all() if Right.ADMINISTER in one.grants()]
    roles = [one.id for one in await Role.filter(profile_id__in=able)]
    found: Any = Operator.filter(role_id__in=roles, active=True).order_by("id")
    return await found


async def _working(unfit: int) -> Mailbox | None:
    """The mailbox whose outgoing server was last known to work."""
    servers = MailServer.filter(
        direction=MailDirection.OUT, state=MailboxState.OK, paused=False
    ).exclude(mailbox_id=unfit)
    every = sorted(await servers.order_by("-id"), key=_last_success)
    return await Mailbox.get_or_none(id=every[-1].mailbox_id) if every else None


def _last_success(server: MailServer) -> float:
    return server.last_success_at.timestamp() if server.last_success_at is not None else 0.0


@dataclass(frozen=True)
class DeskAlert:
    """A server that needs an administrator."""

    mailbox: Mailbox
    server: MailServer


async def current() -> list[DeskAlert]:
    """Servers in trouble now, and those whose daily limit is used up; the oldest trouble first."""
    troubled = MailServer.exclude(state=MailboxState.OK).filter(paused=False)
    servers = await troubled.order_by("trouble_since", "id")
    found = {one.id: one for one in await Mailbox.filter(id__in=[s.mailbox_id for s in servers])}
    return [DeskAlert(found[one.mailbox_id], one) for one in servers]
