"""Mailboxes over the API: every field, what cannot be, and secrets that never come back."""

from typing import Any

import pytest

from actions.keys import ring
from models.mail_enums import MailDirection
from models.mailboxes import Mailbox, MailServer
from models.records import EventRecord
from tests.administration.staff import DENIED, INVALID, lines, paths_of, refused
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Failed, Site, gid

SERVER = """host port security auth username hasPassword folder deleteAfterImport paused state
  error retryAt failures troubleSince lastSuccessAt lastMailAt backlog warnings"""
SHOWN = f"""mailbox {{ id name address senderName plusAddressing authservId acknowledge
  nullReturnPath dailyLimit defaultDepartment {{ name }} incoming {{ {SERVER} }}
  outgoing {{ {SERVER} }} receivesFor {{ name }} sendsFor {{ name }} aliases
  oauth {{ provider clientId hasClientSecret authoriseUrl tokenUrl scope authorised }}
  quota {{ limit used reserve reserveUsed }} reimport {{ folder since total done }} }}"""
WRONG = f"{INVALID} {DENIED}"
MADE = f"... on MailboxCreated {{ {SHOWN} }} {WRONG}"
CHANGED = f"... on MailboxUpdated {{ {SHOWN} }} {WRONG}"
SECRET = "very-secret-imap-word"
INCOMING = {"host": "IMAP.Example.org.", "password": SECRET}
OUTGOING = {"host": "smtp.example.org", "password": "very-secret-smtp-word"}


async def made(by: Client, address: str = "support@example.org", **fields: Any) -> dict[str, Any]:
    """A mailbox with both servers."""
    input = {"name": address, "incoming": INCOMING, "outgoing": OUTGOING, **fields}
    answer = await by.do("mailboxCreate", MADE, address=address, **input)
    assert answer["__typename"] == "MailboxCreated", answer
    return answer["mailbox"]


async def test_every_field(site: Site) -> None:
    admin = await site.sign_in("admin")
    department = await gid_of("Department", "Patronato")
    plain = {
        "name": "Posta", "address": "posta@example.org", "senderName": "Sportello",
        "plusAddressing": True, "authservId": "mx.example.org", "acknowledge": False,
        "nullReturnPath": True, "dailyLimit": 100,
    }  # fmt: skip
    answer = await admin.do(
        "mailboxCreate", MADE, **plain, defaultDepartmentId=department,
        incoming={"host": "imap.example.org", "port": 1143, "security": "STARTTLS",
                  "username": "posta", "password": SECRET, "folder": "Aiuto/Größe",
                  "deleteAfterImport": True},
        outgoing={"host": "10.0.0.9", "security": "NONE", "auth": "NONE"},
    )  # fmt: skip
    found = answer["mailbox"]
    assert {name: found[name] for name in plain} == plain
    assert found["defaultDepartment"] == {"name": "Patronato"}
    incoming, outgoing = found["incoming"], found["outgoing"]
    assert (incoming["host"], incoming["port"], incoming["security"], incoming["username"]) == (
        "imap.example.org", 1143, "STARTTLS", "posta",
    )  # fmt: skip
    assert (incoming["folder"], incoming["deleteAfterImport"]) == ("Aiuto/Größe", True)
    assert (incoming["hasPassword"], incoming["state"], incoming["warnings"]) == (True, "OK", [])
    assert (outgoing["port"], outgoing["auth"], outgoing["hasPassword"]) == (25, "NONE", False)
    assert "Without encryption" in outgoing["warnings"][0]
    assert found["quota"] == {"limit": 100, "used": 0, "reserve": 20, "reserveUsed": 0}
    changed = await admin.do(
        "mailboxUpdate", CHANGED, mailboxId=found["id"], senderName=None, authservId=None,
        defaultDepartmentId=None, incoming={"username": None}, outgoing=None,
    )  # fmt: skip
    now = changed["mailbox"]
    assert (now["senderName"], now["authservId"], now["defaultDepartment"]) == ("", "", None)
    assert (now["incoming"]["username"], now["incoming"]["hasPassword"]) == ("", True)
    assert now["outgoing"] is None
    (line,) = await lines("mailbox.update")
    assert ["incoming.username", "posta", None] in line["changes"]
    assert ["outgoing", "10.0.0.9", None] in line["changes"]
    ids = await admin.run(
        "query ($id: ID!) { mailboxes { id } mailbox(id: $id) { name } node(id: $id) { id } }",
        id=found["id"],
    )
    assert ids["mailboxes"] == [{"id": found["id"]}]
    assert ids["node"] == {"id": found["id"]}
    assert ids["mailbox"] == {"name": "Posta"}


async def test_everything_that_is_wrong_is_told_at_once(site: Site) -> None:
    admin = await site.sign_in("admin")
    answer = await admin.do(
        "mailboxCreate", WRONG, name="", address="nobody", dailyLimit=0, authservId="two words",
        defaultDepartmentId=gid("Department", 99),
        incoming={"host": "not a host", "port": 70_000, "folder": "", "auth": "NONE"},
        outgoing={"host": "169.254.169.254", "auth": "OAUTH2", "password": "x"},
    )  # fmt: skip
    assert sorted(paths_of(answer)) == [
        "address", "authservId", "dailyLimit", "defaultDepartmentId", "incoming.auth",
        "incoming.folder", "incoming.host", "incoming.port", "name", "oauth", "outgoing.host",
        "outgoing.password",
    ]  # fmt: skip


async def test_what_cannot_be(site: Site) -> None:
    admin = await site.sign_in("admin")
    first = await made(admin)
    second = await made(admin, "second@example.org")
    for wrong, path in (
        ({"name": "support@example.org"}, "name"),
        ({"address": "Support@example.org"}, "address"),
        ({"incoming": {"host": "fe80::1"}}, "incoming.host"),
        ({"incoming": {"host": "-x.example.org"}}, "incoming.host"),
        ({"incoming": {"host": None}}, "incoming.host"),
        ({"incoming": {"folder": "a\r\nb"}}, "incoming.folder"),
        ({"incoming": {"password": ""}}, "incoming.password"),
        ({"incoming": {"password": "a\r\nb"}}, "incoming.password"),
        ({"incoming": {"username": "x" * 300}}, "incoming.username"),
        ({"outgoing": {"port": 0}}, "outgoing.port"),
        ({"oauth": {"provider": "CUSTOM", "clientId": "x"}}, "oauth.authoriseUrl"),
        ({"oauth": {"provider": "GOOGLE", "clientId": ""}}, "oauth.clientId"),
        ({"oauth": {"provider": "GOOGLE", "clientId": "x", "tokenUrl": "http://a.b/"}},
         "oauth.tokenUrl"),
    ):  # fmt: skip
        answer = await admin.do("mailboxUpdate", WRONG, mailboxId=second["id"], **wrong)
        assert path in paths_of(answer), wrong
    assert (await admin.do("mailboxUpdate", mailboxId=gid("Mailbox", 99)))[
        "__typename"
    ] == "NotFound"
    assert first["name"] == "support@example.org"


@pytest.mark.parametrize(
    "moved",
    [{"host": "evil.example.org"}, {"port": 1}, {"security": "NONE"}, {"security": "STARTTLS"}],
)
async def test_a_stored_password_goes_to_no_other_server(site: Site, moved: dict[str, Any]) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    for mutation, more in (
        ("mailboxUpdate", {}), ("mailboxTestConnection", {"direction": "IN"}),
        ("mailboxFetchFolders", {}),
    ):  # fmt: skip
        answer = await admin.do(mutation, WRONG, mailboxId=mailbox["id"], incoming=moved, **more)
        assert paths_of(answer) == ["incoming.password"], mutation
    with_it = {**moved, "password": "another"}
    answer = await admin.do("mailboxUpdate", CHANGED, mailboxId=mailbox["id"], incoming=with_it)
    assert answer["__typename"] == "MailboxUpdated"
    server = await MailServer.get(direction=MailDirection.IN)
    assert ring().decrypt(server.secret) == "another"


async def test_who_may(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    mailbox = await made(admin)
    id = mailbox["id"]
    for mutation, input in (
        ("mailboxCreate", {"name": "x"}), ("mailboxUpdate", {"mailboxId": id}),
        ("mailboxDelete", {"mailboxId": id}), ("mailboxOAuthBegin", {"mailboxId": id}),
        ("mailboxPause", {"mailboxId": id, "direction": "IN"}),
        ("mailboxResume", {"mailboxId": id, "direction": "IN"}),
        ("mailboxReimport", {"mailboxId": id, "since": "2026-01-01T00:00:00Z"}),
        ("mailboxFetchFolders", {"mailboxId": id}),
        ("mailboxTestConnection", {"mailboxId": id, "direction": "IN"}),
        ("mailboxSendTest", {"mailboxId": id, "to": "a@example.org"}),
    ):  # fmt: skip
        await refused(await anna.do(mutation, DENIED, **input), "settings.write")
    for query in (
        "{ mailboxes { id } }", f'{{ mailbox(id: "{id}") {{ id }} }}',
        "{ mailProviderPresets { name } }",
    ):  # fmt: skip
        with pytest.raises(Failed) as failed:
            await anna.run(query)
        assert failed.value.code == "FORBIDDEN"
    node = f'{{ node(id: "{id}") {{ id }} deskAlerts {{ mailbox {{ id }} }} }}'
    assert await anna.run(node) == {"node": None, "deskAlerts": []}


async def test_the_same_key_makes_one(site: Site) -> None:
    admin = await site.sign_in("admin")
    input: dict[str, Any] = {"name": "Posta", "address": "a@example.org", "incoming": INCOMING}
    first = await admin.do("mailboxCreate", MADE, **input, idempotencyKey="k")
    again = await admin.do("mailboxCreate", MADE, **input, idempotencyKey="k")
    assert first["mailbox"]["id"] == again["mailbox"]["id"]
    assert await Mailbox.all().count() == 1
    other = await admin.do("mailboxCreate", idempotencyKey="k", **(input | {"name": "x"}))
    assert other["__typename"] == "IdempotencyConflict"


async def test_presets(site: Site) -> None:
    admin = await site.sign_in("admin")
    asked = """{ mailProviderPresets { provider name incoming { host port security }
      outgoing { host port security } authoriseUrl tokenUrl scope } }"""
    google, microsoft = (await admin.run(asked))["mailProviderPresets"]
    assert google["incoming"] == {"host": "imap.gmail.com", "port": 993, "security": "TLS"}
    assert microsoft["outgoing"] == {
        "host": "smtp.office365.com", "port": 587, "security": "STARTTLS",
    }  # fmt: skip
    mailbox = await made(
        admin, incoming={**google["incoming"], "auth": "OAUTH2"}, outgoing=None,
        oauth={"provider": "GOOGLE", "clientId": "me", "clientSecret": "client-secret-word"},
    )  # fmt: skip
    assert mailbox["oauth"] == {
        "provider": "google", "clientId": "me", "hasClientSecret": True, "authorised": False,
        "authoriseUrl": google["authoriseUrl"], "tokenUrl": google["tokenUrl"],
        "scope": google["scope"],
    }  # fmt: skip
    moved = {"tokenUrl": "https://evil.example.org/token"}
    answer = await admin.do("mailboxUpdate", WRONG, mailboxId=mailbox["id"], oauth=moved)
    assert paths_of(answer) == ["oauth.clientSecret"]


async def test_audit_lines_say_that_and_not_what(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    await admin.do("mailboxUpdate", mailboxId=mailbox["id"], incoming={"password": "next-word"})
    (line,) = await lines("mailbox.update")
    assert line["changes"] == [["incoming.password", None, "changed"]]
    assert await EventRecord.filter(kind="mailbox.create").count() == 1
