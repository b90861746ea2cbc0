"""Read mark and draft: in every tab of the operator whose they are, and in nobody else's."""

from typing import Any

import pytest

from tests.live.assert_live import watching
from tests.live.stage import Stage, arrived

pytestmark = pytest.mark.usefixtures("quick_viewers")


async def test_they_arrive_in_the_other_tabs(stage: Stage) -> None:
    mario, anna, bruno = [await stage.person(one) for one in ("mario", "anna", "bruno")]
    tab, elsewhere = await stage.seat("anna", anna.client), await stage.person("anna")
    id = await stage.ticket(mario)
    watchers = await watching(stage, id, [anna, tab, elsewhere, bruno, mario])

    async def told() -> list[list[dict[str, Any]]]:
        await stage.settled()
        return [arrived(one.feed) for one in watchers]

    acts: list[tuple[str, dict[str, Any], str, Any]] = [
        ("draftSave", {"body": "Ven", "baseRevision": 0}, "draft", "Ven"),
        ("draftSave", {"body": "Venga", "baseRevision": 1}, "draft", "Venga"),
        ("draftDelete", {}, "draft", None),
        ("ticketMarkRead", {"upTo": 1}, "unread", False),
        ("ticketMarkRead", {"upTo": 0}, "unread", True),
    ]
    for mutation, input, field, expected in acts:
        await anna.do(mutation, ticketId=id, **input)
        *mine, other, contact = await told()
        for frames in mine:
            (frame,) = frames
            assert frame["__typename"] == "TicketChanged"
            value = frame["ticket"][field]
            assert (value and value["body"] if field == "draft" else value) == expected
        assert other == contact == []
    await anna.do("draftSave", ticketId=id, body="Venga", baseRevision=0)
    await anna.do("draftSave", ticketId=id, body="tra noi", baseRevision=0, kind="NOTE")
    await told()
    await elsewhere.do("ticketReply", ticketId=id, body="Venga")
    *mine, other, _ = await told()
    for frames in mine:
        assert [one["entry"]["number"] for one in frames if "entry" in one] == [2]
        assert frames[-1]["ticket"]["draft"] is None
    assert [one["__typename"] for one in other] == ["EntryAdded"]
    assert other[0]["ticket"]["unread"] is True


async def test_it_survives_an_overflow(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what had to be forgotten, some may have been the operator's own: they are told it all."""
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    (watcher,) = await watching(stage, id, [anna])
    (topic,) = stage.live.hub._topics.values()
    (listener,) = topic.listeners
    monkeypatch.setattr("realtime.listener.BUFFER", 0)
    await anna.do("draftSave", ticketId=id, body="Ven", baseRevision=0)
    await stage.settled()
    (frame,) = arrived(watcher.feed)
    assert frame["ticket"]["draft"]["body"] == "Ven"
    assert not listener._waiting
