"""Links asked for by anybody: nothing is learned, and no mailbox loses its day."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actions.unit_of_work import settle, unit_of_work
from models.desk import Department
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from models.people import Contact
from models.sessions import SignInAttempt
from models.sql import is_postgres
from models.tickets import Ticket
from resolvers.ids import local_id
from tests.links.test_links import anonymous, ticket_of
from tests.mail import boxes
from tests.support.site import Site

LINK, RESET = MailKind.MAGIC_LINK, MailKind.PASSWORD_RESET
MUTATIONS = {LINK: "magicLinkRequest", RESET: "passwordResetRequest"}
SENT, QUEUED, FAILED = OutboundState.SENT, OutboundState.QUEUED, OutboundState.FAILED
kinds = pytest.mark.parametrize("kind", [LINK, RESET])


@pytest.fixture
async def mine(site: Site) -> str:
    """A ticket of Sara's, in a department that writes."""
    await boxes.mailbox("immigrazione@demo.test", department="Immigrazione")
    return await ticket_of(site)


async def asked(site: Site, kind: MailKind, email: str = "sara@demo.test", **more: Any) -> None:
    """By somebody who has tried nothing before; and what was to be done is done."""
    await SignInAttempt.all().delete()
    done = await anonymous(site).do(MUTATIONS[kind], email=email, **more)
    await settle()
    assert done["__typename"] == MUTATIONS[kind][0].upper() + f"{MUTATIONS[kind][1:]}ed"


async def sent(kind: MailKind) -> list[OutboundMail]:
    return await OutboundMail.filter(kind=kind).order_by("id")


async def passed(by: timedelta, state: OutboundState = SENT) -> None:
    """Time, and what became of the mails meanwhile."""
    for one in await OutboundMail.all():
        await OutboundMail.filter(id=one.id).update(created_at=one.created_at - by, state=state)


async def test_nothing_is_learned(site: Site, mine: str) -> None:
    number = local_id(mine, "Ticket")
    giulias = local_id(await ticket_of(site, "giulia", "Hers"), "Ticket")
    for unsent in ("nobody@demo.test", "no address", "\0@\0"):
        await asked(site, LINK, unsent)
        await asked(site, RESET, unsent)
    await asked(site, LINK, ticketNumber=giulias)
    assert (await sent(LINK), await sent(RESET)) == ([], [])
    await asked(site, LINK, "SARA@demo.test", ticketNumber=number)
    (mail,) = await sent(LINK)
    assert (mail.recipient, mail.ticket_id) == ("sara@demo.test", number)
    more = [await anonymous(site).do("magicLinkRequest", email="sara@demo.test") for _ in range(12)]
    assert more[-1]["__typename"] == "TooManyAttempts"


@kinds
@pytest.mark.usefixtures("mine")
async def test_one_in_ten_minutes(site: Site, kind: MailKind) -> None:
    await asked(site, kind)
    for state in (QUEUED, FAILED, SENT):
        await passed(timedelta(minutes=3), state)
        await asked(site, kind)
        assert len(await sent(kind)) == 1, state
    await passed(timedelta(minutes=2))
    await asked(site, kind)
    assert len(await sent(kind)) == 2


@kinds
@pytest.mark.usefixtures("mine")
async def test_five_a_day(site: Site, kind: MailKind) -> None:
    for count in range(1, 6):
        await asked(site, kind)
        assert len(await sent(kind)) == count
        await passed(timedelta(hours=1))
    await asked(site, kind)
    assert len(await sent(kind)) == 5
    other = RESET if kind is LINK else LINK
    await asked(site, other)
    assert len(await sent(other)) == 1, "each has its own count"
    await passed(timedelta(hours=20))
    await asked(site, kind)
    assert len(await sent(kind)) == 6


@pytest.mark.usefixtures("mine")
async def test_what_waits_is_not_doubled(site: Site) -> None:
    """Not while it is as good as a new one: the link to a password lives for an hour."""
    await asked(site, LINK)
    await asked(site, RESET)
    await passed(timedelta(minutes=50), QUEUED)
    await asked(site, LINK)
    await asked(site, RESET)
    assert (len(await sent(LINK)), len(await sent(RESET))) == (1, 1)
    await passed(timedelta(minutes=15), QUEUED)
    await asked(site, LINK)
    await asked(site, RESET)
    assert (len(await sent(LINK)), len(await sent(RESET))) == (1, 2)


@kinds
@pytest.mark.usefixtures("mine")
async def test_many_at_once_make_one(site: Site, kind: MailKind) -> None:
    await asyncio.gather(
        *(anonymous(site).do(MUTATIONS[kind], email="sara@demo.test") for _ in range(8))
    )
    await settle()
    assert len(await sent(kind)) == 1


@kinds
@pytest.mark.usefixtures("mine")
async def test_another_department_writes(site: Site, kind: MailKind) -> None:
    """When the ticket's own has no mailbox to write by."""
    hers = await ticket_of(site, "giulia", "Hers")
    fiscale = await Department.get(name="Fiscale")
    await Ticket.filter(id=local_id(hers, "Ticket")).update(department_id=fiscale.id)
    await asked(site, kind, "giulia@demo.test")
    (mail,) = await sent(kind)
    immigrazione = await Department.get(name="Immigrazione")
    assert mail.department_id == immigrazione.id
    assert mail.ticket_id == (local_id(hers, "Ticket") if kind is LINK else None)


async def test_of_a_merged_ticket_the_target_is_sent(site: Site, mine: str) -> None:
    into = await ticket_of(site, subject="Target")
    bruno = await site.sign_in("bruno")
    await bruno.do("ticketMerge", ticketId=mine, intoId=into)
    await asked(site, LINK, ticketNumber=local_id(mine, "Ticket"))
    (mail,) = await sent(LINK)
    assert mail.ticket_id == local_id(into, "Ticket")


@kinds
@pytest.mark.usefixtures("mine")
async def test_the_answer_does_not_wait(site: Site, kind: MailKind) -> None:
    """So that nobody learns from the time it takes whose address this is."""
    if not is_postgres():
        pytest.skip("SQLite has one writer: counting the try would wait as well")
    held, answered = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await Contact.filter(email="sara@demo.test").update(blocked=False)
        held.set()
        await answered.wait()

    holding = asyncio.create_task(unit_of_work(hold))
    await held.wait()
    async with asyncio.timeout(5):
        await anonymous(site).do(MUTATIONS[kind], email="sara@demo.test")
    assert await sent(kind) == []
    answered.set()
    await holding
    await settle()
    assert len(await sent(kind)) == 1
