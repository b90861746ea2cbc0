"""The inbound cases of machines, loops and floods: bytes in, rows out, on both databases."""

import pytest

from actions.mail_tokens import mint_message_id
from mail.importing import import_mail
from models.documents import Document
from models.enums import EntryKind, SystemEventKind, TicketSource, Turn
from models.mail_enums import InboundState, MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact
from models.tickets import Ticket
from tests.mail.arriving import FILES, arrived, entry_of, mail, ticket_of
from tests.mail.cases import BOX, PNG, box, close, our_mail, sent

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["box"]


def dsn(message_id: str, action: str = "failed", status: str = "5.0.0") -> bytes:
    """As Exim writes them."""
    return (
        "Return-path: <>\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\r\n"
        f"To: {BOX}\r\nSubject: Mail delivery failed: returning message to sender\r\n"
        "Auto-Submitted: auto-replied\r\nX-Failed-Recipients: maria@customer.example\r\n"
        f"References: <{message_id}>\r\nMessage-ID: <E1-{action}@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-type: text/plain\r\n\r\n"
        "  maria@customer.example\r\n    550 5.1.1 No such user\r\n\r\n"
        "--b\r\nContent-type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nAction: {action}\r\n"
        f"Final-Recipient: rfc822;maria@customer.example\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n"
        "--b\r\nContent-type: message/rfc822\r\n\r\n"
        f"From: {BOX}\r\nMessage-ID: <{message_id}>\r\nSubject: x\r\n\r\nhello\r\n--b--\r\n"
    ).encode()


async def test_22_a_bounce_of_ours(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    before = len(await sent())
    row = await arrived(box, dsn(ours.message_id))
    assert (row.state, row.ticket_id) == (InboundState.BOUNCE, ticket.id)
    assert (await OutboundMail.get(id=ours.id)).state is OutboundState.BOUNCED
    entry = await entry_of(row)
    assert entry.event is SystemEventKind.MAIL_BOUNCED
    assert "5.1.1" in (entry.note or "")
    assert len(await sent()) == before
    assert await Ticket.filter(source=TicketSource.EMAIL).count() == 1


async def test_23_a_delay_is_only_noted(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    row = await arrived(box, dsn(ours.message_id, "delayed", "4.4.1"))
    assert row.state is InboundState.BOUNCE
    assert (await OutboundMail.get(id=ours.id)).state is OutboundState.SENT
    assert (await entry_of(row)).changes == [["mail", "maria@customer.example", "delayed"]]


async def test_24_a_bounce_in_words(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    before = len(await sent())
    body = (
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver "
        "your message to the following addresses.\n\n<maria@customer.example>:\n"
        f"550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n\n"
        f"Message-ID: <{ours.message_id}>\n"
    )
    raw = mail(body, sender="MAILER-DAEMON@mx.example", subject="failure notice", Return_Path="<>")
    row = await arrived(box, raw)
    assert (row.state, row.ticket_id) == (InboundState.BOUNCE, ticket.id)
    stray = await arrived(box, mail("?", sender="MAILER-DAEMON@mx.example", Return_Path="<>"))
    assert (stray.state, stray.ticket_id) == (InboundState.QUARANTINED, None), "somebody looks"
    stray = await arrived(box, mail("!", sender="MAILER-DAEMON@mx.example", Return_Path="<>"))
    assert (stray.state, stray.ticket_id) == (InboundState.BOUNCE, None), "once a day"
    assert len(await sent()) == before


async def test_25_a_vacation_is_kept_and_moves_nothing(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    await Ticket.filter(id=ticket.id).update(turn=Turn.CONTACT)
    ours = await our_mail(ticket, box)
    before = len(await sent())
    headers = {"In_Reply_To": f"<{ours.message_id}>", "Auto_Submitted": "auto-replied"}
    row = await arrived(box, mail("I am away.", Return_Path="<>", **headers))
    assert (row.state, row.ticket_id) == (InboundState.AUTOMATIC, ticket.id)
    assert (await entry_of(row)).automatic
    assert (await ticket_of(row)).turn is Turn.CONTACT
    await close(ticket)
    row = await arrived(box, mail("I am still away.", **headers))
    assert (row.state, row.ticket_id) == (InboundState.AUTOMATIC, ticket.id)
    assert (await entry_of(row)).kind is EntryKind.SYSTEM_EVENT
    assert (await ticket_of(row)).closed
    assert len(await sent()) == before


async def test_26_auto_submitted_no_is_a_person(box: Mailbox) -> None:
    row = await arrived(box, mail(Auto_Submitted="no"))
    assert row.state is InboundState.IMPORTED
    assert await sent(MailKind.ACKNOWLEDGEMENT)


async def test_27_a_list_is_not_thanked(box: Mailbox) -> None:
    row = await arrived(box, mail(List_Id="<l.example>", Precedence="list"))
    assert row.state is InboundState.IMPORTED
    assert not await sent(MailKind.ACKNOWLEDGEMENT)


async def test_28_our_own_mail_is_a_loop(box: Mailbox) -> None:
    from actions.keys import ring

    for raw in (
        mail(id=mint_message_id(3, "demo.test")),
        mail(X_Helpdesk_Loop=ring().instance),
        mail(sender="fiscale@demo.test"),
    ):
        row = await arrived(box, raw)
        assert row.state is InboundState.IGNORED
        assert row.reason
    assert not await Ticket.filter(source=TicketSource.EMAIL).exists()


async def test_29_acknowledgements_stop(box: Mailbox) -> None:
    for number in range(8):
        await arrived(box, mail(f"again {number}"))
    assert len(await sent(MailKind.ACKNOWLEDGEMENT)) == 1


async def test_30_three_hundred_an_hour_are_one_ticket(box: Mailbox) -> None:
    states = [(await arrived(box, mail(f"alarm {number}"))).state for number in range(60)]
    assert states.count(InboundState.IMPORTED) == 20
    assert states.count(InboundState.THROTTLED) == 40
    assert await Ticket.filter(source=TicketSource.EMAIL).count() == 21


async def test_32_an_image_in_its_place_is_listed_once(box: Mailbox) -> None:
    body = (
        '--r\r\nContent-Type: text/html\r\n\r\n<p>See <img src="cid:pic@x"> and '
        '<img src="cid:none@x" alt="gone"></p>\r\n'
        "--r\r\nContent-Type: image/png\r\nContent-ID: <pic@x>\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n" + b64(PNG) + "\r\n"
        '--r\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="pic.png"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n" + b64(PNG) + "\r\n--r--\r\n"
    )
    row = await arrived(box, mail(body, Content_Type='multipart/related; boundary="r"'))
    entry = await entry_of(row)
    assert 'src="cid:pic@x"' in entry.body
    assert "none@x" not in entry.body
    assert "gone]" in entry.body
    (document,) = await Document.filter(ticket_id=row.ticket_id)
    assert (document.content_id, document.media_type) == ("pic@x", "image/png")


def b64(content: bytes) -> str:
    from base64 import b64encode

    return b64encode(content).decode()


async def test_a_mail_that_is_not_believed_waits(box: Mailbox) -> None:
    await Mailbox.filter(id=box.id).update(authserv_id="mx.demo.test")
    good = "mx.demo.test; spf=pass; dmarc=pass header.from=customer.example"
    row = await arrived(box, mail(Authentication_Results=good))
    assert (row.state, (await entry_of(row)).verified) == (InboundState.IMPORTED, True)
    forged = "evil.example; dmarc=pass\r\nAuthentication-Results: mx.demo.test; dmarc=fail"
    row = await arrived(box, mail(Authentication_Results=forged))
    assert row.state is InboundState.QUARANTINED
    row = await arrived(box, mail(Authentication_Results="evil.example; dmarc=pass"))
    assert not (await entry_of(row)).verified


async def test_a_blocked_contact_is_not_heard(box: Mailbox) -> None:
    row = await arrived(box, mail())
    await Contact.filter(email="maria@customer.example").update(blocked=True)
    row = await arrived(box, mail("Hello?"))
    assert (row.state, row.ticket_id) == (InboundState.IGNORED, None)


async def test_silent_mail_tells_nobody(box: Mailbox) -> None:
    row = await arrived(box, mail(), silent=True)
    assert row.state is InboundState.IMPORTED
    assert not await sent()


async def test_what_cannot_be_imported_is_kept_with_its_reason(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(FILES, "put", broken)
        row = await arrived(
            box, mail("x", Content_Type="application/pdf", Content_Disposition="attachment")
        )
    assert (row.state, row.attempts) == (InboundState.FAILED, 1)
    assert "the disk is full" in row.reason
    assert row.next_try is not None
    assert not await Ticket.filter(source=TicketSource.EMAIL).exists()
    assert await import_mail(row.id, FILES) is InboundState.IMPORTED
    assert await InboundMail.filter(state=InboundState.FAILED).count() == 0
