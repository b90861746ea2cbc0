"""Mailboxes: who asks, then the action, or the trial."""

from datetime import datetime

from actions import mailbox_control, mailbox_grants, mailbox_tests
from actions.administration import mailboxes
from actions.administration.mail_servers import PATHS, warnings
from actions.administration.mailboxes import Described, MailboxFields
from actions.mail_alerts import DeskAlert, current
from actions.mail_presets import PRESETS, Preset, ServerPreset
from actions.mail_quota import RESERVE
from mail import consent, probe
from mail.folder_names import Folder
from mail.probe import Tried
from mail.trial import Outcome, Stage, Step
from models.enums import Right
from models.mail_enums import MailDirection
from models.mailboxes import Mailbox, MailFolder, MailServer
from realtime.mailbox_feed import MailboxFeed, MailboxFrame
from resolvers.context import Context
from resolvers.refusals import invalid
from resolvers.rules import require_right, require_scope

__all__ = [
    "PRESETS",
    "RESERVE",
    "DeskAlert",
    "Folder",
    "MailboxFields",
    "MailboxFrame",
    "Outcome",
    "Preset",
    "ServerPreset",
    "Stage",
    "Step",
    "Tried",
    "warnings",
]


async def every() -> list[Mailbox]:
    """All mailboxes, by name."""
    return await Mailbox.all().order_by("name", "id")


async def create(context: Context, fields: MailboxFields, key: str | None) -> Mailbox:
    return await mailboxes.create(fields, key, by=await context.operator())


async def update(context: Context, id: int, fields: MailboxFields) -> Mailbox:
    return await mailboxes.update(id, fields, by=await context.operator())


async def delete(context: Context, id: int) -> Mailbox:
    return await mailboxes.delete(id, by=await context.operator())


async def pause(context: Context, id: int, direction: MailDirection) -> Mailbox:
    return await mailbox_control.pause(id, direction, by=await context.operator())


async def resume(context: Context, id: int, direction: MailDirection) -> Mailbox:
    return await mailbox_control.resume(id, direction, by=await context.operator())


async def reimport(context: Context, id: int, since: datetime) -> Mailbox:
    return await mailbox_control.reimport(id, since, by=await context.operator())


async def fetch_folders(context: Context, id: int | None, fields: MailboxFields) -> Tried:
    """The folders of an IMAP server, saved or not."""
    found = await mailboxes.described(id, fields, by=await context.operator())
    return await probe.folders(found.mailbox, _server(found, MailDirection.IN))


async def test_connection(
    context: Context, id: int | None, fields: MailboxFields, direction: MailDirection
) -> Tried:
    """Try a server, saved or not."""
    found = await mailboxes.described(id, fields, by=await context.operator())
    return await probe.connection(found.mailbox, _server(found, direction))


async def send_test(context: Context, id: int | None, fields: MailboxFields, to: str) -> Tried:
    """Send a mail by an SMTP server, saved or not; by a saved one it is in the log, and counts."""
    by = await context.operator()
    found = await mailboxes.described(id, fields, by=by)
    server = _server(found, MailDirection.OUT)
    recipient = await mailbox_tests.begun(id, to, by)
    done = await probe.test_mail(found.mailbox, server, recipient, by.operator.language)
    if id is not None:
        failed = done.failed
        sent = mailbox_tests.Sent(
            recipient,
            done.message_id,
            f"{failed.stage.value}: {failed.detail}" if failed is not None else "",
            done.answer,
        )
        await mailbox_tests.ended(id, sent, by)
    return done


def _server(found: Described, direction: MailDirection) -> MailServer:
    server = found.server(direction)
    if server is None:
        raise invalid(PATHS[direction], "Describe the server to be tried.")
    return server


async def begin_consent(context: Context, id: int) -> str:
    """Where the administrator gives consent, within this very session."""
    by = await context.operator()
    mailbox = await mailbox_grants.asked_for(id, by)
    state = consent.State.new(id, by.session_id)
    return consent.authorisation_url(mailbox, state, context.services.origin)


async def alerts(context: Context) -> list[DeskAlert]:
    """What needs an administrator now; nothing for who may not see the settings."""
    by = await require_scope(context, Right.SETTINGS_VIEW)
    return await current() if by.sight.has(Right.SETTINGS_VIEW) else []


async def feed(context: Context) -> MailboxFeed:
    """How mailboxes are, for the operator who asks."""
    by = await require_right(context, Right.SETTINGS_VIEW)
    return MailboxFeed(context.services.mailboxes, by.id, by.scopes)


def reimport_of(folders: list[MailFolder]) -> MailFolder | None:
    """The folder that is being read anew, if one is."""
    return next((one for one in folders if one.reimport_since is not None), None)
