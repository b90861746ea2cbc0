"""Mailboxes under way: paused, resumed, read anew."""

from dataclasses import dataclass
from datetime import datetime

from actions import mail_health
from actions.administration.editing import found, permitted, record_change
from actions.administration.mail_servers import PATHS
from actions.events import MailboxChanged
from actions.refusals import invalid
from actions.unit_of_work import record
from models.callers import OperatorCaller
from models.enums import Right
from models.mail_enums import MailboxState, MailDirection
from models.mailboxes import Mailbox, MailFolder, MailServer
from models.sql import clock

KIND = "Mailbox"


async def pause(id: int, direction: MailDirection, by: OperatorCaller) -> Mailbox:
    """Have nothing fetched, or nothing sent, until it is resumed; what waits stays.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Mailbox:
        side = await _side(id, direction)
        if not side.server.paused:
            side.server.paused, side.server.state = True, MailboxState.PAUSED
            side.server.error, side.server.retry_at = "", None
            await side.server.save(update_fields=["paused", "state", "error", "retry_at"])
            await _told(by, side, "pause", paused=True)
        return side.mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def resume(id: int, direction: MailDirection, by: OperatorCaller) -> Mailbox:
    """Go on, and try at once, whatever kept it: a pause, a limit, refused credentials.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Mailbox:
        side = await _side(id, direction)
        if side.server.paused:
            side.server.paused = False
            await side.server.save(update_fields=["paused"])
            await _told(by, side, "resume", paused=False)
        await mail_health.afresh(side.server)
        record(MailboxChanged(id))
        return side.mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def reimport(id: int, since: datetime, by: OperatorCaller) -> Mailbox:
    """Look again at what its folder has from this time on; what is in the desk already stays once.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Mailbox:
        side = await _side(id, MailDirection.IN)
        folder = await MailFolder.get_or_none(mailbox_id=id, name=side.server.folder)
        if folder is None:
            raise invalid("mailboxId", "Its folder was not read yet: test the connection first.")
        if folder.reimport_since is not None:
            at = folder.reimport_since.isoformat()
            raise invalid("mailboxId", f"It is at it already, from {at} on: wait for the end.")
        if since >= await clock():
            raise invalid("since", "Choose a time that has been.")
        folder.reimport_since, folder.reimport_total, folder.reimport_done = since, 0, 0
        await folder.save(update_fields=["reimport_since", "reimport_total", "reimport_done"])
        changes = [("reimportSince", None, since.isoformat())]
        await record_change(by, KIND, side.mailbox, "reimport", changes)
        record(MailboxChanged(id))
        return side.mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


@dataclass(frozen=True)
class _Side:
    mailbox: Mailbox
    server: MailServer


async def _side(id: int, direction: MailDirection) -> _Side:
    mailbox = await found(Mailbox, id)
    server = await MailServer.get_or_none(mailbox_id=id, direction=direction)
    if server is None:
        raise invalid("direction", f"It has no {PATHS[direction]} server.")
    return _Side(mailbox, server)


async def _told(by: OperatorCaller, side: _Side, verb: str, *, paused: bool) -> None:
    was, now = ("no", "yes") if paused else ("yes", "no")
    field = f"{PATHS[side.server.direction]}.paused"
    await record_change(by, KIND, side.mailbox, verb, [(field, was, now)])
    record(MailboxChanged(side.mailbox.id))
