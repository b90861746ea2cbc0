"""Names and addresses in headers: a name makes no address, whatever is in it and however long."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import example, given, settings, strategies as st

from actions.texts import one_line
from mail import compose, smtp
from mail.addresses import LINE, folded, named, on_the_line
from mail.credentials import Password
from mail.outcomes import Outcome, Rejected, Sent
from mail.smtp import NO_SMTPUTF8, Where
from models.mail_enums import MailSecurity
from models.mailboxes import Mailbox
from models.mails import OutboundMail
from tests.mail.raw_smtp import RawServer, raw_smtp
from tests.mail.sending import FAILED, SENT, replied, state, worker

FIRM = "Studio Legale Associato Bianchi, Verdi, Neri, Gialli & Partners - Avvocati in Milano"
TRICK = f"{'x' * 40} write to; help@evil.example <help@evil.example>, {'x' * 30}"
STRANGE = "=?utf-8?q?a?= =? ?= evil@x.example Иванов 日本語 😀 Müller \r\nBcc: \0 \x85 \u2028 x"
PIECES = st.sampled_from([*'",;:<>()@[]\\. =?_', *STRANGE.split(" "), "a" * 70, "é" * 30])
NAMES = st.lists(PIECES | st.text(max_size=20), max_size=12).map("".join).map(one_line)
LOCALS = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,60}", fullmatch=True)


def read(raw: bytes, field: str) -> tuple[str, str]:
    """The one name and address of a header, to whoever decodes first and to whoever does later.

    Python's newer reader puts blanks between encoded words of names (RFC 2047, 6.2, has none).
    """
    (one,) = message_from_bytes(raw, policy=policy.default)[field].addresses
    plain: list[str] = message_from_bytes(raw).get_all(field, [])
    ((name, address),) = getaddresses(plain)
    assert address == one.addr_spec
    return str(make_header(decode_header(name))), address


@settings(deadline=None)
@given(NAMES, LOCALS, st.sampled_from(["From", "To", "Reply-To"]))
@example(FIRM, "info", "To")
@example(TRICK, "info", "To")
@example("=?utf-8?q?evil=40x=2Eexample?=", "info", "From")
def test_one_name_and_one_address_go_in_and_come_out(name: str, local: str, field: str) -> None:
    address = f"{local}@customer.example"
    header = folded(field, named(name, address))
    assert read(header.encode(), field) == (name, address)
    lines = header.split("\r\n")
    assert lines.pop() == ""
    assert header.isascii()
    for line in lines:
        assert len(line) <= LINE or line.endswith(f" <{address}>") or line == f"{field}: {address}"
        assert line.strip()


def test_what_needs_no_encoding_is_read_as_it_is() -> None:
    assert folded("To", named("Mario Rossi", "m@x.example")) == "To: Mario Rossi <m@x.example>\r\n"
    assert folded("To", named("Rossi, M.", "m@x.example")) == 'To: "Rossi, M." <m@x.example>\r\n'
    assert folded("To", "Mario Rossi <m@x.example>") == "To: Mario Rossi <m@x.example>\r\n"
    assert folded("To", "m@x.example") == "To: m@x.example\r\n"


def test_domains_of_any_script() -> None:
    assert on_the_line("maria@bücher.example") == "maria@xn--bcher-kva.example"
    assert on_the_line("m@straße.example") == "m@xn--strae-oqa.example"
    assert on_the_line("maría@x.example") == "maría@x.example"
    for address in ("a,b@x.example", "a@x@y.example", "a@\u2028x.example", "a@ü..example", "x"):
        with pytest.raises(ValueError, match="cannot be written to"):
            on_the_line(address)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("name", [FIRM, TRICK])
async def test_a_contact_whose_name_looks_like_addresses(name: str) -> None:
    async with raw_smtp() as server:
        mail = await replied(server.port)
        await Mailbox.all().update(sender_name=name)
        await OutboundMail.filter(id=mail.id).update(recipient_name=name)
        await worker().once()
        assert await state(mail) is SENT
        raw = next(one for one in server.taken if mail.message_id.encode() in one)
        assert read(raw, "To") == (name, "mario@demo.test")
        assert read(raw, "From") == (name, "immigrazione@demo.test")
        sent = await OutboundMail.get(id=mail.id)
        box = await Mailbox.get(id=mail.mailbox_id)
        assert compose.envelope_sender(sent, box) == "immigrazione@demo.test"


UTF8 = {"EHLO": b"250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"}


async def sent_to(server: RawServer, address: str) -> Outcome:
    where = Where("127.0.0.1", server.port, MailSecurity.NONE, timeout_s=1, content_timeout_s=1)
    return await smtp.send(where, Password("", ""), "desk@demo.test", [address], b"x\r\n")


async def test_the_envelope_of_an_address_of_any_script() -> None:
    async with raw_smtp() as server:
        assert isinstance(await sent_to(server, "maria@bücher.example"), Sent)
        assert b"RCPT TO:<maria@xn--bcher-kva.example>" in server.said
        done = await sent_to(server, "maría@bücher.example")
        assert done == Rejected(None, NO_SMTPUTF8)
        assert len(server.taken) == 1
    async with raw_smtp(UTF8) as server:
        assert isinstance(await sent_to(server, "maría@bücher.example"), Sent)
        assert "RCPT TO:<maría@xn--bcher-kva.example>".encode() in server.said
        assert b"MAIL FROM:<desk@demo.test> SMTPUTF8" in server.said
        assert isinstance(await sent_to(server, "maria@x.example"), Sent)
        assert server.said.count(b"MAIL FROM:<desk@demo.test>") == 1


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("offered", [True, False])
async def test_a_reply_to_a_contact_of_any_script(offered: bool) -> None:
    async with raw_smtp(UTF8 if offered else {}) as server:
        mails = [await replied(server.port, str(number)) for number in range(2)]
        for mail, local in zip(mails, ("maria", "maría"), strict=True):
            await OutboundMail.filter(id=mail.id).update(recipient=f"{local}@bücher.example")
        await worker().once()
        plain, other = [await OutboundMail.get(id=one.id) for one in mails]
        assert plain.state is SENT
        assert b"\r\nTo: Mario <maria@xn--bcher-kva.example>\r\n" in server.taken[0]
        if offered:
            assert other.state is SENT
            assert "\r\nTo: Mario <maría@xn--bcher-kva.example>\r\n".encode() in server.taken[1]
        else:
            assert (other.state, other.reason) == (FAILED, NO_SMTPUTF8)
