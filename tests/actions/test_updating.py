"""Fields merged one by one: one event, its changes field by field."""

import asyncio

import pytest

from actions import tickets
from actions.refusals import InvalidInput
from actions.tickets.requests import UNSET, Update
from models.enums import Priority, Severity
from models.tickets import Ticket, TicketWord
from tests.actions import stage

pytestmark = pytest.mark.usefixtures("database")


async def test_one_event_with_every_change() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    before = await stage.row(id)
    await tickets.update(
        Update(
            id,
            subject="  Altro\n oggetto\0 ",
            priority=Priority.URGENT,
            severity=Severity.MAJOR,
            add_tags=("uno", "due", "uno"),
        ),
        anna,
    )
    assert await stage.events(id) == [
        (
            "UPDATED",
            [
                ["subject", "Ciao", "Altro oggetto"],
                ["priority", "NORMAL", "URGENT"],
                ["severity", None, "MAJOR"],
                ["tags", None, "uno, due"],
            ],
        )
    ]
    row = await stage.row(id)
    assert (row.subject, row.tags, row.seq) == ("Altro oggetto", ["uno", "due"], 2)
    assert row.visible_at > before.visible_at
    words = {one.word for one in await TicketWord.filter(ticket_id=id, visible=True)}
    assert {"altro", "oggetto"} <= words


async def test_what_is_left_out_stays_and_null_clears_the_severity() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.update(Update(id, priority=Priority.LOW, severity=Severity.MINOR), anna)
    visible_at = (await stage.row(id)).visible_at
    await tickets.update(Update(id, severity=UNSET, add_tags=("a",)), anna)
    row = await stage.row(id)
    assert (row.priority, row.severity) == (Priority.LOW, Severity.MINOR)
    assert row.visible_at == visible_at
    await tickets.update(Update(id, severity=None), anna)
    assert (await stage.row(id)).severity is None
    assert (await stage.events(id))[-1] == ("UPDATED", [["severity", "MINOR", None]])


async def test_tags_are_added_and_removed() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.update(Update(id, add_tags=("a", "b", "c")), anna)
    await tickets.update(Update(id, add_tags=("d", "a"), remove_tags=("b", "no")), anna)
    assert (await stage.row(id)).tags == ["a", "c", "d"]
    assert (await stage.events(id))[-1] == ("UPDATED", [["tags", "a, b, c", "a, c, d"]])


async def test_nothing_changed_is_nothing_written() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.update(
        Update(id, subject="Ciao", priority=Priority.NORMAL, severity=None, remove_tags=("x",)),
        anna,
    )
    assert (await stage.row(id)).revision == 1


async def test_two_at_once_lose_neither() -> None:
    id, anna, bruno = (
        await stage.opened(),
        await stage.operator("anna"),
        await stage.operator("bruno"),
    )
    await asyncio.gather(
        *(tickets.update(Update(id, add_tags=(f"a{n}",)), anna) for n in range(10)),
        *(tickets.update(Update(id, add_tags=(f"b{n}",)), bruno) for n in range(10)),
        tickets.update(Update(id, subject="Nuovo"), anna),
        tickets.update(Update(id, priority=Priority.HIGH), bruno),
    )
    row = await stage.row(id)
    assert len(row.tags) == 20
    assert (row.subject, row.priority, row.seq) == ("Nuovo", Priority.HIGH, 23)


async def test_every_fault_is_named() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    with pytest.raises(InvalidInput) as caught:
        await tickets.update(Update(id, subject="\0\n", add_tags=("ok", " ", "x" * 51)), anna)
    assert [one.path for one in caught.value.fields] == [
        ("subject",),
        ("addTags", "1"),
        ("addTags", "2"),
    ]
    await Ticket.filter(id=id).update(tags=[f"t{n}" for n in range(50)])
    with pytest.raises(InvalidInput):
        await tickets.update(Update(id, add_tags=("one more",)), anna)
    await tickets.update(Update(id, add_tags=("one more",), remove_tags=("t0",)), anna)


async def test_odd_characters_are_no_internal_error() -> None:
    id, anna = await stage.opened(), await stage.operator("anna")
    odd = "a\0b\x01c\x1fd\x7fe\u2028f\ufffe🗝\u202eg"
    await tickets.update(Update(id, subject=odd, add_tags=(odd,), remove_tags=(odd * 9,)), anna)
    row = await stage.row(id)
    assert row.subject == "a b c d e f\ufffe🗝g"
    assert row.tags == [row.subject]
