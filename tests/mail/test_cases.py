"""The inbound cases of the design, by number: bytes in, rows out, on both databases."""

from datetime import UTC, datetime

import pytest

from actions.mail_tokens import mint_message_id, reply_address
from mail.importing import import_mail
from models.desk import Department
from models.documents import Document
from models.enums import EntryKind, SystemEventKind, TicketSource, Turn
from models.mail_enums import InboundState, MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact, Operator
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.mail import boxes
from tests.mail.arriving import FILES, arrived, entries_of, entry_of, mail, ticket_of

pytestmark = pytest.mark.usefixtures("database")
BOX = "immigrazione@demo.test"
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 40


@pytest.fixture
async def box(database: None) -> Mailbox:
    """Immigrazione's and Fiscale's."""
    made = await boxes.mailbox(BOX, department="Immigrazione", plus_addressing=True)
    await Department.filter(name="Fiscale").update(
        email="fiscale@demo.test", aliases=["tasse@demo.test"],
        incoming_mailbox_id=made.id, outgoing_mailbox_id=made.id,
    )  # fmt: skip
    return await Mailbox.get(id=made.id)


async def sent(*kinds: MailKind) -> list[OutboundMail]:
    found = OutboundMail.filter(kind__in=kinds) if kinds else OutboundMail.all()
    return await found.order_by("id")


async def our_mail(ticket: Ticket, box: Mailbox) -> OutboundMail:
    """A notification of ours that was sent about the ticket."""
    contact = await Contact.get(id=ticket.contact_id)
    return await OutboundMail.create(
        mailbox_id=box.id, kind=MailKind.CLOSED, language="en", recipient=contact.email,
        contact_id=contact.id, ticket_id=ticket.id, state=OutboundState.SENT,
        message_id=mint_message_id(ticket.id, "demo.test"), created_at=datetime.now(UTC),
    )  # fmt: skip


async def department(name: str) -> int:
    return (await Department.get(name=name)).id


async def close(ticket: Ticket) -> None:
    await Ticket.filter(id=ticket.id).update(turn=Turn.CLOSED, closed_at=datetime.now(UTC))


async def test_01_a_stranger_opens_a_ticket(box: Mailbox) -> None:
    row = await arrived(box, mail())
    assert (row.state, row.entry_number) == (InboundState.IMPORTED, 1)
    ticket = await ticket_of(row)
    assert (ticket.source, ticket.turn) == (TicketSource.EMAIL, Turn.OPERATOR)
    assert ticket.department_id == await department("Immigrazione")
    contact = await Contact.get(id=ticket.contact_id)
    assert (contact.email, contact.name) == ("maria@customer.example", "Maria")
    (acknowledged,) = await sent(MailKind.ACKNOWLEDGEMENT)
    assert acknowledged.recipient == "maria@customer.example"
    told = await sent(MailKind.NEW_TICKET)
    assert told
    assert len({one.operator_id for one in told}) == len(told)


async def test_02_the_same_mail_twice_is_one_ticket(box: Mailbox) -> None:
    raw = mail(id="same@x")
    first, second = await arrived(box, raw), await arrived(box, raw)
    assert (first.state, second.state) == (InboundState.IMPORTED, InboundState.DUPLICATE)
    assert await Ticket.filter(source=TicketSource.EMAIL).count() == 1


async def test_03_the_same_id_with_other_words_is_another(box: Mailbox) -> None:
    first = await arrived(box, mail("one", id="same@x"))
    second = await arrived(box, mail("two", id="same@x"))
    assert second.state is InboundState.IMPORTED
    assert first.ticket_id != second.ticket_id


async def test_04_without_an_id_and_once(box: Mailbox) -> None:
    raw = mail(id="")
    row = await arrived(box, raw)
    assert (row.state, row.message_id) == (InboundState.IMPORTED, "")
    assert await import_mail(row.id, FILES) is InboundState.IMPORTED
    assert await Ticket.filter(source=TicketSource.EMAIL).count() == 1


@pytest.mark.parametrize("id", ["<>", "<[x@y]@z>", "no at", "<<a@b>", "a b c@d", "\x00@x"])
async def test_05_ids_that_are_none(box: Mailbox, id: str) -> None:
    raw = b"From: m@c.example\r\nTo: immigrazione@demo.test\r\nMessage-ID: " + id.encode()
    assert (await arrived(box, raw + b"\r\n\r\nx")).state is InboundState.IMPORTED


async def test_06_an_answer_to_ours_goes_on_and_a_closed_one_is_followed_up(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    await Ticket.filter(id=ticket.id).update(turn=Turn.CONTACT)
    ours = await our_mail(ticket, box)
    row = await arrived(box, mail("More.", In_Reply_To=f"<{ours.message_id}>"))
    assert (row.state, row.ticket_id) == (InboundState.IMPORTED, ticket.id)
    assert (await ticket_of(row)).turn is Turn.OPERATOR
    await close(ticket)
    row = await arrived(box, mail("And more.", In_Reply_To=f"<{ours.message_id}>"))
    following = await ticket_of(row)
    assert following.id != ticket.id
    assert following.follow_up_of_id == ticket.id
    assert await TimelineEntry.filter(
        ticket_id=ticket.id, event=SystemEventKind.FOLLOW_UP_OPENED
    ).exists()
    assert (await Ticket.get(id=ticket.id)).closed


async def test_07_references_alone_are_enough(box: Mailbox) -> None:
    first = await arrived(box, mail(id="first@customer.example"))
    row = await arrived(
        box,
        mail(
            "More.",
            In_Reply_To="<colleague@elsewhere>",
            References="<first@customer.example> <q@z>",
        ),
    )
    assert row.ticket_id == first.ticket_id


async def test_08_the_token_in_the_address_is_enough(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    row = await arrived(box, mail("More.", to=reply_address(ticket.id, BOX)))
    assert row.ticket_id == ticket.id
    assert "token" in row.reason
    assert (await entry_of(row)).verified


async def test_09_a_forged_token_is_none(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    forged = f"immigrazione+t{ticket.id}.aaaaaaaaaaaaaaaa@demo.test"
    row = await arrived(box, mail("More.", to=forged))
    assert row.ticket_id != ticket.id
    assert row.state is InboundState.IMPORTED
    assert "not ours" in row.reason


@pytest.mark.parametrize("by", ["id", "token"])
async def test_10_a_stranger_in_a_conversation_is_kept_out(box: Mailbox, by: str) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    before, entries = len(await sent()), await TimelineEntry.filter(ticket_id=ticket.id).count()
    headers = {"In_Reply_To": f"<{ours.message_id}>"} if by == "id" else {}
    to = BOX if by == "id" else reply_address(ticket.id, BOX)
    row = await arrived(box, mail("Tell me.", sender="e@evil.example", to=to, **headers))
    assert (row.state, row.ticket_id) == (InboundState.QUARANTINED, ticket.id)
    assert row.entry_number is None
    assert await TimelineEntry.filter(ticket_id=ticket.id).count() == entries
    assert len(await sent()) == before, "nothing leaves"
    assert not await Contact.exists(email="e@evil.example")


async def test_11_a_number_in_a_strangers_subject_means_nothing(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    row = await arrived(
        box, mail(sender="e@evil.example", subject=f"Re: [#{ticket.id}] A question")
    )
    assert row.state is InboundState.IMPORTED
    assert row.ticket_id != ticket.id


async def test_12_a_number_in_the_contacts_subject_is_enough(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    row = await arrived(box, mail("More.", subject=f"Another thing [#{ticket.id}]"))
    assert row.ticket_id == ticket.id
    assert row.details["changedSubject"].startswith("Another thing")


SPOOFS = [
    "anna@demo.test",
    "Anna <anna@demo.test>",
    "=?utf-8?q?anna=40demo.test?= <x@evil.example>",
    "anna@demo.test <x@evil.example>",
    '"anna@demo.test" <x@evil.example>',
    "<anna@demo.test> <x@evil.example>",
    "Anna <anna@demo.test <x@evil.example>>",
    "anna@demo.test (x@evil.example)",
    "x@evil.example (anna@demo.test)",
    "anna(@evil.example)@demo.test",
    "anna@demo.test, x@evil.example",
    "x@evil.example, anna@demo.test",
    "staff: anna@demo.test;",
    "<@evil.example:anna@demo.test>",
    "anna@demo.test\x00 <x@evil.example>",
    "=?utf-8?b?YW5uYUBkZW1vLnRlc3Q=?=",
    "=?utf-8?q?=3Canna=40demo.test=3E?= <x@evil.example>",
    "anna@demo.test\r\nFrom: x@evil.example",
    "x@evil.example\r\nFrom: anna@demo.test",
    "\u0430nna@demo.test",
]


@pytest.mark.parametrize("sender", SPOOFS)
async def test_13_14_nobody_is_an_operator_by_mail(box: Mailbox, sender: str) -> None:
    anna = await Operator.get(email="anna@demo.test")
    row = await arrived(box, mail(sender=sender))
    assert row.state in {InboundState.IMPORTED, InboundState.QUARANTINED}
    for entry in await entries_of(row):
        assert entry.kind is not EntryKind.OPERATOR_REPLY
        assert entry.operator_id is None
        assert not entry.verified
    ticket = await ticket_of(row)
    assert ticket.creator_id != anna.id
    contact = await Contact.get(id=ticket.contact_id)
    if contact.email == "anna@demo.test":
        assert row.details["fromOperator"] is True
    if sender.endswith(("<x@evil.example>", "(anna@demo.test)")) and sender.count("<") <= 1:
        assert contact.email == "x@evil.example"
        assert row.details["pretends"]


@pytest.mark.parametrize("sender", ["", "undisclosed-recipients:;", "<>", "nobody"])
async def test_15_from_nobody(box: Mailbox, sender: str) -> None:
    before = len(await sent(MailKind.ACKNOWLEDGEMENT))
    row = await arrived(box, mail(sender=sender))
    assert row.state is InboundState.IMPORTED
    contact = await Contact.get(id=(await ticket_of(row)).contact_id)
    assert contact.email is None
    assert contact.name
    assert len(await sent(MailKind.ACKNOWLEDGEMENT)) == before


async def test_16_two_senders_and_an_answer_elsewhere(box: Mailbox) -> None:
    raw = mail(
        sender="a@customer.example, b@customer.example", Reply_To="Desk <c@customer.example>"
    )
    row = await arrived(box, raw)
    ticket = await ticket_of(row)
    assert (await Contact.get(id=ticket.contact_id)).email == "a@customer.example"
    assert row.details["replyTo"] == "c@customer.example"
    assert [one.recipient for one in await sent(MailKind.ACKNOWLEDGEMENT)] == ["c@customer.example"]


async def test_17_raw_bytes_in_from(box: Mailbox) -> None:
    raw = mail(sender="m\udcfcller \x00 <m@customer.example>", subject="f\udcfcr =?utf-8?q?=00?=")
    row = await arrived(box, raw)
    ticket = await ticket_of(row)
    contact = await Contact.get(id=ticket.contact_id)
    assert contact.name.startswith("müller")
    assert "\0" not in contact.name + ticket.subject
    assert ticket.subject.startswith("für")


@pytest.mark.parametrize(
    ("headers", "to", "name"),
    [
        ({}, "tasse@demo.test", "Fiscale"),  # 18
        ({"Delivered_To": "fiscale@demo.test"}, "somebody@else.example", "Fiscale"),  # 19
        ({"Cc": "fiscale@demo.test"}, BOX, "Immigrazione"),  # 20
        ({}, "whatever@demo.test", "Immigrazione"),  # 21
        ({"X_Original_To": "tasse@demo.test"}, BOX, "Fiscale"),
        ({"Received": "from a by b for <tasse@demo.test>; now"}, "x@y.example", "Fiscale"),
        ({}, "Tasse <TASSE+something@demo.test>", "Fiscale"),
    ],
)
async def test_18_to_21_whose_it_is(
    box: Mailbox, headers: dict[str, str], to: str, name: str
) -> None:
    row = await arrived(box, mail(to=to, **headers))
    ticket = await ticket_of(row)
    assert ticket.department_id == await department(name)
    (acknowledged,) = await sent(MailKind.ACKNOWLEDGEMENT)
    assert acknowledged.department_id == ticket.department_id
    assert await Ticket.filter(source=TicketSource.EMAIL).count() == 1
    if "Cc" in headers:
        assert row.details["otherDepartments"] == [await department("Fiscale")]
    assert row.details["recipients"]


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
    assert (stray.state, stray.ticket_id) == (InboundState.BOUNCE, None)
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
    assert "[gone]" in entry.body
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
