"""What a writer of mails may try: reports, vouchers, ids and addresses that are not theirs."""

import asyncio
from typing import Any

import pytest

from actions import mailing, tickets
from actions.tickets.requests import Post
from mail.importing import import_mail
from models.callers import ContactCaller
from models.enums import EntryKind, SystemEventKind, Turn
from models.mail_enums import InboundState, MailKind, OutboundState
from models.mailboxes import Mailbox
from models.mails import InboundMail, OutboundMail
from models.people import Contact
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.mail import boxes
from tests.mail.arriving import FILES, arrived, entries_of, entry_of, kept, mail, ticket_of
from tests.mail.cases import BOX, box, close, our_mail, sent
from tests.mail.test_cases_machines import dsn

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["box"]
EVE = "Eve <eve@evil.example>"
REPORT = (
    "--b\r\nContent-Type: text/plain\r\n\r\nMy words.\r\n"
    "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Final-Recipient: rfc822;{who}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
)


def report(
    id: str, who: str, kind: str = "report; report-type=delivery-status", **more: str
) -> bytes:
    headers = {
        "Content_Type": f'multipart/{kind}; boundary="b"',
        "References": f"<{id}>",
        "Return_Path": "<maria@customer.example>",
    }
    return mail(REPORT.format(who=who), **(headers | more))


async def test_a_person_may_pass_a_report_on(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    row = await arrived(box, report(ours.message_id, "x@third.example", "mixed"))
    assert (row.state, row.ticket_id) == (InboundState.IMPORTED, ticket.id)
    assert (await entry_of(row)).body_text.startswith("My words.")
    assert (await OutboundMail.get(id=ours.id)).state is OutboundState.SENT


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Failed_Recipients": "x@y.example"},
        {"sender": "postmaster@customer.example", "subject": "Zustellung Ihrer Bestellung"},
        {
            "sender": "Mail Delivery System GmbH <info@customer.example>",
            "subject": "delivery of order failed",
            "Return_Path": "<info@customer.example>",
        },
    ],
    ids=["failed", "postmaster", "name"],
)
async def test_who_can_be_answered_is_no_server(box: Mailbox, headers: dict[str, str]) -> None:
    assert (await arrived(box, mail("Words", **headers))).state is InboundState.IMPORTED


async def test_an_id_alone_bounces_nothing(box: Mailbox) -> None:
    """Whoever was shown one of our mails knows its id; not everybody it was for."""
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    before = await TimelineEntry.filter(ticket_id=ticket.id).count()
    forged = report(ours.message_id, "other@evil.example", sender=EVE)
    states = [(await arrived(box, forged + b"%d" % n)).state for n in range(3)]
    assert states == [InboundState.QUARANTINED, InboundState.BOUNCE, InboundState.BOUNCE]
    assert (await OutboundMail.get(id=ours.id)).state is OutboundState.SENT
    assert await TimelineEntry.filter(ticket_id=ticket.id).count() == before


async def test_a_bounce_is_told_once_and_marks_the_contact(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    for number in range(3):
        await arrived(box, dsn(ours.message_id) + b"%d" % number)
    events = TimelineEntry.filter(ticket_id=ticket.id, event=SystemEventKind.MAIL_BOUNCED)
    assert await events.count() == 1
    assert (await Contact.get(id=ticket.contact_id)).undeliverable_since is not None
    await arrived(box, mail("I am here."))
    assert (await Contact.get(id=ticket.contact_id)).undeliverable_since is None


@pytest.mark.parametrize(
    ("action", "status", "state", "events"),
    [
        ("failed", "4.4.7", OutboundState.BOUNCED, 1),
        ("delivered", "2.0.0", OutboundState.SENT, 0),
        ("relayed", "2.0.0", OutboundState.SENT, 0),
    ],
)
async def test_the_action_counts(
    box: Mailbox, action: str, status: str, state: OutboundState, events: int
) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    row = await arrived(box, dsn(ours.message_id, action, status))
    assert row.state is InboundState.BOUNCE
    assert (await OutboundMail.get(id=ours.id)).state is state
    found = TimelineEntry.filter(ticket_id=ticket.id, event=SystemEventKind.MAIL_BOUNCED)
    assert await found.count() == events


async def test_a_delay_is_told_whatever_went_before(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    await OutboundMail.filter(id=ours.id).update(reason="451 greylisted")
    rows = [
        await arrived(box, dsn(ours.message_id, "delayed", "4.4.1") + b"%d" % n) for n in (1, 2)
    ]
    assert [row.entry_number is not None for row in rows] == [True, False]


async def test_a_bounce_beside_words_of_its_contact(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Contacts are held before tickets by both: neither is the other's deadlock."""
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    await OutboundMail.filter(id=ours.id).update(kind=MailKind.REPLY, entry_number=1)
    contact = await Contact.get(id=ticket.contact_id)
    moved, held = mailing.moved, asyncio.Event()

    async def slow(*given: Any, **more: Any) -> bool:
        done = await moved(*given, **more)
        held.set()
        await asyncio.sleep(0.2)
        return done

    monkeypatch.setattr(mailing, "moved", slow)
    id = await kept(box, dsn(ours.message_id))
    caller = ContactCaller(contact, 0, frozenset({contact.id}))

    async def post() -> None:
        await held.wait()
        await tickets.post(Post(ticket.id, "<p>I am here</p>"), by=caller)

    _, state = await asyncio.gather(post(), import_mail(id, FILES))
    assert state is InboundState.BOUNCE


async def test_of_the_blocked_nothing_counts(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    await arrived(box, mail(sender=EVE))
    await Contact.filter(email="eve@evil.example").update(blocked=True)
    row = await arrived(box, report(ours.message_id, "maria@customer.example", sender=EVE))
    assert row.state is InboundState.IGNORED
    assert (await OutboundMail.get(id=ours.id)).state is OutboundState.SENT


PASS = "mx.demo.test; dmarc=pass header.from=customer.example"
PROPER = (
    "mx.demo.test 1; spf=pass (a; b) smtp.mailfrom=x; dmarc=pass (p=none) "
    "header.from=customer.example"
)


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        (PASS, True),
        (PROPER, True),
        ("mx.demo.test; dkim=none\r\nAuthentication-Results: " + PASS, True),
        ("x.example; none\r\nAuthentication-Results: " + PASS, False),
        ("mx.demo.test; spf=pass smtp.mailfrom=dmarc=pass@evil.example", False),
        ("mx.demo.test; spf=pass (dmarc=pass header.from=customer.example) x=y", False),
        ('mx.demo.test; spf=pass reason="; dmarc=pass header.from=customer.example"', False),
        ("mx.demo.test; dmarc=pass header.from=evil.example", False),
        ("mx.demo.test; dmarc=pass", False),
        ("mx.demo.test; dmarc=none\r\nAuthentication-Results: " + PASS, False),
        ("other.example; dmarc=pass header.from=customer.example", False),
    ],
)  # fmt: skip
async def test_who_is_verified(box: Mailbox, said: str, verified: bool) -> None:
    await Mailbox.filter(id=box.id).update(authserv_id="mx.demo.test")
    row = await arrived(box, mail(Authentication_Results=said))
    assert row.state is InboundState.IMPORTED
    assert (await entry_of(row)).verified is verified


@pytest.mark.parametrize(
    "sender",
    [
        "maria@customer.example, attacker@customer.example",
        "<attacker@evil.example>:maria@customer.example",
        "friends: maria@customer.example",
    ],
)
async def test_a_sender_read_in_two_ways_is_not_verified(box: Mailbox, sender: str) -> None:
    await Mailbox.filter(id=box.id).update(authserv_id="mx.demo.test")
    row = await arrived(box, mail(sender=sender, Authentication_Results=PASS))
    assert not (await entry_of(row)).verified


@pytest.mark.parametrize(
    "said",
    [
        "mx.demo.test; dmarc=fail header.from=customer.example",
        '"mx.demo.test"; dmarc=fail',
        "mx.demo.test(c); dmarc=fail",
        "mx.demo.test/1; dmarc=fail",
        "mx.demo.test 1; dmarc/1=fail",
        "mx.demo.test; dmarc(c)=fail",
        "mx.demo.test; dmarc=pass header.from=customer.example; dmarc=fail",
        "mx.demo.test; dkim=none\r\nAuthentication-Results: mx.demo.test; dmarc=fail",
    ],
)
@pytest.mark.parametrize("submitted", ["no", "auto-replied"])
async def test_who_is_disowned(box: Mailbox, said: str, submitted: str) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    await Mailbox.filter(id=box.id).update(authserv_id="mx.demo.test")
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    raw = mail(Authentication_Results=said, In_Reply_To=header, Auto_Submitted=submitted)
    assert (await arrived(box, raw)).state is InboundState.QUARANTINED


async def test_an_id_used_again_takes_nobodys_thread(box: Mailbox) -> None:
    first = await arrived(box, mail("Mine", id="m@customer.example"))
    stolen = await arrived(box, mail("Not mine", sender=EVE, id="m@customer.example"))
    assert stolen.ticket_id != first.ticket_id
    row = await arrived(box, mail("And more", In_Reply_To="<m@customer.example>"))
    assert (row.state, row.ticket_id) == (InboundState.IMPORTED, first.ticket_id)


async def test_an_answer_to_two_mailboxes_is_one(box: Mailbox) -> None:
    other = await boxes.mailbox("altra@demo.test", department="Fiscale")
    ticket = await ticket_of(await arrived(box, mail()))
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    answer = mail("Answer", id="a@customer.example", In_Reply_To=header)
    assert (await arrived(box, answer)).state is InboundState.IMPORTED
    again = await arrived(other, b"Received: by another\r\n" + answer)
    assert again.state is InboundState.DUPLICATE
    more = await arrived(other, answer + b" and more")
    assert more.state is InboundState.IMPORTED, "the same id, other words"


async def test_an_answer_goes_where_it_was_asked_by_who_is_proven(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    thief = {"Reply_To": "thief@evil.example", "In_Reply_To": header}
    await arrived(box, mail("Open", **thief))
    assert (await Ticket.get(id=ticket.id)).reply_to == ""
    await close(ticket)
    before = len(await sent(MailKind.ACKNOWLEDGEMENT))
    following = await ticket_of(await arrived(box, mail("Closed", **thief)))
    assert (following.follow_up_of_id, following.reply_to) == (ticket.id, "")
    told = (await sent(MailKind.ACKNOWLEDGEMENT))[before:]
    assert {one.recipient for one in told} <= {"maria@customer.example"}


async def test_an_archive_makes_nobody_an_operator(box: Mailbox) -> None:
    first = await arrived(box, mail(id="q@customer.example"))

    async def archived(raw: bytes) -> InboundMail:
        id = await kept(box, raw, silent=True, folder="archive:old")

        await import_mail(id, FILES)
        return await InboundMail.get(id=id)

    desk = {"sender": f"Anna of the desk <{BOX}>", "In_Reply_To": "<q@customer.example>"}
    forged = await archived(mail("Pay here", Received="from evil.example by mx", **desk))
    assert forged.state is InboundState.QUARANTINED
    own = await archived(mail("As we said", **desk))
    assert (own.state, own.ticket_id) == (InboundState.IMPORTED, first.ticket_id)
    assert (await entries_of(first))[-1].kind is EntryKind.OPERATOR_REPLY


async def test_a_number_counts_where_the_mail_goes_to_its_department(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    tagged = f"[#{ticket.id}] Again"
    other = await arrived(box, mail(subject=tagged, to="tasse@demo.test"))
    assert other.ticket_id != ticket.id
    assert (await arrived(box, mail(subject=tagged))).ticket_id == ticket.id


async def test_an_operator_with_a_plus_is_marked(box: Mailbox) -> None:
    row = await arrived(box, mail(sender="anna+x@demo.test"))
    assert row.details["fromOperator"] is True
    assert (await Ticket.get(id=row.ticket_id)).turn is Turn.OPERATOR
