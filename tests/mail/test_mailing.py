"""Which mails a write puts into the queue, and which it does not."""

from typing import Any

import pytest

from actions import mailing, tickets
from actions.mail_tokens import ticket_of_message_id
from actions.mailing import To
from actions.tickets.requests import AddNote, Assign, Close, Open, Post, Reply
from actions.unit_of_work import unit_of_work
from models.desk import CategoryGrant, Department, DepartmentOperator, Desk
from models.enums import DeliveryState
from models.hierarchy import Role
from models.mail_enums import OutboundState
from models.mails import OutboundMail
from models.people import Contact, Operator
from models.tickets import Ticket
from tests.actions import stage
from tests.mail.stage import mailbox, outbox, queued
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("database")
MARIO, ANNA, BRUNO = "mario@demo.test", "anna@demo.test", "bruno@demo.test"


async def drained() -> None:
    await OutboundMail.all().delete()


async def opening(by: str, **more: Any) -> int:
    rinnovo, mario = await stage.category(stage.RINNOVO), await stage.contact("mario")
    request = Open("Ciao", "<p>aiuto</p>", contact_id=mario.id, category_id=rinnovo, **more)
    return (await tickets.open_for(request, await stage.operator(by))).ticket.id


async def delivery(ticket_id: int, number: int) -> DeliveryState | None:
    return (await stage.timeline(ticket_id))[number - 1].delivery


async def test_a_reply_is_queued_and_shows_it() -> None:
    await mailbox()
    id = await stage.opened()
    await drained()
    posted = await tickets.reply(Reply(id, "ecco"), await stage.operator("anna"))
    (mail,) = await outbox()
    assert await queued() == [("REPLY", MARIO, 2)]
    assert mail.state is OutboundState.QUEUED
    assert (mail.language, mail.contact_id) == ("it", (await stage.contact("mario")).id)
    assert mail.magic_link_id is not None
    assert ticket_of_message_id(mail.message_id) == id
    assert posted.entry is not None
    assert posted.entry.delivery is DeliveryState.QUEUED
    assert await delivery(id, 2) is DeliveryState.QUEUED


async def test_what_is_not_sent() -> None:
    id = await stage.opened()
    anna = await stage.operator("anna")
    await tickets.reply(Reply(id, "no mailbox"), anna)
    await mailbox()
    await Contact.filter(email=MARIO).update(blocked=True)
    await tickets.reply(Reply(id, "blocked"), anna)
    await Contact.filter(email=MARIO).update(blocked=False, email=None)
    await tickets.reply(Reply(id, "no address"), anna)
    assert [await delivery(id, number) for number in (2, 3, 4)] == [DeliveryState.NOT_SENT] * 3
    assert await queued() == []
    await Ticket.filter(id=id).update(reply_to="altrove@demo.test")
    await tickets.reply(Reply(id, "elsewhere"), anna)
    assert await queued() == [("REPLY", "altrove@demo.test", 5)]


async def test_openings_and_closings() -> None:
    await mailbox()
    await Department.all().update(notify_members=False)
    await opening("anna")
    assert await queued() == [("TICKET_OPENED", MARIO, 1)]
    await drained()
    await opening("anna", close_after_sending=True)
    assert await queued() == [("TICKET_OPENED", MARIO, 1), ("RATING_REQUEST", MARIO, 2)]
    await drained()
    await opening("anna", on_behalf_of_contact=True)
    assert await queued() == []
    id, anna = await stage.opened(), await stage.operator("anna")
    await tickets.reply(Reply(id, "fine", close_after_sending=True), anna)
    assert await queued() == [("REPLY", MARIO, 2), ("RATING_REQUEST", MARIO, 3)]
    assert (await outbox())[0].input == {"closed": True}
    await drained()
    await Department.all().update(survey=False)
    await tickets.close(Close(await stage.opened()), anna)
    assert await queued() == [("CLOSED", MARIO, 2)]
    await drained()
    await Department.all().update(survey=True)
    await Desk.filter(id=1).update(survey=False)
    await tickets.close(Close(await stage.opened()), anna)
    assert await queued() == [("CLOSED", MARIO, 2)]


async def test_nothing_of_notes_events_and_contacts_words() -> None:
    await mailbox()
    id, anna = await stage.opened(), await stage.operator("anna")
    await drained()
    await tickets.add_note(AddNote(id, "tra noi"), anna)
    await tickets.assign(Assign(id, ("operator", anna.id)), anna)
    await tickets.assign(Assign(id, None), anna)
    await tickets.post(Post(id, "ancora"), await stage.contact("mario"))
    assert await queued() == []


async def test_operators_by_mail_as_in_the_dashboard() -> None:
    await mailbox()
    await Operator.filter(email=ANNA).update(muted_in_app=["NEW_TICKET"])
    await Operator.filter(email=BRUNO).update(muted_email=["MENTIONED"])
    id, anna = await stage.opened(), await stage.operator("anna")
    assert await queued() == [("NEW_TICKET", ANNA, 1), ("NEW_TICKET", BRUNO, 1)]
    assert all(one.magic_link_id is None for one in await outbox())
    await drained()
    bruno = await stage.operator("bruno")
    await tickets.add_note(AddNote(id, "@", mention_ids=(bruno.id,)), anna)
    assert await queued() == []
    await tickets.assign(Assign(id, ("operator", bruno.id)), anna)
    assert await queued() == [("ASSIGNED", BRUNO, 3)]
    await drained()
    await tickets.post(Post(id, "ancora"), await stage.contact("mario"))
    assert await queued() == [("CONTACT_REPLIED", BRUNO, 4)]


async def test_operators_by_the_only_mailbox_there_is() -> None:
    await mailbox("fiscale@demo.test", "Fiscale")
    await stage.opened()
    assert [one[1] for one in await queued()] == [ANNA, BRUNO]
    await drained()
    own = await mailbox()
    await stage.opened()
    assert {one.mailbox_id for one in await outbox()} == {own.id}


async def test_as_many_statements_for_a_crowd_as_for_a_few() -> None:
    await mailbox()
    cost: list[int] = []
    rinnovo = await stage.category(stage.RINNOVO)
    immigrazione = await stage.department("Immigrazione")
    role = await Role.get(id=(await Operator.get(name="Anna")).role_id)
    await stage.opened()
    for size in (1, 60):
        for number in range(size):
            one = await Operator.create(
                name=f"{size}-{number}", email=f"{size}-{number}@demo.test", role_id=role.id
            )
            await DepartmentOperator.create(department_id=immigrazione, operator_id=one.id)
            await CategoryGrant.create(operator_id=one.id, category_id=rinnovo)
        await stage.changed()
        with counted() as statements:
            await stage.opened()
        cost.append(len(statements))
    assert cost[0] == cost[1]
    assert await OutboundMail.all().count() == 2 + 3 + 63


async def test_acknowledgements_have_limits() -> None:
    await mailbox()
    id = await stage.opened()
    await drained()
    (first,) = await stage.timeline(id)

    async def acknowledged(address: str) -> bool:
        async def do() -> OutboundMail | None:
            return await mailing.acknowledge(await stage.row(id), first, To(address))

        return await unit_of_work(do) is not None

    assert await acknowledged("a@demo.test")
    assert not await acknowledged("a@demo.test")
    for _ in range(4):
        past = (await outbox())[-1].created_at - mailing.ACKNOWLEDGED_WITHIN
        await OutboundMail.all().update(created_at=past)
        assert await acknowledged("a@demo.test")
    past = (await outbox())[-1].created_at - mailing.ACKNOWLEDGED_WITHIN
    await OutboundMail.all().update(created_at=past)
    assert not await acknowledged("a@demo.test"), "five a day"
    assert not await acknowledged("immigrazione@demo.test"), "ours"
    assert not await acknowledged("Immigrazione+x@demo.test"), "ours"
    await Department.filter(name="Fiscale").update(aliases=["tasse@demo.test"])
    assert not await acknowledged("tasse@demo.test"), "ours"


async def test_a_bounce_is_shown_on_the_reply() -> None:
    await mailbox()
    id = await stage.opened()
    await tickets.reply(Reply(id, "ecco"), await stage.operator("anna"))
    mail = (await outbox())[-1]
    before = await stage.row(id)

    async def told(permanent: bool) -> mailing.Returned | None:
        return await unit_of_work(
            lambda: mailing.bounced(mail.message_id, permanent=permanent, diagnostic="550 5.1.1")
        )

    await told(False)
    assert await delivery(id, 2) is DeliveryState.QUEUED
    assert (await stage.row(id)).revision == before.revision
    await told(True)
    await told(True)
    after = await stage.row(id)
    assert await delivery(id, 2) is DeliveryState.BOUNCED
    assert (after.revision, after.updated_at) == (before.revision + 1, before.updated_at)
    assert (
        await unit_of_work(lambda: mailing.bounced("nobody@knows", permanent=True, diagnostic=""))
        is None
    )
