"""Notifications as they come: state before + frames = fresh query, whatever is lost."""

from typing import Any

import pytest

from models.desk import CategoryGrant
from models.notifications import Notification
from realtime.notification_feed import NotificationFeed
from tests.administration.staff import program
from tests.live.backstage import DeafBroker, with_rights_changed
from tests.live.notified import (
    ADDED,
    COUNTERS,
    assert_told,
    company,
    fresh,
    listening,
    operator_id,
    screens,
)
from tests.live.stage import Person, Stage, eventually, number_of
from tests.resolvers.desk import gid_of
from tests.support.site import category
from tests.support.statements import counted

NAMES = ("anna", "bruno", "carla", "dino", "admin")
NEW, ASSIGNED = "NEW_TICKET", "ASSIGNED"
MENTIONED, REPLIED = "MENTIONED", "CONTACT_REPLIED"


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> DeafBroker:
    return DeafBroker(monkeypatch)


async def test_frames_add_up(stage: Stage, subtests: pytest.Subtests) -> None:
    people = await company(stage, *NAMES)
    anna, bruno, _, _, admin = people
    mario = await stage.person("mario")
    shown = await screens(stage, *people)
    ids: list[str] = []

    async def opened() -> None:
        ids.append(await stage.ticket(mario))

    assert await assert_told(stage, shown, opened) == {"anna": [NEW], "bruno": [NEW]}
    await opened()
    await opened()
    id, other = ids[:2]
    rinnovo = await category(anna.client, "Rinnovo permesso")
    contact = await gid_of("Contact", "Mario")
    annas, brunos, group = (
        await gid_of("Operator", "Anna"),
        await gid_of("Operator", "Bruno"),
        await gid_of("Group", "Sportello"),
    )
    new = {
        "subject": "x", "body": "x", "contactId": contact, "categoryId": rinnovo,
        "assigneeId": annas,
    }  # fmt: skip
    off = [{"kind": MENTIONED, "inApp": False}]
    note = {"ticketId": id, "body": "@", "mentionIds": [annas, brunos]}
    cases: list[tuple[Person, str, dict[str, Any], dict[str, list[str]]]] = [
        (bruno, "ticketAssign", {"ticketId": id, "assigneeId": annas}, {"anna": [ASSIGNED]}),
        (anna, "ticketAssign", {"ticketId": id, "assigneeId": None}, {}),
        (anna, "ticketAssign", {"ticketId": id, "assigneeId": annas}, {}),
        (mario, "messagePost", {"ticketId": id, "body": "x"}, {"anna": [REPLIED]}),
        (mario, "messagePost", {"ticketId": other, "body": "x"}, {}),
        (anna, "ticketReply", {"ticketId": id, "body": "x"}, {}),
        (anna, "ticketAddNote", note, {"bruno": [MENTIONED]}),
        (bruno, "viewerUpdate", {"notifications": off}, {}),
        (anna, "ticketAddNote", note, {}),
        (bruno, "ticketOpen", new, {"anna": [ASSIGNED]}),
        (admin, "ticketAssign", {"ticketId": other, "assigneeId": group},
            {"anna": [ASSIGNED], "bruno": [ASSIGNED]}),
        (mario, "messagePost", {"ticketId": other, "body": "x"},
            {"anna": [REPLIED], "bruno": [REPLIED]}),
        (bruno, "ticketTakeNext", {}, {}),
        (bruno, "ticketMerge", {"ticketId": other, "intoId": id}, {}),
        (bruno, "ticketClose", {"ticketId": id, "body": "x"}, {}),
    ]  # fmt: skip
    await assert_told(stage, shown, opened)
    for number, (who, mutation, input, told) in enumerate(cases):
        with subtests.test(f"{number} {mutation} by {who.name}"):
            assert await assert_told(stage, shown, lambda: who.do(mutation, **input)) == told  # noqa: B023
    assert shown[2].came == shown[3].came == shown[4].came == []


async def test_another_tab_learns_what_was_read(stage: Stage) -> None:
    anna, bruno, mario = await company(stage, "anna", "bruno", "mario")
    tab, elsewhere = await stage.seat("anna", anna.client), await stage.person("anna")
    for _ in range(3):
        await stage.ticket(mario)
    shown = await screens(stage, anna, tab, elsewhere, bruno)
    assert [one.unread for one in shown] == [3, 3, 3, 3]
    second = shown[0].rows[1]["id"]
    await assert_told(stage, shown, lambda: anna.do("notificationsMarkRead", upToId=second))
    assert [one.unread for one in shown] == [1, 1, 1, 3]


async def test_the_count_moves_with_sight(stage: Stage, deaf: DeafBroker) -> None:
    """With the ticket, and with rights: by hints, and by the check when they are lost."""
    anna, bruno, mario = await company(stage, "anna", "bruno", "mario")
    id = await stage.ticket(mario)
    await stage.ticket(mario)
    anna_s, bruno_s = await screens(stage, anna, bruno)

    async def counts(lost: bool) -> list[int | None]:
        await stage.settled()
        if lost:
            await stage.live.notices._check_once()
            await stage.settled()
        for one in (anna_s, bruno_s):
            assert one.take() == []
            assert one.unread == (await fresh(one.person))[1]
        return [anna_s.unread, bruno_s.unread]

    for lost in (False, True):
        deaf.loses = lambda _hint, lost=lost: lost
        await bruno.do("ticketChangeLevel", ticketId=id, level="ADVANCED")
        assert await counts(lost) == [1, 2]
        await bruno.do("ticketChangeLevel", ticketId=id, level="BASE")
        assert await counts(lost) == [2, 2]
        grants = await CategoryGrant.filter(operator_id=await operator_id("anna")).values()
        await with_rights_changed(
            CategoryGrant.filter(operator_id=await operator_id("anna")).delete
        )
        assert await counts(lost) == [0, 2]

        async def restore(grants: list[Any] = grants) -> None:
            await CategoryGrant.bulk_create(CategoryGrant(**one) for one in grants)

        await with_rights_changed(restore)
        assert await counts(lost) == [2, 2]


async def test_lost_hints_are_found_by_the_check(stage: Stage, deaf: DeafBroker) -> None:
    """For everybody in one statement; what is known is not read again."""
    anna, bruno, mario = await company(stage, "anna", "bruno", "mario")
    await stage.ticket(mario)
    shown = await screens(stage, anna, bruno)
    deaf.loses = lambda hint: "notified" in hint
    for _ in range(3):
        await stage.ticket(mario)
    await stage.settled()
    assert [one.take() for one in shown] == [[], []]
    assert len(deaf.lost) == 6
    assert await assert_told(stage, shown, stage.live.notices._check_once) == {
        "anna": [NEW] * 3,
        "bruno": [NEW] * 3,
    }
    with counted() as statements:
        await stage.live.notices._check_once()
    assert len([one for one in statements.sent if "notification" in one]) == 1
    assert all(
        not one._news.is_set() for some in stage.live.notices._listeners.values() for one in some
    )
    deaf.loses = lambda _hint: False
    for hint in deaf.lost * 2:
        await stage.live.broker.publish(hint)
    strange: list[dict[str, int | str]] = [
        {"notified": "x"}, {"notified": -1}, {"ticket": "x"}, {"rights": "x"},
    ]  # fmt: skip
    for hint in strange:
        await stage.live.broker.publish(hint)
    await stage.settled()
    assert [one.take() for one in shown] == [[], []]


async def test_the_check_goes_on_by_itself(
    stage: Stage, deaf: DeafBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.checking.UNHEALTHY_S", 0.05)
    monkeypatch.setattr("realtime.checking.HEALTHY_S", 0.05)
    await stage.live.notices.stop()
    stage.live.notices.start()
    deaf.loses = lambda _hint: True
    anna, mario = await company(stage, "anna", "mario")
    added = await anna.connection.subscribe(ADDED)
    counters = await anna.connection.subscribe(COUNTERS)
    assert await counters.next() == {"unread": 0}
    await eventually(lambda: listening(stage) == 2)
    await stage.ticket(mario)
    assert (await added.next())["kind"] == NEW
    assert await counters.next() == {"unread": 1}


async def test_no_frame_carries_what_is_out_of_sight(stage: Stage, deaf: DeafBroker) -> None:
    anna, bruno, mario = await company(stage, "anna", "bruno", "mario")
    shown = await screens(stage, anna, bruno)
    deaf.loses = lambda hint: "notified" in hint
    id = await stage.ticket(mario)
    await bruno.do("ticketChangeLevel", ticketId=id, level="ADVANCED")
    deaf.loses = lambda _hint: False
    await assert_told(stage, shown, stage.live.notices._check_once)
    assert [[one["kind"] for one in screen.came] for screen in shown] == [[], [NEW]]
    await bruno.do("ticketChangeLevel", ticketId=id, level="BASE")
    await stage.settled()
    assert shown[0].take() == []
    rows, unread = await fresh(anna)
    assert [one["ticket"]["number"] for one in rows] == [number_of(id)]
    assert (unread, shown[0].unread) == (1, 1)


@pytest.mark.usefixtures("faults")
async def test_a_load_that_fails_is_tried_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.notification_feed.RETRY_S", 0.01)
    anna, mario = await company(stage, "anna", "mario")
    shown = await screens(stage, anna)
    failures = iter([True, True])
    page = NotificationFeed._page

    async def failing(feed: NotificationFeed) -> list[Notification]:
        if next(failures, False):
            raise OSError("the database is away")
        return await page(feed)

    monkeypatch.setattr(NotificationFeed, "_page", failing)
    await stage.ticket(mario)
    await shown[0].added.next()
    assert next(failures, None) is None


async def test_tokens_are_told_and_end_with_their_scope(stage: Stage) -> None:
    anna, mario = await company(stage, "anna", "mario")
    tool, _ = await program(anna.client, "TICKETS_VIEW")
    other, _ = await program(anna.client, "CONTACTS_VIEW")
    reading, lacking = await stage.seat("tool", tool), await stage.seat("other", other)
    shown = await screens(stage, reading)

    async def opened() -> None:
        await stage.ticket(mario)

    assert await assert_told(stage, shown, opened) == {"tool": [NEW]}
    for query in (ADDED, COUNTERS):
        feed = await lacking.connection.subscribe(query)
        message = await lacking.connection.message(feed._id)
        assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_nothing_stays_behind(stage: Stage) -> None:
    anna, mario = await company(stage, "anna", "mario")
    shown = await screens(stage, anna)
    await shown[0].added.stop()
    await shown[0].counters.stop()
    dropped = await stage.seat("anna", anna.client)
    await screens(stage, dropped)
    await dropped.connection.drop()
    await eventually(lambda: not stage.live.notices._listeners)
    await stage.ticket(mario)
