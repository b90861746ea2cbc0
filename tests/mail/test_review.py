"""Mails that wait for somebody: who sees them, what they decide, and what comes of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mail.importing import import_mail
from models.desk import Category, Department, DepartmentGroup
from models.enums import Turn
from models.hierarchy import OperatorGroup
from models.mail_enums import InboundState, MailDirection
from models.mailboxes import Mailbox, MailFolder
from models.mails import InboundMail
from models.people import Contact
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.ids import encode
from tests.mail import boxes
from tests.mail.arriving import FILES, arrived, kept, mail, ticket_of
from tests.mail.cases import box, our_mail, sent
from tests.support import databases
from tests.support.site import Client, Site
from tests.support.statements import counted

__all__ = ["box"]
LIST = """query ($f: InboundMailFilter) { inboundMails(filter: $f, first: 50) { totalCount edges {
  node { id state reason sender subject text recipients notes pretends fromOperator replyTo size
    department { id name } ticket { id subject } mailboxId originalUrl } } } }"""
DECIDED = "... on InboundMailDecided { mail { id state } }"


@pytest.fixture
def database(site: Site) -> None:
    """The site's own, which is open here."""


async def waiting(box: Mailbox, words: str = "Tell me all.") -> InboundMail:
    """A stranger's answer to Maria's conversation."""
    ticket = await ticket_of(await arrived(box, mail()))
    ours = await our_mail(ticket, box)
    header = f"<{ours.message_id}>"
    raw = mail(words, sender="Eve <eve@stranger.example>", In_Reply_To=header)
    row = await arrived(box, raw)
    assert row.state is InboundState.QUARANTINED
    return row


async def seen_by(client: Client, **filter: Any) -> list[dict[str, Any]]:
    found = (await client.run(LIST, f=filter))["inboundMails"]
    assert found["totalCount"] == len(found["edges"])
    return [one["node"] for one in found["edges"]]


async def do(client: Client, what: str, row: InboundMail, **more: Any) -> str:
    done = await client.do(
        f"inboundMail{what}", DECIDED, mailId=encode("InboundMail", row.id), **more
    )
    kind: str = done["__typename"]
    return kind


async def test_members_see_what_waits_and_administrators_all(site: Site, box: Mailbox) -> None:
    row = await waiting(box)
    bruno, dino, admin = [await site.sign_in(one) for one in ("bruno", "dino", "admin")]
    (one,) = await seen_by(bruno)
    assert (one["sender"], one["text"]) == ("eve@stranger.example", "Tell me all.")
    assert one["department"]["name"] == "Immigrazione"
    assert await seen_by(dino) == [], "it is no department of his"
    assert len(await seen_by(admin)) == 2
    assert [one["id"] for one in await seen_by(admin, state="QUARANTINED")] == [
        encode("InboundMail", row.id)
    ]
    for client, what in ((dino, "Accept"), (dino, "Discard")):
        assert await do(client, what, row) == "NotFound"
    assert await do(bruno, "Retry", row) == "NotPermitted"


async def test_a_mail_to_a_ticket_out_of_sight_is_out_of_sight(site: Site, box: Mailbox) -> None:
    """Of a ticket that a member does not see, no mail tells either."""
    row = await waiting(box)
    bruno = await site.sign_in("bruno")
    assert len(await seen_by(bruno)) == 1
    fiscale = await Department.get(name="Fiscale")
    secret = await Category.get(name="Interno")
    await Ticket.filter(id=row.ticket_id).update(category_id=secret.id, department_id=fiscale.id)
    assert await seen_by(bruno) == []
    assert await do(bruno, "Accept", row) == "NotFound"


async def test_accepted_it_opens_a_ticket_of_its_own(site: Site, box: Mailbox) -> None:
    row = await waiting(box)
    bruno = await site.sign_in("bruno")
    assert await do(bruno, "Accept", row) == "InboundMailDecided"
    assert await import_mail(row.id, FILES) is InboundState.IMPORTED
    after = await InboundMail.get(id=row.id)
    assert after.ticket_id != row.ticket_id
    contact = await Contact.get(id=(await ticket_of(after)).contact_id)
    assert contact.email == "eve@stranger.example"
    assert await do(bruno, "Accept", row) == "NotFound", "it waits no more: it is not theirs to see"


async def test_accepted_elsewhere_by_who_may_transfer_there(site: Site, box: Mailbox) -> None:
    row = await waiting(box)
    bruno, admin = await site.sign_in("bruno"), await site.sign_in("admin")
    own, fiscale = [
        encode("Department", (await Department.get(name=one)).id)
        for one in ("Immigrazione", "Fiscale")
    ]
    assert await do(bruno, "Accept", row, departmentId=fiscale) == "NotPermitted"
    assert (await InboundMail.get(id=row.id)).state is InboundState.QUARANTINED
    group, department = await OperatorGroup.get(), await Department.get(name="Fiscale")
    await DepartmentGroup.create(department_id=department.id, group_id=group.id, public=True)
    await databases.freshen()
    assert await do(bruno, "Accept", row, departmentId=fiscale) == "InboundMailDecided"
    await import_mail(row.id, FILES)
    ticket = await ticket_of(await InboundMail.get(id=row.id))
    assert encode("Department", ticket.department_id or 0) == fiscale
    for client, where in ((bruno, own), (admin, fiscale)):
        assert await do(client, "Accept", await waiting(box), departmentId=where) == (
            "InboundMailDecided"
        )


async def test_attached_it_is_a_message_of_its_sender(site: Site, box: Mailbox) -> None:
    row = await waiting(box)
    before = len(await sent())
    bruno = await site.sign_in("bruno")
    id = encode("Ticket", row.ticket_id or 0)
    assert await do(bruno, "Attach", row, ticketId=id) == "InboundMailDecided"
    assert await import_mail(row.id, FILES) is InboundState.IMPORTED
    after = await InboundMail.get(id=row.id)
    assert after.ticket_id == row.ticket_id
    entry = await TimelineEntry.get(ticket_id=after.ticket_id, number=after.entry_number)
    assert entry.contact_id == (await Contact.get(email="eve@stranger.example")).id
    told = [one.recipient for one in (await sent())[before:]]
    assert "eve@stranger.example" not in told, "no history leaves to a stranger"
    closed = await waiting(box, "And more?")
    await Ticket.filter(id=closed.ticket_id).update(turn=Turn.CLOSED)
    id = encode("Ticket", closed.ticket_id or 0)
    assert await do(bruno, "Attach", closed, ticketId=id) == "InvalidInput"
    assert await do(bruno, "Attach", closed, ticketId=encode("Ticket", 999)) == "NotFound"


async def test_discarded_it_stays_in_the_log(site: Site, box: Mailbox) -> None:
    row = await waiting(box)
    bruno, admin = await site.sign_in("bruno"), await site.sign_in("admin")
    assert await do(bruno, "Discard", row) == "InboundMailDecided"
    assert await seen_by(bruno) == []
    (one,) = await seen_by(admin, state="IGNORED")
    assert one["reason"] == "discarded by Bruno"
    audit = await admin.run('{ auditLog(filter: {kind: "inboundMail.discard"}) { totalCount } }')
    assert audit["auditLog"]["totalCount"] == 1


async def test_a_failed_one_is_tried_again(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(FILES, "put", broken)
        row = await arrived(
            box, mail("x", Content_Type="application/pdf", Content_Disposition="attachment")
        )
    assert row.state is InboundState.FAILED
    admin = await site.sign_in("admin")
    assert await do(admin, "Retry", row) == "InboundMailDecided"
    assert await import_mail(row.id, FILES) is InboundState.IMPORTED
    assert await do(admin, "Retry", row) == "InvalidInput"


async def test_one_that_was_never_fetched_is_fetched_or_said_to_be_lost(
    site: Site, box: Mailbox
) -> None:
    row = await arrived(box, mail())
    await InboundMail.filter(id=row.id).update(state=InboundState.FAILED, raw_sha256="", attempts=3)
    admin = await site.sign_in("admin")
    assert await do(admin, "Retry", row) == "InvalidInput", "its folder was never read"
    await boxes.server(box, MailDirection.IN, 1)
    now = datetime.now(UTC)
    folder = await MailFolder.create(
        mailbox_id=box.id, name="INBOX", uidvalidity=1, baseline_at=now
    )
    assert await do(admin, "Retry", row) == "InboundMailDecided"
    row = await InboundMail.get(id=row.id)
    assert (row.state, row.attempts) == (InboundState.FAILED, 0)
    assert await import_mail(row.id, FILES) is InboundState.FAILED, "there is nothing to import"
    await MailFolder.filter(id=folder.id).update(generation=1)
    assert await do(admin, "Retry", row) == "InvalidInput", "renumbered since"


async def test_the_original_is_for_administrators(site: Site, box: Mailbox) -> None:
    raw = mail("<script>alert(1)</script>", Content_Type="text/html")
    row = await arrived(box, raw)
    where = f"/mails/{encode('InboundMail', row.id)}"
    for name, status in (("admin", 200), ("bruno", 403), ("mario", 403)):
        token = (await site.sign_in(name)).token
        answer = await site.http.get(where, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status, name
        if status == 200:
            assert answer.content == raw
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await site.http.get(where)).status_code == 401


async def test_a_long_list_takes_no_more_statements(site: Site, box: Mailbox) -> None:
    admin = await site.sign_in("admin")
    await waiting(box)

    async def cost() -> int:
        with counted() as statements:
            await seen_by(admin)
        return len(statements)

    few = min([await cost() for _ in range(3)])
    for number in range(20):
        await kept(box, mail(str(number)))
    assert min([await cost() for _ in range(3)]) == few
