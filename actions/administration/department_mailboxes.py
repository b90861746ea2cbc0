"""The mailboxes of a department: where its mail arrives, and by what it is sent."""

from collections.abc import Mapping
from typing import Any

from actions.administration.editing import Edit
from actions.administration.form import Form
from models.desk import Department
from models.mail_enums import MailDirection
from models.mailboxes import Mailbox, MailServer

SIDES = (
    ("incoming_mailbox_id", "incomingMailboxId", MailDirection.IN, "incoming"),
    ("outgoing_mailbox_id", "outgoingMailboxId", MailDirection.OUT, "outgoing"),
)


async def edit_mailboxes(form: Form, edit: Edit[Department], fields: Mapping[str, Any]) -> None:
    """Those that are given; each must have a server for what it is to do."""
    for column, path, direction, word in SIDES:
        if column not in fields:
            continue
        mailbox = await form.row(Mailbox, fields[column], path, "a mailbox")
        if mailbox is not None:
            side = MailServer.filter(mailbox_id=mailbox.id, direction=direction)
            if not await side.exists():
                form.wrong(path, f"{mailbox.name} has no {word} server: give it one first.")
        await edit.link(column, Mailbox, mailbox)


async def mailbox_conflicts(form: Form, department: Department, fields: Mapping[str, Any]) -> None:
    """Its addresses are not those of a mailbox that does not bring its mail."""
    if department.incoming_mailbox_id is None:
        return
    addresses = [one for one in (department.email, *department.aliases) if one]
    others = Mailbox.filter(address__in=addresses).exclude(id=department.incoming_mailbox_id)
    for other in await others.order_by("id"):
        path = next((one for one in ("aliases", "email") if one in fields), "incomingMailboxId")
        form.wrong(path, f"{other.address} is that of the mailbox {other.name}.")
