"""`sportello mail import`: an archive of old mail becomes tickets, silently."""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path

from app.commands import CommandError, opened, opened_storage, progress, say
from app.logs import configure
from app.mail_room import StoredFiles
from app.settings import Settings
from mail import archive
from mail.archive import Archive, ArchiveRefused, Found
from mail.importing import import_mail
from models.desk import Department
from models.mail_enums import InboundState
from models.mailboxes import Mailbox


async def run(settings: Settings, given: argparse.Namespace) -> int:
    """Keep what is new of the archive, import it in order, say what became of it.

    Called again it goes on where it was interrupted. 1 if some could not be imported.
    """
    if settings.log_level == "info":  # two lines for each mail would hide how far it is
        configure(replace(settings, log_level="warning"))
    attachments = StoredFiles(opened_storage(settings))
    async with opened(settings):
        department = await _department(given.department)
        mailbox = await _mailbox(given.mailbox, department)
        files = await asyncio.to_thread(_archive, Path(given.path))
        found = await asyncio.to_thread(files.in_order, progress("reading", "mails"))
        show = progress("importing", "mails")
        for start in range(0, len(found), archive.AT_ONCE):
            part = found[start : start + archive.AT_ONCE]
            await archive.keep(files, part, mailbox.id, department.id)
            for id in await archive.waiting(files, mailbox.id, _uids(part)):
                await import_mail(id, attachments)
            show(start + len(part), len(found))
        counts = await archive.summary(files, mailbox.id)
    for state, count in sorted(counts.items()):
        say(f"{count:>8}  {state.value.lower().replace('_', ' ')}")
    return 1 if counts.get(InboundState.FAILED) else 0


def _uids(part: list[Found]) -> list[int]:
    return [one.uid for one in part]


def _archive(path: Path) -> Archive:
    try:
        return Archive(path)
    except (ArchiveRefused, OSError) as error:
        raise CommandError(str(error)) from None


async def _department(name: str) -> Department:
    """By number, or by name."""
    by_id = Department.filter(id=int(name)) if name.isdigit() else None
    found = await (by_id or Department.filter(name=name)).first()
    if found is None:
        known = ", ".join([one.name for one in await Department.all().order_by("name")])
        raise CommandError(f"There is no department {name}. There are: {known or 'none'}.")
    return found


async def _mailbox(address: str | None, department: Department) -> Mailbox:
    """The mailbox named, else the department's: whose log the mails go into."""
    if address is None:
        mailbox = await Mailbox.get_or_none(id=department.incoming_mailbox_id or 0)
    else:
        mailbox = await Mailbox.get_or_none(address=address.lower())
    if mailbox is None:
        raise CommandError(
            f"No mailbox {address}: see `mailboxes`."
            if address
            else f"{department.name} has no incoming mailbox: name one with --mailbox."
        )
    return mailbox
