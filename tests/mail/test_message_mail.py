"""What a message says of the mail it was, in the timeline and in the feed alike."""

from typing import Any

import pytest

from models.enums import TicketSource
from models.mailboxes import Mailbox
from resolvers.ids import encode
from tests.mail.arriving import arrived, mail, ticket_of
from tests.mail.cases import box, our_mail
from tests.support.site import Client, Site, category
from tests.support.statements import counted

__all__ = ["box"]
MAIL = """mail { sender receivedAt recipients replyTo pretends fromOperator authentication notes
  changedSubject }"""
TIMELINE = f"""query ($id: ID!) {{ ticket(id: $id) {{ timeline(first: 50) {{ edges {{ node {{
  number ... on ContactMessage {{ source {MAIL} }} }} }} }} }} }}"""
FEED = f"""subscription ($id: ID!) {{ ticketEvents(ticketId: $id) {{ __typename
  ... on EntryAdded {{ entry {{ number ... on ContactMessage {{ source {MAIL} }} }} }} }} }}"""


@pytest.fixture
def database(site: Site) -> None:
    """The site's own, which is open here."""


async def entries(client: Client, ticket_id: int) -> list[dict[str, Any]]:
    found = await client.run(TIMELINE, id=encode("Ticket", ticket_id))
    return [one["node"] for one in found["ticket"]["timeline"]["edges"]]


async def test_a_message_says_how_it_came(site: Site, box: Mailbox) -> None:
    bruno = await site.sign_in("bruno")
    first = await arrived(
        box, mail(sender='"bruno@demo.test" <maria@customer.example>', Reply_To="me@home.example")
    )
    ticket = await ticket_of(first)
    (only,) = await entries(bruno, ticket.id)
    assert only["source"] == TicketSource.EMAIL.value
    assert only["mail"] | {"receivedAt": None, "notes": []} == {
        "sender": "maria@customer.example",
        "receivedAt": None,
        "recipients": ["immigrazione@demo.test"],
        "replyTo": "me@home.example",
        "pretends": '"bruno@demo.test" <maria@customer.example>',
        "fromOperator": False,
        "authentication": None,
        "notes": [],
        "changedSubject": None,
    }
    header = f"<{(await our_mail(ticket, box)).message_id}>"
    async with bruno.live() as connection:
        feed = await connection.subscribe(FEED, id=encode("Ticket", ticket.id))
        again = mail("One more thing.", subject="Of another matter", In_Reply_To=header)
        assert (await arrived(box, again)).ticket_id == ticket.id
        frame = await feed.next()
        while frame["__typename"] != "EntryAdded":
            frame = await feed.next()
    latest = (await entries(bruno, ticket.id))[-1]
    assert frame["entry"] == latest, "what the feed said is what a query says"
    assert latest["mail"]["changedSubject"] == "Of another matter"


async def test_what_an_encrypted_mail_is_can_be_read(site: Site, box: Mailbox) -> None:
    raw = mail("MIIB", Content_Type="application/pkcs7-mime; smime-type=enveloped-data")
    ticket = await ticket_of(await arrived(box, raw))
    (only,) = await entries(await site.sign_in("bruno"), ticket.id)
    assert any("encrypted" in note for note in only["mail"]["notes"])


async def test_what_was_not_a_mail_has_none(site: Site) -> None:
    mario, bruno = await site.sign_in("mario"), await site.sign_in("bruno")
    done = await mario.do(
        "ticketOpen",
        "... on TicketOpened { ticket { id } }",
        subject="Hello", body="words",
        categoryId=await category(mario, "Rinnovo permesso"),
    )  # fmt: skip
    shown = await bruno.run(TIMELINE, id=done["ticket"]["id"])
    assert [one["node"].get("mail", "?") for one in shown["ticket"]["timeline"]["edges"]] == [None]


async def test_a_long_conversation_takes_no_more_statements(site: Site, box: Mailbox) -> None:
    bruno = await site.sign_in("bruno")
    ticket = await ticket_of(await arrived(box, mail()))
    header = f"<{(await our_mail(ticket, box)).message_id}>"

    async def cost() -> int:
        with counted() as statements:
            await entries(bruno, ticket.id)
        return len(statements)

    few = min([await cost() for _ in range(3)])
    for number in range(10):
        assert (await arrived(box, mail(str(number), In_Reply_To=header))).ticket_id == ticket.id
    assert min([await cost() for _ in range(3)]) == few
