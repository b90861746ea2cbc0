"""Loading: the same again, all or nothing, into an empty desk only."""

from datetime import UTC, datetime, timedelta

import pytest

from actions.events import Happened, RightsChanged
from actions.passwords import verify
from actions.unit_of_work import announce_to
from app import demo
from models.desk import Category, Department, Desk
from models.documents import Document
from models.drafts import Draft, ReadMark
from models.enums import Level, SystemEventKind, TicketSource, Turn
from models.people import Contact, Operator, Organisation
from models.records import EventRecord
from models.sights import sight_of
from models.sql import Statement, is_postgres, rows
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.demo.desks import NOW, Loaded, content

pytestmark = pytest.mark.xdist_group("demo")


async def test_the_same_now_gives_the_same_rows(desk: Loaded, twin: Loaded) -> None:
    """On either database."""
    assert desk.content == twin.content
    assert desk.files == twin.files


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 8, 16, 3, 0, tzinfo=UTC),  # a Sunday, at night
        datetime(2026, 3, 30, 6, 31, tzinfo=UTC),  # a Monday, early, after the clocks went forward
    ],
)
async def test_at_any_time(fresh: Loaded, now: datetime) -> None:
    async with fresh.opened():
        await fresh.fill(now)
        assert 280 <= await Ticket.all().count() <= 320
        assert not await TimelineEntry.filter(created_at__gt=now).exists()
        assert await Ticket.filter(created_at__gt=now - timedelta(days=7)).exists()


async def test_a_desk_with_operators_is_left_alone(desk: Loaded) -> None:
    with pytest.raises(demo.DemoRefused, match="operators"):
        await Loaded(desk.settings).fill()
    assert await content() == desk.content


async def test_a_failure_leaves_nothing_and_a_second_try_works(fresh: Loaded) -> None:
    async def full(_key: str, _data: bytes) -> None:
        raise OSError("no space left")

    async with fresh.opened():
        empty = await content()
        with pytest.raises(OSError, match="no space"):
            await demo.load(full, NOW)
        assert await content() == empty
        await fresh.fill()
        assert await Operator.all().count() == 5
        for operator in await Operator.all():
            assert (await sight_of(operator.id)).operator_id == operator.id


async def test_rights_move_and_it_is_told(fresh: Loaded) -> None:
    told: list[Happened] = []

    async def listen(happened: Happened) -> None:
        told.append(happened)

    stop = announce_to(listen)
    try:
        async with fresh.opened():
            before = (await Desk.get(id=1)).rights_version
            await fresh.fill()
            assert (await Desk.get(id=1)).rights_version > before
    finally:
        stop()
    assert told == [RightsChanged()]


async def test_progress_reaches_the_end(desk: Loaded) -> None:
    total = await Ticket.all().count()
    assert desk.progress == [(done, total) for done in range(1, total + 1)]


async def test_counts(desk: Loaded) -> None:
    everything = await Ticket.all()
    assert 280 <= len(everything) <= 320
    assert 0.4 <= sum(one.turn is Turn.CLOSED for one in everything) / len(everything) <= 0.5
    assert {one.source for one in everything} == {
        TicketSource.CLIENT_AREA,
        TicketSource.EMAIL,
        TicketSource.PHONE,
        TicketSource.OPERATOR,
    }
    assert min(one.created_at for one in everything) < NOW - timedelta(days=150)
    assert len({one.subject for one in everything}) > 130
    assert 45 <= len({one.entry_id for one in await Document.all()}) <= 75
    assert await Contact.all().count() == 32
    assert await Organisation.filter(shares_tickets=True).count() == 1
    assert await Organisation.all().count() == 2
    assert await Draft.all().count() == 3
    assert await ReadMark.all().count() > 300
    assert not await EventRecord.exists()
    happened = {one.event for one in await TimelineEntry.exclude(event=None)}
    assert happened == {
        SystemEventKind.ASSIGNED,
        SystemEventKind.CATEGORY_CHANGED,
        SystemEventKind.LEVEL_CHANGED,
        SystemEventKind.TRANSFERRED,
        SystemEventKind.UPDATED,
        SystemEventKind.CLOSED,
        SystemEventKind.FOLLOW_UP_OPENED,
        SystemEventKind.MERGED,
    }


async def test_categories_and_departments_of_every_kind(desk: Loaded) -> None:
    assert await Category.filter(visible=False).exists()
    assert await Category.filter(archived=True).exists()
    assert await Category.filter(initial_level=Level.ADVANCED).exists()
    assert await Department.filter(offered_for_solving=True).exists()
    for category in await Category.filter(archived=True):
        assert await Ticket.filter(category_id=category.id).exists()


async def test_marks_and_drafts_are_of_who_sees(desk: Loaded) -> None:
    tickets = {one.id: one for one in await Ticket.all()}
    for mark in await ReadMark.all():
        assert (await sight_of(mark.operator_id)).sees(tickets[mark.ticket_id])
        assert 1 <= mark.up_to <= tickets[mark.ticket_id].seq
    for draft in await Draft.all():
        assert (await sight_of(draft.operator_id)).sees(tickets[draft.ticket_id])
        assert draft.saved_at <= NOW


async def test_all_logins_work(desk: Loaded) -> None:
    for login in demo.LOGINS:
        model = Operator if login.operator else Contact
        account = await model.get(email=login.email)
        assert account.name == login.name
        assert await verify(login.password, account.password_hash)


async def test_ids_go_on_where_the_demo_ends(desk: Loaded) -> None:
    if not is_postgres():
        return  # SQLite gives the highest id and one
    for model in (Ticket, TimelineEntry, Contact, Operator, Document, Category):
        table = model._meta.db_table
        to = Statement()
        (found,) = await rows(
            f"SELECT nextval(pg_get_serial_sequence({to.add(table)}, 'id')) AS next, "
            f"max(id) AS last FROM {table}",
            to,
        )
        assert found["next"] > found["last"]
