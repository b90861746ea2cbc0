"""`sportello mail import`: an archive of old mail becomes tickets, silently."""

import argparse
import asyncio
from dataclasses import replace
from pathlib import Path

from app.commands import SHOWN, CommandError, opened, opened_storage, progress, say
from app.logs import configure
from app.mail_room import StoredFiles
from app.settings import Settings
from mail import archive
from mail.archive import Shelf
from mail.archive_files import Archive, ArchiveRefused, Found, printable
from mail.importing import import_mail
from models.desk import Department
from models.mail_enums import InboundState
from models.mailboxes import Mailbox


async def run(settings: Settings, given: argparse.Namespace) -> int:
    """Keep what is new of the archive, import it in order, say what became of it.

    Called again it goes on where it was interrupted. 1 if some could not be imported, or read.
    """
    if settings.log_level == "info":  # two lines for each mail would hide how far it is
        configure(replace(settings, log_level="warning"))
    attachments = StoredFiles(opened_storage(settings))
    async with opened(settings):
        department = await _department(given.department)
        mailbox = await _mailbox(given.mailbox, department)
        files = await asyncio.to_thread(_archive, Path(given.path))
        found = await asyncio.to_thread(files.in_order, progress("reading", "mails"))
        shelf = await archive.shelf(files.name, mailbox.id, department.id)
        await _import(files, found, shelf, attachments)
        counts = await archive.summary(found, shelf)
    for state, count in sorted(counts.items()):
        say(f"{count:>8}  {state.value.lower().replace('_', ' ')}")
    for why, names in sorted(files.skipped.names.items()):
        more = ", …" if len(names) > SHOWN else ""
        say(f"{len(names):>8}  skipped: {why}: {', '.join(names[:SHOWN])}{more}")
    return 1 if counts[InboundState.FAILED] or files.skipped.unreadable else 0


async def _import(
    files: Archive, found: list[Found], shelf: Shelf, attachments: StoredFiles
) -> None:
    show = progress("importing", "mails")
    done = 0
    for batch in archive.batches(found):
        await archive.keep(files, batch, shelf)
        for id in await archive.waiting(batch, shelf):
            await import_mail(id, attachments)
        for _ in batch:
            done += 1
            show(done, len(found))


def _archive(path: Path) -> Archive:
    try:
        return Archive(path)
    except ArchiveRefused as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{printable(str(path))}: {error.strerror or error}.") from None


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
