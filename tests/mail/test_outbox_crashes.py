"""Workers that die at every step, and some that come back."""

import pytest

from actions import mail_endings, mail_leases
from actions.mail_leases import Lease
from mail import outbox
from mail.outbox import OutboxWorker
from models.enums import DeliveryState
from tests.mail.sending import (
    SENT,
    UNCERTAIN,
    lapsed,
    replied,
    shown,
    state,
    worker,
)
from tests.mail.smtp_server import smtp_server

pytestmark = pytest.mark.usefixtures("database")


class Killed(Exception):
    """The process is gone."""


STEPS = ["take_server", "take_mail", "kept", "smtp before", "smtp after", "sent"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_at_any_step(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        await dying(step, monkeypatch)
        await worker().once()  # leases hold: nobody else takes it
        taken = server.times(mail.message_id)
        assert taken == (step in {"smtp after", "sent"})
        await lapsed()
        await worker().once()
        if step in {"take_server", "take_mail"}:
            expected = SENT if step == "take_server" else UNCERTAIN
        else:
            expected = UNCERTAIN
        assert await state(mail) is expected
        assert server.times(mail.message_id) == (taken or expected is SENT)
        assert await shown(mail) is DeliveryState(expected.value)


async def dying(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker comes to this step, and no further."""
    last = worker()

    async def die(*_: object, **__: object) -> None:
        raise Killed

    async def give(*_: object) -> None:
        """Nobody gives back what the dead held."""

    with monkeypatch.context() as patch:
        patch.setattr(mail_leases, "give_server", give)
        if step == "take_server":
            patch.setattr(OutboxWorker, "_send_by", die)
        elif step == "take_mail":
            patch.setattr(OutboxWorker, "send", die)
        elif step in {"kept", "sent"}:
            patch.setattr(mail_endings, step, die)
        elif step == "smtp before":
            patch.setattr(outbox.smtp, "send", die)
        else:
            patch.setattr(outbox, "settle", die)
        if step == "kept":
            patch.setattr(mail_endings, "failed", die)
        await last.once()


async def test_who_comes_back_late_knows_better() -> None:
    async with smtp_server() as server:
        mail = await replied(server.port)
        taken = await mail_leases.take_server("late")
        assert taken is not None
        lease = await mail_leases.take_mail(taken, "late")
        assert isinstance(lease, Lease)
        await lapsed()
        await worker().once()
        assert await state(mail) is UNCERTAIN
        await mail_endings.sent(lease, 250, "taken", 1)
        assert await state(mail) is SENT
        assert await shown(mail) is DeliveryState.SENT
