"""Incoming servers tried over the API: a real Dovecot, and servers that fail at each stage."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actions import mail_hosts
from mail import trial
from mail.folder_names import decoded, encoded, listed
from tests.administration.test_mailboxes import made
from tests.mail.certificate import Certificate
from tests.mail.dovecot import PASSWORD, Dovecot, dovecot as running
from tests.mail.scripted import scripted
from tests.support.site import Client, Site

TRIAL = "ok failedStage stages { stage outcome detail advice }"
TESTED = f"... on MailboxConnectionTested {{ {TRIAL} }} ... on InvalidInput {{ fields {{ path }} }}"
FETCHED = f"... on MailboxFoldersFetched {{ {TRIAL} folders {{ name selectable flags }} }}"
USER = "support@example.test"
HELLO = "* OK ready"
CAPABLE = ("CAPABILITY", "* CAPABILITY IMAP4rev1\n{tag} OK done")
WELCOME = ("LOGIN", "{tag} OK welcome")
LISTED = ("LIST", '* LIST () "/" INBOX\n{tag} OK done')


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running([USER]) as server:
        yield server


@pytest.fixture
def trusted(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dovecot's certificate is one of an authority we know."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.certificate))


async def tried(by: Client, **incoming: Any) -> dict[str, Any]:
    """How it went, with a server that is not saved."""
    server = {"host": "127.0.0.1", "password": PASSWORD, "security": "NONE", **incoming}
    answer = await by.do(
        "mailboxTestConnection", TESTED, direction="IN", address=USER, incoming=server
    )
    assert answer["__typename"] == "MailboxConnectionTested", answer
    return answer


def failed(answer: dict[str, Any]) -> tuple[str, str, str]:
    """Which stage failed, what was found, and what to do; everything after is skipped."""
    assert answer["ok"] is False
    outcomes = [one["outcome"] for one in answer["stages"]]
    at = outcomes.index("FAILED")
    assert set(outcomes[at + 1 :]) <= {"SKIPPED"}
    assert "FAILED" not in outcomes[:at]
    step = answer["stages"][at]
    assert step["stage"] == answer["failedStage"]
    return step["stage"], step["detail"], step["advice"]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["NONE", "STARTTLS", "TLS"])
async def test_a_real_server(site: Site, dovecot: Dovecot, security: str) -> None:
    admin = await site.sign_in("admin")
    port = dovecot.tls_port if security == "TLS" else dovecot.port
    answer = await tried(admin, host="localhost", port=port, security=security)
    assert answer["ok"], answer
    outcomes = {one["stage"]: one["outcome"] for one in answer["stages"]}
    assert list(outcomes) == [
        "DNS", "CONNECT", "TLS", "CAPABILITY", "AUTH", "LIST", "SELECT", "UIDPLUS", "MOVE", "IDLE",
    ]  # fmt: skip
    assert outcomes.pop("TLS") == ("SKIPPED" if security == "NONE" else "OK")
    assert set(outcomes.values()) == {"OK"}
    details = {one["stage"]: one["detail"] for one in answer["stages"]}
    assert details["AUTH"] == f"Signed in as {USER}."
    assert details["SELECT"] == "INBOX has 0 mails."


@pytest.mark.usefixtures("trusted")
async def test_a_saved_one_with_the_stored_password(site: Site, dovecot: Dovecot) -> None:
    admin = await site.sign_in("admin")
    dovecot.maildir(USER, "Aiuto")
    server = {"host": "localhost", "port": dovecot.tls_port, "password": PASSWORD}
    mailbox = await made(admin, USER, incoming=server, outgoing=None)
    answer = await admin.do("mailboxFetchFolders", FETCHED, mailboxId=mailbox["id"])
    assert answer["ok"], answer
    assert [one["stage"] for one in answer["stages"]][-1] == "LIST"
    assert "INBOX" in [one["name"] for one in answer["folders"]]
    assert all(one["selectable"] for one in answer["folders"])
    nowhere = await admin.do(
        "mailboxTestConnection", TESTED, mailboxId=mailbox["id"], direction="IN",
        incoming={"folder": "Größe & mehr"},
    )  # fmt: skip
    stage, detail, advice = failed(nowhere)
    assert (stage, "Größe & mehr" in detail, "mailboxFetchFolders" in advice) == (
        "SELECT",
        True,
        True,
    )
    none = await admin.do("mailboxTestConnection", TESTED, mailboxId=mailbox["id"], direction="OUT")
    assert none["fields"] == [{"path": ["outgoing"]}]


async def test_a_wrong_password(site: Site, dovecot: Dovecot) -> None:
    admin = await site.sign_in("admin")
    answer = await tried(admin, port=dovecot.port, password='w"r\\öng')
    stage, detail, advice = failed(answer)
    assert (stage, "AUTHENTICATIONFAILED" in detail) == ("AUTH", True)
    assert "password" in advice


async def test_a_certificate_nobody_knows(site: Site, dovecot: Dovecot) -> None:
    admin = await site.sign_in("admin")
    for security, port in (("TLS", dovecot.tls_port), ("STARTTLS", dovecot.port)):
        stage, detail, _ = failed(await tried(admin, port=port, security=security))
        assert (stage, "self-signed certificate" in detail) == ("TLS", True), detail


@pytest.mark.usefixtures("trusted")
async def test_a_certificate_of_another_name(site: Site, dovecot: Dovecot) -> None:
    admin = await site.sign_in("admin")
    tls = dovecot.certificate.serving()
    async with scripted(HELLO, tls=tls, host="127.0.0.2") as port:
        answer = await tried(admin, host="127.0.0.2", port=port, security="TLS")
    stage, detail, advice = failed(answer)
    assert (stage, "127.0.0.2" in detail) == ("TLS", True), detail
    assert "name the certificate was made for" in advice


async def test_tls_and_the_wrong_port(
    site: Site, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain text on the port for TLS is met with silence; TLS on the plain port is not."""
    admin = await site.sign_in("admin")
    stage, detail, _ = failed(await tried(admin, port=dovecot.port, security="TLS"))
    assert (stage, detail) == ("TLS", "The server does not speak TLS on this port.")
    monkeypatch.setattr(trial, "PATIENCE_S", 0.5)
    stage, _, advice = failed(await tried(admin, port=dovecot.tls_port))
    assert (stage, "choose TLS" in advice) == ("CONNECT", True)


async def test_each_stage_fails_by_its_name(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    admin = await site.sign_in("admin")
    monkeypatch.setattr(trial, "PATIENCE_S", 1.0)
    stage, _, _ = failed(await tried(admin, host="nowhere.invalid", port=143))
    assert stage == "DNS"
    stage, _, advice = failed(await tried(admin, port=1))
    assert (stage, "Nothing listens" in advice) == ("CONNECT", True)
    for greeting, script, expected in (
        ("220 smtp.example.org", (), "CONNECT"),
        ("* BYE too many", (), "CONNECT"),
        (HELLO, (), "CAPABILITY"),
        (HELLO, (("CAPABILITY", "(hang up)"),), "CAPABILITY"),
        (HELLO, (("CAPABILITY", "{tag} BAD what"),), "CAPABILITY"),
        (HELLO, (("CAPABILITY", "* CAPABILITY LOGINDISABLED\n{tag} OK"),), "AUTH"),
        (HELLO, (CAPABLE, ("LOGIN", "* BYE no more")), "AUTH"),
        (HELLO, (CAPABLE, WELCOME), "LIST"),
        (HELLO, (CAPABLE, WELCOME, ("LIST", "{tag} NO not now")), "LIST"),
        (HELLO, (CAPABLE, WELCOME, ("LIST", '* LIST () "/" {99999999}')), "LIST"),
        (HELLO, (CAPABLE, WELCOME, LISTED, ("EXAMINE", "{tag} NO no such")), "SELECT"),
    ):  # fmt: skip
        async with scripted(greeting, script) as port:
            stage, detail, _ = failed(await tried(admin, port=port))
        assert (stage, bool(detail)) == (expected, True), (greeting, script)
    async with scripted(HELLO, (("STARTTLS", "{tag} NO not here"),)) as port:
        stage, detail, _ = failed(await tried(admin, port=port, security="STARTTLS"))
    assert (stage, detail) == ("TLS", "NO not here")
    async with scripted(HELLO, tls=Certificate.made(tmp_path).serving()) as port:
        stage, detail, _ = failed(await tried(admin, port=port, security="TLS"))
    assert (stage, "self-signed" in detail) == ("TLS", True)


async def test_what_a_server_lacks_is_no_fault(site: Site) -> None:
    admin = await site.sign_in("admin")
    script = (CAPABLE, WELCOME, LISTED, ("EXAMINE", "* 7 EXISTS\n{tag} OK [READ-ONLY] done"))
    async with scripted(HELLO, script) as port:
        answer = await tried(admin, port=port)
    assert answer["ok"]
    found = {one["stage"]: one for one in answer["stages"]}
    assert found["SELECT"]["detail"] == "INBOX has 7 mails."
    for stage in ("UIDPLUS", "MOVE", "IDLE"):
        assert (found[stage]["outcome"], bool(found[stage]["advice"])) == ("MISSING", True)


async def test_private_addresses_may_be_refused(site: Site) -> None:
    """By the address a name leads to, too: localhost is one."""
    admin = await site.sign_in("admin")
    mail_hosts.use(private=False)
    try:
        stage, detail, _ = failed(await tried(admin, host="localhost", port=143))
        assert (stage, "SPORTELLO_MAIL_PRIVATE_HOSTS" in detail) == ("DNS", True)
        server = {"host": "127.0.0.1", "password": "x"}
        answer = await admin.do(
            "mailboxTestConnection", TESTED, direction="IN", address=USER, incoming=server
        )
        assert answer["fields"] == [{"path": ["incoming", "host"]}]
    finally:
        mail_hosts.use(private=True)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.0.1", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254",
     "100.100.100.200", "168.63.129.16", "0.0.0.0",  # noqa: S104
     "224.0.0.1", "64:ff9b::a9fe:a9fe", "::"],
)  # fmt: skip
def test_never(address: str) -> None:
    assert mail_hosts.refusal(address) == mail_hosts.NEVER


@pytest.mark.parametrize(
    ("address", "private"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("192.168.1.1", True), ("::1", True),
     ("fd12::1", True), ("100.64.0.1", True), ("::ffff:10.0.0.1", True), ("8.8.8.8", False),
     ("2606:4700::1111", False)],
)  # fmt: skip
def test_private(address: str, private: bool) -> None:
    assert mail_hosts.refusal(address) is None
    mail_hosts.use(private=False)
    try:
        assert mail_hosts.refusal(address) == (mail_hosts.PRIVATE if private else None)
    finally:
        mail_hosts.use(private=True)


@pytest.mark.parametrize(
    ("name", "raw"),
    [("INBOX", b"INBOX"), ("a & b", b"a &- b"), ("Größe", b"Gr&APYA3w-e"),
     ("Отправленные", b"&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"), ("台北", b"&U,BTFw-")],
)  # fmt: skip
def test_folder_names(name: str, raw: bytes) -> None:
    assert encoded(name) == raw
    assert decoded(raw) == name
    line = b'* LIST (\\HasNoChildren \\Sent) "/" "' + raw + b'"'
    found = listed(line, None)
    assert found is not None
    assert (found.name, found.selectable) == (name, True)


def test_odd_lines_of_list() -> None:
    quoted = listed(b'* LIST (\\Noselect) "/" "a\\"b\\\\c"', None)
    assert quoted is not None
    assert (quoted.name, quoted.selectable) == ('a"b\\c', False)
    literal = listed(b"* LIST () NIL {3}", b"x y")
    assert literal is not None
    assert literal.name == "x y"
    assert listed(b"* 1 EXISTS", None) is None
