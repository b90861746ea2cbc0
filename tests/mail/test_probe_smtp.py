"""Outgoing servers tried over the API: aiosmtpd over sockets, and servers that fail at a stage."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from actions.keys import ring
from mail import trial
from models.desk import Department
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import Mailbox, MailQuota
from models.mails import MailTemplate, OutboundMail
from models.people import Operator
from tests.administration.staff import paths_of
from tests.administration.test_mailboxes import made
from tests.app.program import free_port
from tests.mail.certificate import Certificate
from tests.mail.scripted import scripted
from tests.mail.test_probe_imap import TRIAL, failed
from tests.resolvers.desk import gid_of
from tests.support.site import Client, Site

INVALID = "... on InvalidInput { fields { path message } }"
TESTED = f"... on MailboxConnectionTested {{ {TRIAL} }} {INVALID}"
SENT = f"... on MailboxTestSent {{ {TRIAL} answer }} {INVALID}"
USER, PASSWORD = "support@example.test", "smtp-word"
HELLO = "220 smtp.example.test"
EHLO = ("EHLO", "250-smtp\n250 AUTH PLAIN")
WELCOME = ("AUTH", "235 welcome")
FINE = ("", "250 fine")


class Kept:
    """What arrived."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []

    async def handle_DATA(self, _server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 kept as 42"


def authenticated(
    _server: Any, _session: Session, _envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    """One user, by PLAIN or LOGIN."""
    assert mechanism in {"PLAIN", "LOGIN"}
    assert isinstance(data, LoginPassword)
    return AuthResult(
        success=data.login == USER.encode() and data.password == PASSWORD.encode(), handled=False
    )


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate for localhost that is trusted."""
    made = Certificate.made(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


@pytest.fixture(params=["STARTTLS", "TLS"])
def relay(
    request: pytest.FixtureRequest, certified: Certificate
) -> Iterator[tuple[Kept, dict[str, Any]]]:
    """A server that takes mail of one user, and how to reach it."""
    kept, context, port = Kept(), certified.serving(), free_port()
    tls: dict[str, Any] = (
        {"tls_context": context, "require_starttls": True, "auth_required": True}
        if request.param == "STARTTLS"
        else {"ssl_context": context, "auth_require_tls": False}
    )
    controller = Controller(kept, "127.0.0.1", port, authenticator=authenticated, **tls)
    controller.start()
    server = {"host": "localhost", "port": port, "security": request.param, "password": PASSWORD}
    try:
        yield kept, server
    finally:
        controller.stop()


async def tried(by: Client, **outgoing: Any) -> dict[str, Any]:
    """How it went, with a server that is not saved."""
    server = {"host": "127.0.0.1", "password": PASSWORD, "security": "NONE", **outgoing}
    answer = await by.do(
        "mailboxTestConnection", TESTED, direction="OUT", address=USER, outgoing=server
    )
    assert answer["__typename"] == "MailboxConnectionTested", answer
    return answer


async def test_a_real_server(site: Site, relay: tuple[Kept, dict[str, Any]]) -> None:
    admin = await site.sign_in("admin")
    kept, server = relay
    answer = await tried(admin, **server)
    assert answer["ok"], answer
    outcomes = {one["stage"]: one["outcome"] for one in answer["stages"]}
    assert outcomes == {
        "DNS": "OK", "CONNECT": "OK", "TLS": "OK", "EHLO": "OK", "AUTH": "OK", "MAIL": "OK",
        "RCPT": "SKIPPED", "DATA": "SKIPPED",
    }  # fmt: skip
    assert kept.letters == []
    stage, detail, _ = failed(await tried(admin, **{**server, "password": "wrong"}))
    assert (stage, detail[:3]) == ("AUTH", "535")


async def test_a_test_mail(site: Site, relay: tuple[Kept, dict[str, Any]]) -> None:
    admin = await site.sign_in("admin")
    kept, server = relay
    mailbox = await made(
        admin, USER, senderName="Sportello è", incoming=None, outgoing=server, dailyLimit=1
    )
    sent = await admin.do("mailboxSendTest", SENT, mailboxId=mailbox["id"], to="Eva@Example.org")
    assert sent["ok"], sent
    assert sent["answer"] == "250 kept as 42"
    (envelope,) = kept.letters
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, ["eva@example.org"])
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=policy.default)
    assert mail["From"] == f"Sportello è <{USER}>"
    assert mail["X-Helpdesk-Loop"] == ring().instance
    assert mail["Auto-Submitted"] == "auto-generated"
    row = await OutboundMail.get()
    assert (row.kind, row.state, row.recipient) == (
        MailKind.TEST, OutboundState.SENT, "eva@example.org",
    )  # fmt: skip
    assert mail["Message-ID"] == f"<{row.message_id}>"
    await MailQuota.all().update(reserve_sent=19)
    await admin.do("mailboxSendTest", SENT, mailboxId=mailbox["id"], to="eva@example.org")
    quota = await MailQuota.get()
    assert (quota.sent, quota.reserve_sent) == (1, 20)
    over = await admin.do("mailboxSendTest", SENT, mailboxId=mailbox["id"], to="eva@example.org")
    assert paths_of(over) == ["mailboxId"]
    assert len(kept.letters) == 2


async def test_a_test_mail_says_what_its_template_says(
    site: Site, relay: tuple[Kept, dict[str, Any]]
) -> None:
    admin = await site.sign_in("admin")
    kept, server = relay
    mailbox = await made(admin, USER, incoming=None, outgoing=server)
    department = await gid_of("Department", "Fiscale")
    await admin.do("departmentUpdate", departmentId=department, outgoingMailboxId=mailbox["id"])
    fiscale = await Department.get(name="Fiscale")
    await MailTemplate.create(
        kind=MailKind.TEST, language="it", department_id=fiscale.id,
        subject="Prova di {{ department.name }}", text="Arriva è.",
    )  # fmt: skip
    for language, subject, text in (
        ("en", "A test", "sending works"), ("it", "Prova di Fiscale", "Arriva è.")
    ):  # fmt: skip
        await Operator.filter(email="admin@demo.test").update(language=language)
        sent = await admin.do("mailboxSendTest", SENT, mailboxId=mailbox["id"], to="eva@b.org")
        assert sent["ok"], sent
        content = kept.letters[-1].content
        assert isinstance(content, bytes)
        assert content.isascii()
        mail = message_from_bytes(content, policy=policy.default)
        assert mail["Subject"] == subject
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert text in body.get_content()


async def test_a_test_mail_before_saving(site: Site, relay: tuple[Kept, dict[str, Any]]) -> None:
    admin = await site.sign_in("admin")
    kept, server = relay
    sent = await admin.do("mailboxSendTest", SENT, address=USER, outgoing=server, to="a@b.org")
    assert (sent["ok"], len(kept.letters)) == (True, 1)
    assert not await OutboundMail.exists()
    wrong = await admin.do("mailboxSendTest", SENT, address=USER, outgoing=server, to="nobody")
    assert paths_of(wrong) == ["to"]
    assert not await Mailbox.exists()


async def test_a_certificate_nobody_knows(site: Site, tmp_path: Path) -> None:
    admin = await site.sign_in("admin")
    tls = Certificate.made(tmp_path).serving()
    async with scripted(HELLO, tls=tls, tagged=False) as port:
        stage, detail, _ = failed(await tried(admin, port=port, security="TLS"))
    assert (stage, "self-signed certificate" in detail) == ("TLS", True)


async def test_each_stage_fails_by_its_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = await site.sign_in("admin")
    monkeypatch.setattr(trial, "PATIENCE_S", 1.0)
    stage, _, _ = failed(await tried(admin, host="nowhere.invalid", port=25))
    assert stage == "DNS"
    for greeting, script, expected in (
        ("554 not you", (), "CONNECT"),
        ("* OK IMAP4rev1 ready", (), "CONNECT"),
        ("", (), "CONNECT"),
        (HELLO, (), "EHLO"),
        (HELLO, (("EHLO", "501 who"),), "EHLO"),
        (HELLO, (("EHLO", "(hang up)"),), "EHLO"),
        (HELLO, (("EHLO", "250 smtp"),), "AUTH"),
        (HELLO, (EHLO, ("AUTH", "535 5.7.8 no")), "AUTH"),
        (HELLO, (EHLO, WELCOME, ("MAIL", "550 not from there")), "MAIL"),
        (HELLO, (EHLO, WELCOME, ("MAIL", "451 later")), "MAIL"),
    ):  # fmt: skip
        async with scripted(greeting, script, tagged=False) as port:
            stage, detail, _ = failed(await tried(admin, port=port))
        assert (stage, bool(detail)) == (expected, True), (greeting, script)
    async with scripted(HELLO, (EHLO, ("STARTTLS", "502 no")), tagged=False) as port:
        stage, detail, _ = failed(await tried(admin, port=port, security="STARTTLS"))
    assert (stage, detail) == ("TLS", "502 no")


async def test_a_test_mail_that_is_refused_is_in_the_log(site: Site) -> None:
    admin = await site.sign_in("admin")
    for script, expected in (
        ((EHLO, WELCOME, ("RCPT", "550 5.1.1 nobody"), FINE), "RCPT"),
        ((EHLO, WELCOME, ("DATA", "554 no"), FINE), "DATA"),
    ):
        async with scripted(HELLO, script, tagged=False) as port:
            server = {"host": "127.0.0.1", "port": port, "security": "NONE", "password": PASSWORD}
            mailbox = await made(admin, f"{expected}@example.test", incoming=None, outgoing=server)
            sent = await admin.do("mailboxSendTest", SENT, mailboxId=mailbox["id"], to="a@b.org")
        stage, detail, _ = failed(sent)
        assert stage == expected
        row = await OutboundMail.all().order_by("-id").first()
        assert row is not None
        assert (row.state, row.reason) == (OutboundState.FAILED, f"{expected}: {detail}")


async def test_a_relay_that_trusts_us(site: Site) -> None:
    admin = await site.sign_in("admin")
    async with scripted(HELLO, (("EHLO", "250 smtp"), FINE), tagged=False) as port:
        server = {"host": "127.0.0.1", "port": port, "security": "NONE", "auth": "NONE"}
        answer = await admin.do(
            "mailboxTestConnection", TESTED, direction="OUT", address=USER, outgoing=server
        )
    assert answer["ok"], answer
    outcomes = {one["stage"]: one["outcome"] for one in answer["stages"]}
    assert (outcomes["TLS"], outcomes["AUTH"]) == ("SKIPPED", "SKIPPED")


async def test_login_where_there_is_no_plain(site: Site) -> None:
    admin = await site.sign_in("admin")
    script = (
        ("EHLO", "250-smtp\n250 AUTH LOGIN"), ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        ("C3VWCG9YDEBLEGFTCGXLLNRLC3Q=", "334 UGFzc3dvcmQ6"), ("C210CC13B3JK", "235 welcome"), FINE,
    )  # fmt: skip
    async with scripted(HELLO, script, tagged=False) as port:
        answer = await tried(admin, port=port)
    assert answer["ok"], answer
