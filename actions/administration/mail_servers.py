"""One server of a mailbox as an administrator describes it: every field checked, none saved."""

import re
from dataclasses import dataclass, field
from typing import Any, TypedDict

from actions import mail_health
from actions.administration.editing import Change, words
from actions.administration.form import Form
from actions.keys import ring
from actions.mail_hosts import is_address, refusal
from actions.mail_presets import PORTS
from models.mail_enums import MailAuth, MailDirection, MailSecurity
from models.mailboxes import MailServer
from models.sql import clock

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
HOST_LIMIT = 253
USERNAME_LIMIT = 254
PASSWORD_LIMIT = 1_000
FOLDER_LIMIT = 500
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PATHS = {MailDirection.IN: "incoming", MailDirection.OUT: "outgoing"}
"""Of each direction, the field of the input."""
WHERE = frozenset({"host", "port", "security"})
"""What says to whom a secret goes: with another, the stored one stays behind."""
WHAT = frozenset({"host", "port", "username", "folder"})
"""What says which mails are read: with another, those that are there are old ones."""


class ServerFields(TypedDict, total=False):
    """What is given of a server."""

    host: str
    port: int
    security: MailSecurity
    auth: MailAuth
    username: str | None
    password: str
    folder: str
    delete_after_import: bool


@dataclass
class ServerEdit:
    """A server on its way from what it was to what it is to be."""

    row: MailServer
    new: bool
    changed: set[str] = field(default_factory=set[str])
    notes: list[Change] = field(default_factory=list[Change])

    @property
    def path(self) -> str:
        """Of the input, and of the audit log."""
        return PATHS[self.row.direction]

    @property
    def moved(self) -> bool:
        """Whether another machine, or anybody on the way there, would hear what is said to it."""
        return not self.new and bool(self.changed & WHERE)

    def set(self, column: str, value: object) -> None:
        """Give a column a value that speaks for itself."""
        was = None if self.new else words(getattr(self.row, column))
        setattr(self.row, column, value)
        if self.new or was != words(value):
            self.changed.add(column)
        if was != words(value):
            self.notes.append((f"{self.path}.{column}", was, words(value)))

    def set_secret(self, password: str) -> None:
        """Keep a password, encrypted; the log knows that, and nothing else."""
        self.row.secret = ring().encrypt(password)
        self.changed.add("secret")
        now = "changed" if password else None
        self.notes.append((f"{self.path}.password", None if password else "removed", now))

    async def save(self) -> None:
        """Write what changed and no more: how the server is may be written at the same time."""
        if self.new or self.changed & WHAT:
            self.row.configured_at = await clock()
            self.changed.add("configured_at")
        if self.new:
            await self.row.save()
        elif self.changed:
            await self.row.save(update_fields=sorted(self.changed))
            await mail_health.afresh(self.row)


def blank(direction: MailDirection) -> MailServer:
    """A server nothing is known of yet."""
    return MailServer(
        direction=direction, host="", port=0, security=MailSecurity.TLS, auth=MailAuth.PASSWORD
    )


def edited(form: Form, row: MailServer, fields: ServerFields) -> ServerEdit:
    """The server with what is given; what is wrong is in the form, under its path."""
    edit = ServerEdit(row, new=row.pk is None)
    path = edit.path
    if "host" in fields or edit.new:
        edit.set("host", _host(form, fields.get("host", ""), f"{path}.host"))
    if "security" in fields or edit.new:
        edit.set("security", fields.get("security", MailSecurity.TLS))
    if "port" in fields or edit.new:
        port = fields.get("port", PORTS[row.direction, row.security])
        edit.set("port", form.within(port, f"{path}.port", 1, 65_535))
    if "username" in fields:
        edit.set("username", _plain(form, fields["username"], f"{path}.username", USERNAME_LIMIT))
    if "folder" in fields:
        edit.set("folder", _folder(form, fields["folder"], f"{path}.folder"))
    if "delete_after_import" in fields:
        edit.set("delete_after_import", fields["delete_after_import"])
    _sign_in(form, edit, fields)
    return edit


def _sign_in(form: Form, edit: ServerEdit, fields: ServerFields) -> None:
    row, path = edit.row, edit.path
    if "auth" in fields or edit.new:
        edit.set("auth", fields.get("auth", MailAuth.PASSWORD))
    if row.auth is MailAuth.NONE and row.direction is MailDirection.IN:
        form.wrong(f"{path}.auth", "A server that mail is fetched from knows who asks: sign in.")
    password = fields.get("password")
    if row.auth is MailAuth.PASSWORD:
        _password(form, edit, password, f"{path}.password")
    elif password:
        form.wrong(f"{path}.password", f"With {row.auth.value} there is none: leave it out.")
    elif row.secret:
        edit.set_secret("")


def _password(form: Form, edit: ServerEdit, given: str | None, path: str) -> None:
    if given is not None:
        if not given or len(given) > PASSWORD_LIMIT or CONTROL.search(given):
            message = f"A password has 1 to {PASSWORD_LIMIT:,} characters, none of them a control."
            form.wrong(path, message)
        else:
            edit.set_secret(given)
    elif not edit.row.secret:
        form.wrong(path, "Give the password.")
    elif edit.moved:
        message = "The stored one was given for another host, port or encryption: give it again."
        form.wrong(path, message)


def _host(form: Form, text: str, path: str) -> str:
    host = text.strip().lower().rstrip(".")
    if is_address(host):
        reason = refusal(host)
        if reason is not None:
            form.wrong(path, reason)
        return host
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        host = ""
    labels = host.split(".")
    if len(host) > HOST_LIMIT or not all(map(LABEL.fullmatch, labels)):
        form.wrong(path, "Give the name of a server, like imap.example.org, or an IP address.")
    return host[:HOST_LIMIT]


def _plain(form: Form, text: str | None, path: str, limit: int) -> str:
    plain = (text or "").strip()
    if len(plain) > limit or CONTROL.search(plain):
        form.wrong(path, f"Give at most {limit} characters, none of them a control.")
    return plain[:limit]


def _folder(form: Form, text: str, path: str) -> str:
    folder = _plain(form, text, path, FOLDER_LIMIT)
    if not folder:
        form.wrong(path, "Name a folder: INBOX, or one that mailboxFetchFolders lists.")
    return "INBOX" if folder.upper() == "INBOX" else folder


def warnings(server: MailServer) -> list[str]:
    """What is allowed and not wise."""
    found: list[str] = []
    if server.security is MailSecurity.NONE:
        what = "mails" if server.auth is MailAuth.NONE else "password and mails"
        found.append(f"Without encryption anybody on the way to {server.host} reads {what}.")
    return found


def told(fields: ServerFields) -> dict[str, Any]:
    """What was given as a digest may have it: without the password."""
    given: dict[str, Any] = dict(fields)
    return given | ({"password": "given"} if given.get("password") else {})
