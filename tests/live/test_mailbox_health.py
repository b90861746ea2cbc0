"""Mailboxes as they are, live: every mailbox first, then what changes, whatever hints are lost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions import mail_health, mail_quota
from actions.unit_of_work import unit_of_work
from models.hierarchy import Profile, Role
from models.mail_enums import MailboxState, MailDirection, MailKind
from models.mailboxes import Mailbox, MailFolder, MailQuota, MailServer
from models.mails import OutboundMail
from models.people import Operator
from resolvers.ids import local_id
from tests.administration.staff import program
from tests.administration.test_mailboxes import SHOWN, made
from tests.live.backstage import DeafBroker, with_rights_changed
from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.resolvers.desk import gid_of
from tests.support.live import Feed

FEED = f"subscription {{ mailboxHealthChanged {{ __typename mailboxId {SHOWN} }} }}"
FRESH = f"{{ mailboxes {SHOWN.removeprefix('mailbox')} }}"
Screen = dict[str, Any]


@dataclass
class Wall:
    """One administrator's screen, moved on by frames alone."""

    person: Person
    feed: Feed
    shown: Screen = field(default_factory=Screen)
    frames: int = 0
    ended: bool = False

    def take(self) -> None:
        """Apply the frames that are here."""
        for frame in arrived(self.feed):
            self.frames += 1
            if frame["__typename"] == "(complete)":
                self.ended = True
            elif frame["mailbox"] is None:
                del self.shown[frame["mailboxId"]]
            else:
                self.shown[frame["mailboxId"]] = frame["mailbox"]

    async def agrees(self) -> bool:
        """Whether it shows what a query says."""
        self.take()
        fresh = (await self.person.client.run(FRESH))["mailboxes"]
        return self.shown == {one["id"]: one for one in fresh}


async def wall(stage: Stage, name: str = "admin") -> Wall:
    person = await stage.person(name)
    feed = await person.connection.subscribe(FEED)
    await eventually(lambda: bool(stage.live.mailboxes._listeners))
    await stage.settled()
    return Wall(person, feed)


async def server(direction: MailDirection = MailDirection.IN) -> MailServer:
    found = await MailServer.filter(direction=direction).order_by("id").first()
    assert found is not None
    return found


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> DeafBroker:
    return DeafBroker(monkeypatch)


async def test_state_before_and_frames_is_a_fresh_query(stage: Stage) -> None:
    admin = await stage.person("admin")
    first = await made(admin.client)
    shown = await wall(stage)
    assert await shown.agrees()
    assert shown.frames == 1
    id = first["id"]
    patronato = await gid_of("Department", "Patronato")
    folder = await MailFolder.create(
        mailbox_id=local_id(id, "Mailbox"), name="INBOX", uidvalidity=1,
        baseline_at=datetime.now(UTC),
    )  # fmt: skip

    async def reported() -> None:
        await mail_health.report((await server()).id, MailboxState.UNREACHABLE, "no", backlog=7)

    async def well() -> None:
        await mail_health.report((await server()).id, MailboxState.OK)

    async def progress() -> None:
        async def do() -> None:
            await MailFolder.filter(id=folder.id).update(reimport_total=9, reimport_done=3)
            await mail_health.report((await server()).id, MailboxState.OK, backlog=3)

        await unit_of_work(do)

    acts: list[Any] = [
        reported,
        well,
        lambda: admin.do("mailboxUpdate", mailboxId=id, senderName="Sportello"),
        lambda: admin.do("mailboxPause", mailboxId=id, direction="OUT"),
        lambda: admin.do("mailboxResume", mailboxId=id, direction="OUT"),
        lambda: admin.do("mailboxReimport", mailboxId=id, since="2026-01-01T00:00:00Z"),
        progress,
        lambda: admin.do("departmentUpdate", departmentId=patronato, incomingMailboxId=id),
        lambda: admin.do("departmentUpdate", departmentId=patronato, aliases=["x@example.org"]),
        lambda: made(admin.client, "second@example.org"),
        lambda: admin.do("departmentUpdate", departmentId=patronato, incomingMailboxId=None),
        lambda: admin.do("mailboxDelete", mailboxId=id),
    ]
    for number, act in enumerate(acts):
        before = shown.frames
        await act()
        await stage.settled()
        assert await shown.agrees(), f"act {number}"
        assert shown.frames > before, f"act {number}"


async def test_what_is_sent_is_told(stage: Stage) -> None:
    admin = await stage.person("admin")
    id = local_id((await made(admin.client))["id"], "Mailbox")
    shown = await wall(stage)
    assert await shown.agrees()

    mailbox, now = await Mailbox.get(id=id), datetime.now(UTC)
    row = await server(MailDirection.OUT)
    for act in (
        lambda: unit_of_work(lambda: mail_quota.taken(mailbox, MailKind.REPLY, now)),
        lambda: unit_of_work(lambda: mail_quota.given_back(id, now.date())),
        lambda: mail_health.report(row.id, MailboxState.OK, mail_at=now),
        lambda: mail_health.report(row.id, MailboxState.OK, mail_at=now),
    ):
        before = shown.frames
        await act()
        await stage.settled()
        assert await shown.agrees()
        assert shown.frames > before


async def test_many_changes_come_together(stage: Stage) -> None:
    admin = await stage.person("admin")
    await made(admin.client)
    shown = await wall(stage)
    shown.take()
    before = shown.frames
    for number in range(30):
        await mail_health.report((await server()).id, MailboxState.OK, backlog=number + 1)
    await stage.settled()
    assert await shown.agrees()
    assert shown.frames - before < 15


async def test_lost_hints_are_found_by_the_position_check(stage: Stage, deaf: DeafBroker) -> None:
    admin = await stage.person("admin")
    await made(admin.client)
    shown = await wall(stage)
    assert await shown.agrees()
    deaf.loses = lambda _hint: True
    await mail_health.report((await server()).id, MailboxState.BLOCKED, "535 no")
    await stage.live.mailboxes._check_once()
    await stage.settled()
    assert await shown.agrees()
    (one,) = shown.shown.values()
    assert (one["incoming"]["state"], one["incoming"]["error"]) == ("BLOCKED", "535 no")
    frames = shown.frames
    await stage.live.mailboxes._check_once()
    await stage.settled()
    shown.take()
    assert shown.frames == frames, "nothing new, nothing told"


@pytest.mark.parametrize("heard", [True, False])
async def test_it_ends_with_the_right(stage: Stage, deaf: DeafBroker, heard: bool) -> None:
    admin = await stage.person("admin")
    await made(admin.client)
    profile = await Profile.get(id=(await Role.get(name="operator")).profile_id)
    before = profile.rights

    async def granted() -> None:
        await Profile.filter(id=profile.id).update(rights=[*before, "settings.view"])

    async def taken() -> None:
        await Profile.filter(id=profile.id).update(rights=before)

    await with_rights_changed(granted)
    shown = await wall(stage, "anna")
    assert await shown.agrees()
    deaf.loses = lambda _hint: not heard
    await with_rights_changed(taken)
    if not heard:
        await stage.live.mailboxes._check_once()
    await eventually(lambda: begun(shown.feed))
    await mail_health.report((await server()).id, MailboxState.BLOCKED, "535 no")
    await stage.settled()
    shown.take()
    assert (shown.ended, shown.frames) == (True, 2)
    assert not stage.live.mailboxes._listeners


async def test_who_may_not_see_the_settings(stage: Stage) -> None:
    anna, admin = await stage.person("anna"), await stage.person("admin")
    feed = await anna.connection.subscribe(FEED)
    message = await anna.connection.message(feed._id)
    assert message["type"] == "error"
    assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"
    tool, _ = await program(admin.client, "TICKETS_VIEW")
    async with tool.live() as line:
        refused = await line.subscribe(FEED)
        message = await line.message(refused._id)
    assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def alerts() -> list[dict[str, Any]]:
    """Mails to administrators."""
    return [one.input for one in await OutboundMail.filter(kind=MailKind.MAILBOX_ALERT)]


async def test_administrators_are_told_once_per_incident(stage: Stage) -> None:
    admin = await stage.person("admin")
    mailbox = await made(admin.client)
    await mail_health.report((await server()).id, MailboxState.BLOCKED, "535 no")
    told = await alerts()
    assert {one["state"] for one in told} == {"BLOCKED"}
    assert told[0]["mailbox"] == "support@example.org"
    mails = await OutboundMail.all()
    administrators = await Operator.filter(email="admin@demo.test")
    assert [one.operator_id for one in mails] == [one.id for one in administrators]
    for state in (MailboxState.BLOCKED, MailboxState.UNREACHABLE, MailboxState.BLOCKED):
        await mail_health.report((await server()).id, state, "535 no")
    assert await alerts() == told
    shown = "{ deskAlerts { mailbox { id } server { direction state error } } }"
    (alert,) = (await admin.client.run(shown))["deskAlerts"]
    assert alert == {
        "mailbox": {"id": mailbox["id"]},
        "server": {"direction": "IN", "state": "BLOCKED", "error": "535 no"},
    }
    await mail_health.report((await server()).id, MailboxState.OK)
    assert (await admin.client.run(shown))["deskAlerts"] == []
    await mail_health.report((await server()).id, MailboxState.BLOCKED, "535 again")
    assert len(await alerts()) == 2


async def test_a_server_that_is_away_is_told_of_after_a_while(stage: Stage) -> None:
    admin = await stage.person("admin")
    await made(admin.client)
    one = await server()
    await mail_health.report(one.id, MailboxState.UNREACHABLE, "no route")
    assert await mail_health.overdue() == 0
    assert await alerts() == []
    since = datetime.now(UTC) - mail_health.PATIENCE - timedelta(seconds=1)
    await MailServer.filter(id=one.id).update(trouble_since=since)
    assert await mail_health.overdue() == 1
    assert [told["state"] for told in await alerts()] == ["UNREACHABLE"]
    assert await mail_health.overdue() == 0
    await mail_health.report(one.id, MailboxState.BLOCKED, "535 no")
    assert [told["state"] for told in await alerts()] == ["UNREACHABLE", "BLOCKED"]


async def test_no_mailbox_tells_by_itself_that_it_cannot_send(stage: Stage) -> None:
    admin = await stage.person("admin")
    await made(admin.client)
    await mail_health.report((await server(MailDirection.OUT)).id, MailboxState.BLOCKED, "535 no")
    assert await alerts() == []
    await made(admin.client, "second@example.org")
    await mail_health.report((await server(MailDirection.OUT)).id, MailboxState.OK)
    await mail_health.report((await server(MailDirection.OUT)).id, MailboxState.BLOCKED, "535 no")
    second = await Mailbox.get(address="second@example.org")
    assert [one.mailbox_id for one in await OutboundMail.all()] == [second.id]


async def test_a_paused_server_stays_so(stage: Stage) -> None:
    admin = await stage.person("admin")
    mailbox = await made(admin.client)
    await admin.do("mailboxPause", mailboxId=mailbox["id"], direction="IN")
    await mail_health.report((await server()).id, MailboxState.OK)
    assert (await server()).state is MailboxState.PAUSED
    await mail_health.report((await server()).id, MailboxState.BLOCKED, "535 no")
    assert await alerts() == []


async def test_the_daily_limit_is_told_at_four_fifths_and_at_the_end(stage: Stage) -> None:
    admin = await stage.person("admin")
    await made(admin.client, dailyLimit=10)
    await made(admin.client, "second@example.org")
    first = await Mailbox.get(address="support@example.org")
    today = await MailQuota.create(mailbox_id=first.id, day=datetime.now(UTC).date())
    states: list[list[str]] = []
    for sent in (7, 8, 9, 10, 10):
        await MailQuota.filter(id=today.id).update(sent=sent)
        await unit_of_work(lambda: mail_health.quota_used(first.id))
        states.append([one["state"] for one in await alerts()])
    near, reached = ["LIMIT_NEAR"], ["LIMIT_NEAR", "LIMIT_REACHED"]
    assert states == [[], near, near, reached, reached]
