"""From a mail in a folder to an answer in a mailbox, over real servers and the real API."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any

import pytest

from app.settings import Settings
from models.enums import TicketSource
from models.mail_enums import InboundState
from models.mails import InboundMail
from resolvers.ids import encode
from tests.mail import boxes
from tests.mail.arriving import mail
from tests.mail.dovecot import Dovecot, dovecot
from tests.mail.smtp_server import Server, smtp_server
from tests.support.site import Client, Site

BOX = "immigrazione@demo.test"
HANG_S = 60
LIST = """{ tickets(first: 5, filter: {}) { edges { node { id number subject turn source
  timeline(last: 20) { edges { node { __typename
    ... on ContactMessage { bodyText source }
    ... on OperatorReply { bodyText delivery } } } } } } } }"""
FEED = """subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename
  ... on EntryAdded { entry { __typename number ... on OperatorReply { delivery } } }
  ... on EntryChanged { entry { number ... on OperatorReply { delivery } } } } }"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Mail is fetched, imported and sent here."""
    return replace(settings, mail="on")


@pytest.fixture
def imap() -> Iterator[Dovecot]:
    with dovecot([BOX]) as running:
        yield running


@pytest.fixture
async def smtp() -> AsyncGenerator[Server]:
    async with smtp_server() as running:
        yield running


async def until(condition: Any) -> Any:
    async with asyncio.timeout(HANG_S):
        while True:
            found = await condition()
            if found:
                return found
            await asyncio.sleep(0.05)


async def test_question_and_answer(site: Site, imap: Dovecot, smtp: Server) -> None:
    await boxes.mailbox(
        BOX, department="Immigrazione", imap_port=imap.port, smtp_port=smtp.port,
        plus_addressing=True,
    )  # fmt: skip
    imap.put(BOX, [mail("Where is my permit?", id="q1@customer.example")])

    async def imported() -> list[InboundMail]:
        return await InboundMail.filter(state=InboundState.IMPORTED)

    (row,) = await until(imported)
    assert row.ticket_id is not None
    bruno = await site.sign_in("bruno")
    ticket = await shown(bruno, row.ticket_id)
    assert (ticket["subject"], ticket["turn"], ticket["source"]) == (
        "A question", "OPERATOR", TicketSource.EMAIL.value,
    )  # fmt: skip
    async with bruno.live() as connection:
        feed = await connection.subscribe(FEED, id=encode("Ticket", row.ticket_id))
        done = await bruno.do(
            "ticketReply",
            ticketId=encode("Ticket", row.ticket_id),
            body="<p>On its way.</p>",
            lastSeenEntry=1,
        )
        assert done["__typename"] == "TicketReplied", done
        seen: list[str] = []
        async with asyncio.timeout(HANG_S):
            while seen[-1:] != ["SENT"]:
                frame = await feed.next()
                delivery = frame.get("entry", {}).get("delivery")
                if delivery is not None:
                    seen.append(delivery)
    assert seen[0] in {"QUEUED", "SENDING"}
    (answer,) = [one for one in smtp.taken if b"On its way" in one.raw]
    assert answer.recipients == ("maria@customer.example",)
    said = message_from_bytes(answer.raw, policy=policy.default)
    assert BOX in str(said["From"])
    assert "q1@customer.example" in str(said["References"]) + str(said["In-Reply-To"])
    assert not list(said.iter_attachments())
    body = said.get_body(("plain",))
    assert body is not None
    assert "/m/" in body.get_content(), "a way in without a password"
    # She answers, by the headers alone.
    back = mail("Thank you!", In_Reply_To=str(said["Message-ID"]), subject="Re: A question")
    imap.put(BOX, [back])

    async def answered() -> Any:
        now = await shown(bruno, row.ticket_id or 0)
        return now if now["turn"] == "OPERATOR" else None

    ticket = await until(answered)
    texts = [one["node"].get("bodyText") for one in ticket["timeline"]["edges"]]
    assert [one for one in texts if one] == ["Where is my permit?", "On its way.", "Thank you!"]


async def shown(client: Client, id: int) -> dict[str, Any]:
    found = (await client.run(LIST))["tickets"]["edges"]
    wanted = encode("Ticket", id)
    return next(one["node"] for one in found if one["node"]["id"] == wanted)
