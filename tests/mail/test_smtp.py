"""Every way a server can fail, at every stage, against a real one."""

import ssl
from pathlib import Path

import pytest

from mail import smtp
from mail.credentials import Bearer, Password
from mail.outcomes import (
    AuthRefused,
    Deferred,
    Outcome,
    PartlyRefused,
    Quota,
    Rejected,
    Sent,
    Stage,
    Uncertain,
    Unreachable,
)
from mail.smtp import Where, dotted
from models.mail_enums import MailSecurity
from tests.mail.smtp_server import PASSWORD, USER, Script, Server, certificate, smtp_server

RAW = b"Message-ID: <a@b>\r\nSubject: x\r\n\r\n.dot\r\n..two\r\nend\r\n"
NOBODY = Password("", "")
TO = ("to@demo.test",)


async def sent(
    server: Server, *, to: tuple[str, ...] = TO, sender: str = "desk@demo.test", **more: object
) -> Outcome:
    options = {"security": MailSecurity.NONE, "timeout_s": 1.0, "content_timeout_s": 1.0, **more}
    credential = options.pop("credential", NOBODY)
    where = Where("127.0.0.1", server.port, **options)  # type: ignore[arg-type]
    return await smtp.send(where, credential, sender, to, RAW)  # type: ignore[arg-type]


async def outcome(**answers: str) -> tuple[Outcome, Server]:
    async with smtp_server(Script(answers)) as server:
        return await sent(server), server


async def test_taken_byte_for_byte() -> None:
    async with smtp_server() as server:
        done = await sent(server)
        assert done == Sent(250, "2.0.0 taken")
        (one,) = server.taken
        assert (one.sender, one.recipients, one.raw) == ("desk@demo.test", TO, RAW)
        assert await sent(server, sender="") == done
        assert server.taken[-1].sender == ""


def test_lines_as_they_go_over_the_line() -> None:
    assert dotted(b"a\n.b\r\nc") == b"a\r\n..b\r\nc\r\n.\r\n"
    assert dotted(b"") == b".\r\n"


@pytest.mark.parametrize(
    ("command", "answer", "kind"),
    [
        ("MAIL", "451 4.3.0 try later", Deferred),
        ("MAIL", "550 5.7.1 sender not allowed", Rejected),
        ("MAIL", "552 5.3.4 message too big", Rejected),
        ("MAIL", "530 5.7.0 Authentication required", AuthRefused),
        ("MAIL", "421 4.7.0 sending rate limit exceeded", Quota),
        ("MAIL", "452 4.3.1 insufficient system storage", Deferred),
        ("RCPT", "450 4.2.0 greylisted", Deferred),
        ("RCPT", "550 5.1.1 no such user", Rejected),
        ("RCPT", "552 5.2.2 mailbox quota exceeded", Rejected),
        ("RCPT", "452 4.2.2 over quota", Deferred),
        ("RCPT", "550 the recipient's mailbox is over its quota limit exceeded", Rejected),
        ("RCPT", "550 5.4.5 Daily user sending quota exceeded", Quota),
        ("RCPT", "454 4.7.1 Too many messages from this account", Quota),
        ("DATA", "451 4.3.0 not now", Deferred),
        ("DATA", "554 5.5.1 no valid recipients", Rejected),
        ("END", "451 4.3.0 local error", Deferred),
        ("END", "554 5.7.1 looks like spam", Rejected),
        ("END", "550 5.4.5 Daily sending quota exceeded", Quota),
        ("END", "421 4.3.2 shutting down", Deferred),
        ("MAIL", "drop", Deferred),
        ("RCPT", "drop", Deferred),
        ("DATA", "drop", Deferred),
        ("RCPT", "hang", Deferred),
        ("END", "drop", Uncertain),
        ("END", "hang", Uncertain),
    ],
)
async def test_what_the_server_says(command: str, answer: str, kind: type[Outcome]) -> None:
    done, server = await outcome(**{command: answer})
    assert type(done) is kind, done
    if answer[0].isdigit():
        assert done.code == int(answer[:3])
    assert len(server.taken) == (kind is Uncertain)


async def test_greetings() -> None:
    for greeting in ("554 go away", "421 too busy", "drop", "hang"):
        async with smtp_server(Script(greeting=greeting)) as server:
            done = await sent(server)
            assert isinstance(done, Unreachable), (greeting, done)
            assert done.stage is Stage.CONNECT


async def test_nobody_listens() -> None:
    async with smtp_server() as server:
        pass
    done = await sent(server)
    assert isinstance(done, Unreachable)
    where = Where("no-such-host.invalid", 25, MailSecurity.NONE, timeout_s=5)
    done = await smtp.send(where, NOBODY, "a@b.test", TO, RAW)
    assert isinstance(done, Unreachable)


async def test_one_of_two_refused_and_both() -> None:
    both = ("a@demo.test", "b@demo.test")
    async with smtp_server(Script({"RCPT a@demo.test": "550 5.1.1 unknown"})) as server:
        done = await sent(server, to=both)
        assert done == PartlyRefused(550, "5.1.1 unknown", ("a@demo.test",))
        assert server.taken[0].recipients == ("b@demo.test",)
    async with smtp_server(Script({"RCPT": "550 5.1.1 unknown"})) as server:
        assert await sent(server, to=both) == Rejected(550, "5.1.1 unknown")
        assert server.taken == []


async def test_signing_in() -> None:
    right, wrong = Password(USER, PASSWORD), Password(USER, "other")
    async with smtp_server(Script(offer_auth=True)) as server:
        assert isinstance(await sent(server, credential=right), Sent)
        done = await sent(server, credential=wrong)
        assert isinstance(done, AuthRefused)
        assert done.code == 535
        assert PASSWORD not in repr(right)
    async with smtp_server(Script({"AUTH": "454 4.7.0 try later"}, offer_auth=True)) as server:
        assert isinstance(await sent(server, credential=right), Unreachable)
    async with smtp_server() as server:
        assert isinstance(await sent(server, credential=right), AuthRefused), "it offers none"
        assert isinstance(await sent(server, credential=Bearer(USER, "x")), AuthRefused)


async def test_encryption(tmp_path: Path) -> None:
    ours, theirs = certificate(tmp_path)
    tls, starttls = MailSecurity.TLS, MailSecurity.STARTTLS
    async with smtp_server(context=ours) as server:
        assert isinstance(await sent(server, security=starttls, context=theirs), Sent)
        done = await sent(server, security=starttls)
        assert isinstance(done, Unreachable), done
        assert done.stage is Stage.TLS
        assert "self-signed" in done.text
    async with smtp_server(context=ours, implicit=True) as server:
        assert isinstance(await sent(server, security=tls, context=theirs), Sent)
        done = await sent(server, security=tls, context=ssl.create_default_context())
        assert isinstance(done, Unreachable), done
        assert done.stage is Stage.TLS
        assert server.taken[1:] == []
        assert isinstance(await sent(server), Unreachable), "plain to a TLS port"
    async with smtp_server() as server:
        done = await sent(server, security=starttls, context=theirs)
        assert isinstance(done, Unreachable)
        assert done.stage is Stage.TLS, "it has no STARTTLS"
        assert isinstance(await sent(server, security=tls, context=theirs), Unreachable)
        assert server.taken == []


async def test_an_address_that_cannot_be_written() -> None:
    async with smtp_server() as server:
        for address in ("ü@demo.test", "a\r\nRCPT TO:<b@demo.test>"):
            assert isinstance(await sent(server, to=(address,)), Rejected)
        assert server.taken == []
