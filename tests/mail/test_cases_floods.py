"""Floods and machines: what is counted for whom, whatever the mails look like."""

import asyncio

import pytest

from actions.unit_of_work import unit_of_work
from mail import route, turns
from mail.importer import Importer
from mail.importing import import_mail
from mail.too_large import tell_senders_of_large
from models.documents import Document
from models.enums import Turn
from models.mail_enums import InboundState, MailKind
from models.mailboxes import Mailbox
from models.mails import InboundMail
from models.people import Contact
from models.sql import is_postgres
from models.tickets import Ticket
from tests.mail import boxes
from tests.mail.arriving import FILES, Memory, arrived, entry_of, kept, mail, ticket_of
from tests.mail.cases import PNG, box, close, our_mail, sent

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["box"]
HOURLY, MANY = 4, 8


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many an hour are too many."""
    monkeypatch.setattr(route, "TICKETS_HOURLY", HOURLY)


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-generated"}, {"sender": "nobody at all"}, {"List_Id": "<a.example>"}],
    ids=["machine", "senderless", "list"],
)
async def test_nobody_opens_too_many_an_hour(box: Mailbox, headers: dict[str, str]) -> None:
    before = await Ticket.all().count(), await Contact.all().count()
    rows = [await arrived(box, mail(str(number), **headers)) for number in range(MANY)]
    assert await Ticket.all().count() - before[0] == HOURLY + 1, "one stands for those beyond"
    assert await Contact.all().count() - before[1] <= HOURLY + 1
    assert {row.state for row in rows[HOURLY:]} == {InboundState.THROTTLED}
    assert len({row.ticket_id for row in rows[HOURLY:]}) == 1


@pytest.mark.usefixtures("few")
async def test_who_has_an_address_is_not_counted_with_who_has_none(box: Mailbox) -> None:
    for number in range(MANY):
        await arrived(box, mail(str(number), sender="nobody at all"))
    row = await arrived(box, mail("Hello", sender="new@x.example"))
    assert row.state is InboundState.IMPORTED


@pytest.mark.usefixtures("few")
async def test_answers_to_what_is_closed_are_counted(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    await close(ticket)
    before = await Ticket.all().count()
    for number in range(MANY):
        await arrived(box, mail(f"Again {number}", In_Reply_To=header))
    assert await Ticket.all().count() - before == HOURLY


@pytest.mark.usefixtures("few")
async def test_many_at_once_are_counted_one_by_one(box: Mailbox) -> None:
    if not is_postgres():
        pytest.skip("one writer at a time")
    await arrived(box, mail())
    ids = [await kept(box, mail(f"At once {number}")) for number in range(MANY)]
    before = await Ticket.all().count()
    await asyncio.gather(*(import_mail(id, FILES) for id in ids))
    assert await Ticket.all().count() - before == HOURLY


async def test_who_asks_for_answers_everywhere_is_told_once(box: Mailbox) -> None:
    for number in range(4):
        await arrived(box, mail(str(number), Reply_To=f"ticket+{number}@other.example"))
    assert len(await sent(MailKind.ACKNOWLEDGEMENT)) == 1
    await arrived(box, mail(sender="nobody at all", Reply_To="victim@other.example"))
    assert len(await sent(MailKind.ACKNOWLEDGEMENT)) == 1, "who has no address is not answered"


async def decided(row: InboundMail, **review: int) -> InboundMail:
    state = InboundState.RECEIVED
    await InboundMail.filter(id=row.id).update(state=state, review=review)
    await import_mail(row.id, FILES)
    return await InboundMail.get(id=row.id)


async def waiting(box: Mailbox, ticket: Ticket, **headers: str) -> InboundMail:
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    row = await arrived(box, mail(sender="eve@evil.example", In_Reply_To=header, **headers))
    assert row.state is InboundState.QUARANTINED
    return row


async def test_a_decision_makes_no_person_of_a_machine(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    await Ticket.filter(id=ticket.id).update(turn=Turn.CONTACT)
    before = len(await sent())
    accepted = await decided(await waiting(box, ticket, Auto_Submitted="auto-replied"))
    listed = await decided(await waiting(box, ticket, List_Id="<a.example>"))
    assert len(await sent(MailKind.ACKNOWLEDGEMENT)) == 1, "Maria's alone"
    assert (accepted.state, listed.state) == (InboundState.AUTOMATIC, InboundState.IMPORTED)
    row = await waiting(box, ticket, Auto_Submitted="auto-replied")
    attached = await decided(row, ticket=ticket.id)
    assert (await entry_of(attached)).automatic
    assert (await Ticket.get(id=ticket.id)).turn is Turn.CONTACT
    assert before


async def test_what_cannot_be_attached_waits_again(box: Mailbox) -> None:
    ticket = await ticket_of(await arrived(box, mail()))
    row = await waiting(box, ticket)
    await close(ticket)
    count = await Ticket.all().count()
    again = await decided(row, ticket=ticket.id)
    assert (again.state, again.review) == (InboundState.QUARANTINED, None)
    assert "closed" in again.reason
    assert await Ticket.all().count() == count


async def test_too_large_is_not_told_to_machines_and_the_blocked(box: Mailbox) -> None:
    await Contact.create(
        name="E", email="eve@evil.example", blocked=True, created_at=box.created_at
    )
    for sender, machine in (
        ("eve@evil.example", ""),
        ("list-bounces@list.example", "LIST"),
        ("max@x.example", ""),
    ):
        id = await kept(box, mail(sender=sender))
        await InboundMail.filter(id=id).update(
            state=InboundState.TOO_LARGE, machine=machine, raw_sha256=""
        )
    await tell_senders_of_large()
    assert [one.recipient for one in await sent(MailKind.TOO_LARGE)] == ["max@x.example"]


async def test_files_of_what_becomes_nothing_are_taken_away(box: Mailbox) -> None:
    raw = mail(PNG, Content_Type="image/png", Content_Disposition="attachment; filename=a.png")
    FILES.stored.clear()
    first = await arrived(box, raw)
    for _ in range(3):
        assert (await arrived(box, raw)).state is InboundState.DUPLICATE
    (document,) = await Document.filter(ticket_id=first.ticket_id)
    assert set(FILES.stored) == {document.storage_key}


async def test_a_mailbox_is_one_importers_at_a_time(box: Mailbox) -> None:
    other = await boxes.mailbox("altra@demo.test", department="Fiscale")
    for each in (box, other):
        await kept(each, mail(sender=f"{each.id}@x.example"))
    taken = [await turns.take("a"), await turns.take("b"), await turns.take("c")]
    assert sorted(one or 0 for one in taken) == [0, box.id, other.id]
    assert await turns.keep(taken[0] or 0, "a")
    assert not await turns.keep(taken[0] or 0, "b")
    await unit_of_work(lambda: Mailbox.all().update(import_until=box.created_at))
    assert await turns.take("c") is not None, "who had it is dead"


async def test_several_importers_read_each_mail_once(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    class Counting(Memory):
        async def put(self, key: str, content: bytes) -> None:
            read.append(int(key.split("-")[1]))

    for number in range(12):
        kind = {
            "Content_Type": "image/png",
            "Content_Disposition": f"attachment; filename={number}",
        }
        await kept(box, mail(PNG, sender=f"s{number}@x.example", **kind))
    importers = [Importer(Counting()) for _ in range(3)]
    while any(await asyncio.gather(*(one.once() for one in importers))):
        pass
    assert len(read) == len(set(read)) == 12
    assert await InboundMail.filter(state=InboundState.IMPORTED).count() == 12
