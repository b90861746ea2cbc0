"""The OAuth2 client of a mailbox as an administrator describes it: checked, none of it saved."""

import re
from typing import Any, TypedDict
from urllib.parse import urlsplit

from actions.administration.editing import Edit
from actions.administration.form import Form
from actions.administration.mail_servers import CONTROL, HOST_LIMIT, LABEL
from actions.keys import ring
from actions.mail_hosts import is_address, refusal
from actions.mail_presets import preset
from models.mailboxes import Mailbox

ADDRESS_LIMIT = 500
CLIENT_LIMIT = 300
SECRET_LIMIT = 1_000
COLUMNS = ("provider", "client_id", "authorise_url", "token_url", "scope")
LONE = re.compile(r"[\ud800-\udfff]")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that need no encryption: what is sent there leaves no machine."""


class OAuthFields(TypedDict, total=False):
    """What is given of an OAuth2 client."""

    provider: str
    client_id: str
    client_secret: str | None
    authorise_url: str
    token_url: str
    scope: str


def edit_oauth(form: Form, edit: Edit[Mailbox], fields: OAuthFields | None) -> None:
    """The client with what is given, or none; a grant belongs to its client, and goes with it."""
    row = edit.row
    before = {one: getattr(row, f"oauth_{one}") for one in COLUMNS}
    if fields is None:
        _put(edit, dict.fromkeys(COLUMNS, ""))
        row.oauth_client_secret = ""
        forget_grant(edit)
        return
    _put(edit, _wanted(form, before, fields))
    moved = before["token_url"] and before["token_url"] != row.oauth_token_url
    _secret(form, edit, fields, moved=bool(moved))
    if before != {one: getattr(row, f"oauth_{one}") for one in COLUMNS}:
        forget_grant(edit)


def _wanted(form: Form, before: dict[str, str], fields: OAuthFields) -> dict[str, str]:
    """What it will be; of a provider that is known, addresses and scope need not be given."""
    given: dict[str, Any] = {one: value for one, value in fields.items() if one in COLUMNS}
    known = preset(given.get("provider", before["provider"]))
    changed = given.get("provider", before["provider"]) != before["provider"]
    wanted: dict[str, str] = {}
    for one in COLUMNS:
        default = getattr(known, one, "") if changed or not before[one] else before[one]
        wanted[one] = str(given.get(one, default if one != "client_id" else before[one])).strip()
    wanted["provider"] = given.get("provider", before["provider"])
    if not wanted["provider"]:
        form.wrong("oauth.provider", "Choose a provider.")
    for one, path in (("authorise_url", "authoriseUrl"), ("token_url", "tokenUrl")):
        _check_address(form, wanted[one], f"oauth.{path}")
    if not _fits(wanted["client_id"], CLIENT_LIMIT):
        form.wrong("oauth.clientId", "Give the client id that the provider registered.")
    if not _fits(wanted["scope"], ADDRESS_LIMIT):
        form.wrong("oauth.scope", "Name what is asked for: scopes, with spaces between them.")
    return {
        one: value[: CLIENT_LIMIT if one == "client_id" else ADDRESS_LIMIT]
        for one, value in wanted.items()
    }


def _put(edit: Edit[Mailbox], wanted: dict[str, str]) -> None:
    for one, value in wanted.items():
        was = "" if edit.new else getattr(edit.row, f"oauth_{one}")
        setattr(edit.row, f"oauth_{one}", value)
        if was != value:
            edit.note(f"oauth.{one}", was or None, value or None)


def _secret(form: Form, edit: Edit[Mailbox], fields: OAuthFields, *, moved: bool) -> None:
    """Like a password: never sent to another address than the one it was given for."""
    row, secret = edit.row, fields.get("client_secret")
    if secret and not _fits(secret, SECRET_LIMIT):
        message = f"A secret has 1 to {SECRET_LIMIT:,} characters, none of them a control."
        form.wrong("oauth.clientSecret", message)
    elif "client_secret" in fields:
        row.oauth_client_secret = ring().encrypt(secret or "")
        edit.note(
            "oauth.client_secret", None if secret else "removed", "changed" if secret else None
        )
    elif moved and row.oauth_client_secret:
        form.wrong(
            "oauth.clientSecret",
            "The stored secret was given for another token address: give it again, or null.",
        )


def forget_grant(edit: Edit[Mailbox]) -> None:
    """The grant is of no use to another client, and not for another server's eyes."""
    if edit.row.oauth_refresh_token:
        edit.note("oauth.consent", "given", None)
    edit.row.oauth_refresh_token = edit.row.oauth_access_token = ""
    edit.row.oauth_expires_at = None


def _fits(text: str, limit: int) -> bool:
    """Whether it can be kept and sent: neither controls nor halves of characters."""
    return 0 < len(text) <= limit and CONTROL.search(text) is None and LONE.search(text) is None


def _check_address(form: Form, address: str, path: str) -> None:
    host = _host(address)
    if not host or not _fits(address, ADDRESS_LIMIT):
        form.wrong(path, "Give the provider's address: https://…")
    elif is_address(host):
        reason = refusal(host)
        if reason is not None:
            form.wrong(path, reason)


def _host(address: str) -> str:
    """Whom it leads to; empty when it leads nowhere, or unencrypted to another machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL)
    strange = not address.isascii() or any(one in address for one in ' "<>\\^`{|}')
    if not safe or strange or "@" in parts.netloc:
        return ""
    if is_address(host):
        return host if "%" not in host else ""
    named = "[" not in parts.netloc and len(host) <= HOST_LIMIT
    return host if named and all(map(LABEL.fullmatch, host.split("."))) else ""


def told(fields: OAuthFields | None) -> dict[str, Any] | None:
    """What was given as a digest may have it: without the secret."""
    if fields is None:
        return None
    given: dict[str, Any] = dict(fields)
    return given | ({"client_secret": "given"} if given.get("client_secret") else {})
