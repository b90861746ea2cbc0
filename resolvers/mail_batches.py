"""Mailboxes in parts, and mails of entries, batched: one statement for any number of them."""

from collections import defaultdict

from models.desk import Department
from models.mail_enums import MailDirection
from models.mailboxes import MailFolder, MailQuota, MailServer
from models.mails import InboundMail
from models.sql import clock


async def servers(mailbox_ids: list[int]) -> list[dict[MailDirection, MailServer]]:
    found: dict[int, dict[MailDirection, MailServer]] = defaultdict(dict)
    for one in await MailServer.filter(mailbox_id__in=mailbox_ids):
        found[one.mailbox_id][one.direction] = one
    return [found[id] for id in mailbox_ids]


async def folders(mailbox_ids: list[int]) -> list[list[MailFolder]]:
    found: dict[int, list[MailFolder]] = defaultdict(list)
    for one in await MailFolder.filter(mailbox_id__in=mailbox_ids).order_by("id"):
        found[one.mailbox_id].append(one)
    return [found[id] for id in mailbox_ids]


async def quotas(mailbox_ids: list[int]) -> list[MailQuota | None]:
    today = (await clock()).date()
    rows = await MailQuota.filter(mailbox_id__in=mailbox_ids, day=today)
    found = {one.mailbox_id: one for one in rows}
    return [found.get(id) for id in mailbox_ids]


async def departments(keys: list[tuple[int, MailDirection]]) -> list[list[Department]]:
    found: dict[tuple[int, MailDirection], list[Department]] = defaultdict(list)
    ids = [id for id, _ in keys]
    incoming = Department.filter(incoming_mailbox_id__in=ids).order_by("name", "id")
    for one in await incoming:
        found[one.incoming_mailbox_id or 0, MailDirection.IN].append(one)
    outgoing = Department.filter(outgoing_mailbox_id__in=ids).order_by("name", "id")
    for one in await outgoing:
        found[one.outgoing_mailbox_id or 0, MailDirection.OUT].append(one)
    return [found[key] for key in keys]


async def of_entries(keys: list[tuple[int, int]]) -> list[InboundMail | None]:
    tickets, numbers = {id for id, _ in keys}, {number for _, number in keys}
    rows = InboundMail.filter(ticket_id__in=list(tickets), entry_number__in=list(numbers))
    found = {(one.ticket_id, one.entry_number): one for one in await rows}
    return [found.get(key) for key in keys]
