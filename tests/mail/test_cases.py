"""The inbound cases of the design, by number: bytes in, rows out, on both databases."""

import pytest

from actions.mail_tokens import reply_address
from mail.importing import import_mail
from models.enums import EntryKind, SystemEventKind, TicketSource, Turn
from models.mail_enums import InboundState, MailKind
from models.mailboxes import Mailbox
from models.people import Contact, Operator
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.mail.arriving import FILES, arrived, entries_of, entry_of, mail, ticket_of
from tests.mail.cases import BOX, box, close, department, our_mail, sent

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["box"]


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
    assert not (await entry_of(row)).verified, "whoever was copied on a reply knows it"


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
