"""A secret that goes in comes out nowhere: no answer, no log line, no column of any table."""

import contextlib
import io
import logging
from collections.abc import Generator
from typing import Any

import pytest

from models.sql import Statement, connection, is_postgres, rows
from tests.administration.staff import program
from tests.administration.test_mailboxes import SHOWN, made
from tests.support.site import Client, Site

SECRETS = ("imap-secret-4711", "smtp-secret-4712", "client-secret-4713", "other-secret-4714")


@contextlib.contextmanager
def listening() -> Generator[io.StringIO]:
    """Whatever the standard library's loggers are told, at every level."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


async def kept() -> str:
    """Everything in the database, as text."""
    if is_postgres():
        named = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    else:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
    found: list[str] = []
    for table in await rows(named, Statement()):
        name = table["name"]
        found.append(str(await connection().execute_query_dict(f'SELECT * FROM "{name}"')))
    return " ".join(found)


async def used(by: Client) -> list[dict[str, Any]]:
    """Every mutation that takes a secret, and every answer there is about mailboxes."""
    imap, smtp, client, other = SECRETS
    nobody = {"host": "127.0.0.1", "port": 1, "security": "NONE"}
    oauth = {"provider": "GOOGLE", "clientId": "me", "clientSecret": client}
    mailbox = await made(
        by, incoming={**nobody, "password": imap}, outgoing={**nobody, "password": smtp},
        oauth=oauth, idempotencyKey="once",
    )  # fmt: skip
    id = mailbox["id"]
    answers = [mailbox]
    for mutation, input in (
        ("mailboxUpdate", {"incoming": {"password": other}}),
        ("mailboxUpdate", {"incoming": {"password": other, "port": 0}}),
        ("mailboxUpdate", {"oauth": {"clientSecret": other, "tokenUrl": "nothing"}}),
        ("mailboxTestConnection", {"direction": "IN", "incoming": {"password": other}}),
        ("mailboxFetchFolders", {"incoming": {**nobody, "password": other}}),
        ("mailboxSendTest", {"to": "a@example.org", "outgoing": {"password": other}}),
        ("mailboxPause", {"direction": "OUT"}),
        ("mailboxOAuthBegin", {}),
    ):
        wrong = "... on InvalidInput { fields { path message } }"
        answers.append(await by.do(mutation, wrong, mailboxId=id, **input))
    answers.append(await by.run(f"{{ mailboxes {SHOWN.removeprefix('mailbox')} }}"))
    audit = "{ auditLog(first: 50) { edges { node { kind changes { field from to } } } } }"
    answers.append(await by.run(audit))
    return answers


async def test_nothing_tells_a_secret(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    admin = await site.sign_in("admin")
    with listening() as heard:
        answers = str(await used(admin))
    logged = "".join(capfd.readouterr()) + heard.getvalue()
    rows_kept = await kept()
    assert "desk changed" in logged
    assert "support@example.org" in rows_kept
    for secret in SECRETS:
        assert secret not in answers
        assert secret not in logged
        assert secret not in rows_kept


@pytest.mark.parametrize(
    ("type_", "literal", "input"),
    [
        ("TestConnection", "", {"incoming": {"password": SECRETS[0]}}),
        ("Create", "", {"incoming": {"password": SECRETS[0], "hosts": 1}}),
        ("Create", "", {"incoming": {"password": SECRETS[0], "unheardOf": 1}}),
        ("Create", "", {"incoming": {"password": [SECRETS[0]]}}),
        ("Create", "", {"incoming": [{"password": [SECRETS[0]]}]}),
        ("Create", f'{{incoming: {{password: "{SECRETS[0]}", x: 1}}}}', {}),
        ("Create", f'{{incoming: {{password "{SECRETS[0]}"}}}}', {}),
        ("Create", f'{{incoming: {{password: "a" """{SECRETS[0]}"""}}}}', {}),
        ("Create", f'{{incoming: {{password: ["{SECRETS[0]}"]}}}}', {}),
    ],
)
async def test_nor_does_a_request_that_is_malformed(
    site: Site, capfd: pytest.CaptureFixture[str], type_: str, literal: str, input: dict[str, Any]
) -> None:
    """graphql-core quotes what it was given."""
    admin = await site.sign_in("admin")
    head = f"mutation ($i: Mailbox{type_}Input!)" if input else "mutation"
    given = "$i" if input else literal
    query = f"{head} {{ mailbox{type_}(input: {given}) {{ __typename }} }}"
    answer = await admin.post(query, i=input)
    (error,) = answer.json()["errors"][:1]
    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"]
    logged = "".join(capfd.readouterr())
    assert "request refused" in logged
    assert SECRETS[0] not in answer.text + logged


async def test_a_program_needs_the_scope(site: Site) -> None:
    admin = await site.sign_in("admin")
    tool, _ = await program(admin, "TICKETS_VIEW")
    answer = await tool.post("{ mailboxes { id } }")
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    allowed, _ = await program(admin, "SETTINGS_VIEW", "SETTINGS_WRITE")
    mailbox = await made(allowed)
    assert mailbox["incoming"]["hasPassword"] is True
