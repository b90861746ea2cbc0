"""Through a real relay and back: a reply that arrives, and one that does not."""

import asyncio
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from actions import magic_links, mailing, tickets
from actions.tickets.requests import Reply
from actions.unit_of_work import unit_of_work
from mail.credentials import Password
from mail.outbox import OutboxWorker
from mail.smtp import Where, send
from models.desk import Department
from models.enums import DeliveryState
from models.magic_links import MagicLink
from models.mail_enums import MailSecurity, OutboundState
from models.mails import OutboundMail
from models.tickets import Ticket
from tests.actions import stage
from tests.mail.relay import relay
from tests.mail.stage import mailbox

pytestmark = pytest.mark.usefixtures("database")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - another program's files
            await asyncio.sleep(0.02)


def read(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def said(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    return content


async def replied(reply_to: str = "") -> OutboundMail:
    id = await stage.opened(subject="Permesso - rinnovo")
    await Ticket.filter(id=id).update(reply_to=reply_to)
    await tickets.reply(
        Reply(id, "<p>Venga <b>domani</b>: è pronto.</p>"), await stage.operator("anna")
    )
    return (await OutboundMail.all().order_by("-id"))[0]


async def test_there_and_back() -> None:
    with relay(["immigrazione", "mario"]) as real:
        await mailbox(port=real.port, plus_addressing=True)
        await Department.all().update(notify_members=False, survey=False)
        mail = await replied()
        await OutboxWorker().once()
        await until(lambda: real.arrived("mario"))
        (raw,) = real.arrived("mario")
        message = read(raw)
        link = await MagicLink.get(id=mail.magic_link_id or 0)
        assert message["Subject"] == f"[#{mail.ticket_id}] Permesso - rinnovo"
        assert message["Message-ID"] == f"<{mail.message_id}>"
        assert message["Return-Path"] == "<immigrazione@demo.test>"
        assert "Venga domani: è pronto." in said(message)
        assert magic_links.url(link) in said(message)
        await _answer_comes_home(real.port, str(message["Reply-To"]))
        await until(lambda: real.arrived("immigrazione"))
        assert (await OutboundMail.get(id=mail.id)).state is OutboundState.SENT


async def _answer_comes_home(port: int, address: str) -> None:
    """The token after the plus survives a relay and its local delivery."""
    where = Where("127.0.0.1", port, MailSecurity.NONE)
    raw = b"From: mario@demo.test\r\nSubject: Re\r\n\r\nGrazie\r\n"
    await send(where, Password("", ""), "mario@demo.test", [address], raw)


async def test_a_real_report_of_non_delivery() -> None:
    with relay(["immigrazione"]) as real:
        await mailbox(port=real.port)
        await Department.all().update(notify_members=False)
        mail = await replied("nobody@demo.test")
        await OutboxWorker().once()
        assert (await OutboundMail.get(id=mail.id)).state is OutboundState.SENT
        await until(lambda: real.arrived("immigrazione"))
        (raw,) = real.arrived("immigrazione")
        report = read(raw)
        assert report.get_content_type() == "multipart/report"
        assert f"<{mail.message_id}>".encode() in raw
        await unit_of_work(
            lambda: mailing.bounced(mail.message_id, permanent=True, diagnostic="5.0.0 unrouteable")
        )
        (_, reply) = await stage.timeline(mail.ticket_id or 0)
        assert reply.delivery is DeliveryState.BOUNCED


async def test_nobody_is_told_that_a_notice_bounced() -> None:
    """Automatic mail with an empty envelope sender: the relay has nobody to report to."""
    with relay(["immigrazione", "anna"]) as real:
        await mailbox(port=real.port, null_return_path=True)
        await stage.opened()
        await OutboxWorker().once()
        await until(lambda: real.arrived("anna"))
        assert read(real.arrived("anna")[0])["Return-Path"] == "<>"
        assert real.arrived("immigrazione") == [], "Bruno has no mailbox there, and none is told"
