"""Mailboxes: made, changed, deleted; secrets go in, and never come out."""

from dataclasses import dataclass
from typing import Any, TypedDict

from actions import mail_quota
from actions.administration import mail_oauth
from actions.administration.editing import (
    Create,
    Edit,
    created,
    found,
    permitted,
    record_change,
)
from actions.administration.form import Form
from actions.administration.mail_oauth import OAuthFields, edit_oauth
from actions.administration.mail_servers import PATHS, ServerEdit, ServerFields, blank, edited, told
from actions.events import MailboxChanged
from actions.refusals import invalid
from actions.unit_of_work import record
from models.callers import OperatorCaller
from models.desk import Department
from models.enums import Right
from models.mail_enums import MailAuth, MailDirection
from models.mailboxes import Mailbox, MailFolder, MailQuota, MailServer
from models.mails import InboundMail, OutboundMail
from models.sql import Statement, clock, rows

KIND = "Mailbox"
DAILY_LIMIT_MOST = 1_000_000
SWITCHES = ("plus_addressing", "acknowledge", "null_return_path")


class MailboxFields(TypedDict, total=False):
    """What is given of a mailbox."""

    name: str
    address: str
    sender_name: str | None
    default_department_id: int | None
    plus_addressing: bool
    authserv_id: str | None
    acknowledge: bool
    null_return_path: bool
    daily_limit: int
    incoming: ServerFields | None
    outgoing: ServerFields | None
    oauth: OAuthFields | None


@dataclass(frozen=True)
class Described:
    """A mailbox and its servers as they are, or would be: perhaps not saved."""

    mailbox: Mailbox
    servers: tuple[MailServer, ...]

    def server(self, direction: MailDirection) -> MailServer | None:
        """The server of a direction."""
        return next((one for one in self.servers if one.direction is direction), None)


async def create(fields: MailboxFields, key: str | None, by: OperatorCaller) -> Mailbox:
    """A new mailbox. Raises NotFound, NotPermitted, InvalidInput, IdempotencyConflict.

    The same key again returns the first, whatever secrets it came with.
    """

    async def do() -> Mailbox:
        return await _write(Mailbox(created_at=await clock()), fields, by, "create")

    request = Create(KIND, _told(fields), key)
    return await created(by, Right.SETTINGS_WRITE, request, Mailbox, do)


async def update(id: int, fields: MailboxFields, by: OperatorCaller) -> Mailbox:
    """Change what is given; servers that changed are tried at once.

    Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Mailbox:
        await _hold(id)
        mailbox = await _write(await found(Mailbox, id), fields, by, "update")
        if "daily_limit" in fields:
            await mail_quota.released(mailbox)
        return mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def described(id: int | None, fields: MailboxFields, by: OperatorCaller) -> Described:
    """What `create` or `update` would make of it, to be tried; nothing is saved.

    A new one needs no name. Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Described:
        mailbox = await found(Mailbox, id) if id is not None else Mailbox(name="", address="")
        form, edit = Form(), Edit(mailbox, KIND)
        if "address" in fields or edit.new:
            edit.set("address", form.address(fields.get("address", ""), "address"))
        sides = await _connections(form, edit, fields)
        form.check()
        kept = {one.direction: one for one in await _servers(mailbox)}
        given = {one.row.direction: one.row for one in sides.edits}
        servers = {side: row for side, row in (kept | given).items() if side not in sides.removed}
        return Described(mailbox, tuple(servers.values()))

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def delete(id: int, by: OperatorCaller) -> Mailbox:
    """Delete one that nothing uses and whose log is empty.

    Raises NotFound, NotPermitted, and InvalidInput, which says by what it is used.
    """

    async def do() -> Mailbox:
        mailbox = await found(Mailbox, id)
        await _unused(mailbox)
        await record_change(by, KIND, mailbox, "delete", [])
        for model in (MailServer, MailFolder, MailQuota):
            await model.filter(mailbox_id=id).delete()
        await mailbox.delete()
        record(MailboxChanged(id))
        return mailbox

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _unused(mailbox: Mailbox) -> None:
    incoming = await Department.filter(incoming_mailbox_id=mailbox.id)
    outgoing = await Department.filter(outgoing_mailbox_id=mailbox.id)
    names = sorted({one.name for one in (*incoming, *outgoing)})
    if names:
        message = f"It serves {', '.join(names)}: give them another first."
        raise invalid("mailboxId", message)
    mails = await InboundMail.filter(mailbox_id=mailbox.id).count()
    mails += await OutboundMail.filter(mailbox_id=mailbox.id).count()
    if mails:
        message = (
            f"Its log has {mails:,} mails, which stay: take its servers away instead, with "
            "mailboxUpdate and null for incoming and outgoing."
        )
        raise invalid("mailboxId", message)


@dataclass(frozen=True)
class _Sides:
    edits: list[ServerEdit]
    removed: list[MailDirection]


async def _write(mailbox: Mailbox, fields: MailboxFields, by: OperatorCaller, verb: str) -> Mailbox:
    form, edit = Form(), Edit(mailbox, KIND)
    if "name" in fields or edit.new:
        name = form.name(fields.get("name", ""))
        await form.unused_name(Mailbox, mailbox, name)
        edit.set("name", name)
    if "address" in fields or edit.new:
        edit.set("address", await _address(form, mailbox, fields.get("address", "")))
    await _plain_fields(form, edit, fields)
    sides = await _connections(form, edit, fields)
    if edit.new and not sides.edits:
        form.wrong("incoming", "Describe a server at least: incoming, outgoing or both.")
    form.check()
    for direction in sides.removed:
        await _remove(edit, direction)
    for one in sides.edits:
        for field, was, now in one.notes:
            edit.note(field, was, now)
    await edit.commit(by, verb, rights=False)
    for one in sides.edits:
        one.row.mailbox_id = mailbox.id
        await one.save()
    record(MailboxChanged(mailbox.id))
    return mailbox


async def _plain_fields(form: Form, edit: Edit[Mailbox], fields: MailboxFields) -> None:
    if "sender_name" in fields:
        edit.set("sender_name", form.line(fields["sender_name"] or "", "senderName"))
    if "authserv_id" in fields:
        said = form.line(fields["authserv_id"] or "", "authservId").lower()
        if " " in said:
            form.wrong("authservId", "It is one word, like mx.example.org.")
        edit.set("authserv_id", said)
    if "daily_limit" in fields:
        limit = form.within(fields["daily_limit"], "dailyLimit", 1, DAILY_LIMIT_MOST)
        edit.set("daily_limit", limit)
    if "default_department_id" in fields:
        path = "defaultDepartmentId"
        row = await form.row(Department, fields["default_department_id"], path, "a department")
        await edit.link("default_department_id", Department, row)
    edit.set_all({name: value for name, value in fields.items() if name in SWITCHES})


async def _connections(form: Form, edit: Edit[Mailbox], fields: MailboxFields) -> _Sides:
    """Both servers and the OAuth2 client, as far as they are given."""
    edits: list[ServerEdit] = []
    removed: list[MailDirection] = []
    kept = {one.direction: one for one in await _servers(edit.row)}
    for direction, given in _sides(fields).items():
        if given is None:
            removed.append(direction)
            await _idle(form, edit.row, direction)
        else:
            edits.append(edited(form, kept.get(direction) or blank(direction), given))
    if "oauth" in fields:
        edit_oauth(form, edit, fields["oauth"])
    now = {one.row.direction: one.row for one in edits}
    every = [row for side, row in (kept | now).items() if side not in removed]
    if any(one.auth is MailAuth.OAUTH2 for one in every) and not edit.row.oauth_client_id:
        form.wrong("oauth", "A server signs in with OAuth2: describe the client.")
    if any(one.moved and one.row.auth is MailAuth.OAUTH2 for one in edits):
        mail_oauth.forget_grant(edit)
    return _Sides(edits, removed)


async def _hold(id: int) -> None:
    """Whoever refreshes its tokens waits: what is read next is saved whole."""
    to = Statement()
    await rows(f"UPDATE mailbox SET id = id WHERE id = {to.add(id)} RETURNING id", to)


def _sides(fields: MailboxFields) -> dict[MailDirection, ServerFields | None]:
    """What is given of each direction; None to take a server away."""
    found: dict[MailDirection, ServerFields | None] = {}
    if "incoming" in fields:
        found[MailDirection.IN] = fields["incoming"]
    if "outgoing" in fields:
        found[MailDirection.OUT] = fields["outgoing"]
    return found


async def _servers(mailbox: Mailbox) -> list[MailServer]:
    if mailbox.pk is None:
        return []
    return await MailServer.filter(mailbox_id=mailbox.pk).order_by("id")


async def _remove(edit: Edit[Mailbox], direction: MailDirection) -> None:
    server = await MailServer.get_or_none(mailbox_id=edit.row.pk or 0, direction=direction)
    if server is not None:
        edit.note(PATHS[direction], server.host, None)
        await server.delete()


async def _idle(form: Form, mailbox: Mailbox, direction: MailDirection) -> None:
    """A server that departments rely on stays."""
    column = f"{PATHS[direction]}_mailbox_id"
    served = await Department.filter(**{column: mailbox.pk or 0}).order_by("name")
    if served:
        names = ", ".join(one.name for one in served)
        form.wrong(PATHS[direction], f"It serves {names}: give them another first.")


async def _address(form: Form, mailbox: Mailbox, text: str) -> str:
    """No other mailbox's, and no address of a department whose mail another mailbox brings."""
    address = form.address(text, "address")
    own = mailbox.pk or 0
    if await Mailbox.exclude(id=own).filter(address=address).exists():
        form.wrong("address", f"Another mailbox has this address: {address}.")
    others = Department.filter(incoming_mailbox_id__isnull=False)
    for one in await others.exclude(incoming_mailbox_id=own).order_by("id"):
        if address and address in (one.email, *one.aliases):
            form.wrong("address", f"Another mailbox brings {address} to {one.name}.")
    return address


def _told(fields: MailboxFields) -> dict[str, Any]:
    """What was given as a digest may have it: without secrets."""
    given: dict[str, Any] = dict(fields)
    for side in PATHS.values():
        if given.get(side):
            given[side] = told(given[side])
    if "oauth" in given:
        given["oauth"] = mail_oauth.told(given["oauth"])
    return given
