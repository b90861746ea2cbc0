"""What a contact's feed tells, and that it tells nothing else."""

from typing import Any

import pytest

from realtime.cursors import Position, decode
from tests.live.assert_live import watching
from tests.live.stage import Stage, arrived
from tests.support.site import category, gid

pytestmark = pytest.mark.usefixtures("quick_viewers")


async def test_nothing_internal_makes_a_frame(stage: Stage) -> None:
    mario, admin, bruno = [await stage.person(one) for one in ("mario", "admin", "bruno")]
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [mario, admin])
    before = await mario.fresh(id)
    ricorsi = await category(admin.client, "Ricorsi")
    person = (await bruno.client.run("{ viewer { id } }"))["viewer"]["id"]
    acts: list[tuple[str, dict[str, Any]]] = [
        ("ticketAddNote", {"body": "tra noi"}),
        ("replyLockAcquire", {}),
        ("draftSave", {"body": "x", "baseRevision": 0}),
        ("ticketMarkRead", {"upTo": 1}),
        ("presenceSet", {"state": "IDLE"}),
        ("ticketAssign", {"assigneeId": person}),
        ("ticketChangeLevel", {"level": "ADVANCED"}),
        ("ticketChangeCategory", {"categoryId": ricorsi}),
        ("ticketTransfer", {"departmentId": gid("Department", 1)}),
        ("ticketUpdate", {"addTags": ["x"], "priority": "HIGH", "severity": "MAJOR"}),
        ("ticketLeave", {}),
    ]
    for mutation, input in acts:
        await admin.do(mutation, ticketId=id, **input)
    await stage.settled()
    contact, desk = [arrived(one.feed) for one in watchers]
    assert contact == []
    assert len(desk) > 8
    assert await mario.fresh(id) == before, "times and cursors included"


async def test_numbers_and_cursors_count_what_is_visible(stage: Stage) -> None:
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [mario])
    for _ in range(3):
        for _ in range(4):
            await anna.do("ticketAddNote", ticketId=id, body="tra noi")
        await anna.do("ticketReply", ticketId=id, body="Venga")
    await stage.settled()
    frames = arrived(watcher.feed)
    assert [one["message"]["number"] for one in frames] == [2, 3, 4]
    places = [decode(one["cursor"]) for one in frames]
    assert [one and one.position for one in places] == [Position(n, 0) for n in (2, 3, 4)]


async def test_turn_and_subject_are_told_once(stage: Stage) -> None:
    mario, anna, giulia = [await stage.person(one) for one in ("mario", "anna", "giulia")]
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [mario])
    (stranger,) = await watching(stage, id, [giulia])

    async def told() -> list[dict[str, Any]]:
        await stage.settled()
        return arrived(watcher.feed)

    await anna.do("ticketReply", ticketId=id, body="Venga")
    (frame,) = await told()
    assert (frame["__typename"], frame["ticket"]["turn"]) == ("MessageAdded", "CONTACT")
    await anna.do("ticketUpdate", ticketId=id, subject="Altro", addTags=["x"])
    (frame,) = await told()
    assert (frame["__typename"], frame["ticket"]["subject"]) == ("TicketChanged", "Altro")
    await anna.do("ticketClose", ticketId=id)
    (frame,) = await told()
    assert (frame["__typename"], frame["ticket"]["turn"]) == ("TicketChanged", "CLOSED")
    assert arrived(stranger.feed) == []
