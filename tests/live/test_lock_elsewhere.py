"""The grace of a lock when the desk has several processes: the last feed is the last of all."""

from app.lock_keeper import LockKeeper
from models.desk import Desk
from models.people import Operator
from models.tickets import Ticket
from tests.app.program import free_port
from tests.live.stage import Stage, eventually, number_of
from tests.realtime.processes import Process, installation


async def locked(stage: Stage) -> tuple[int, int]:
    """A ticket, and the operator who holds its lock without a feed on the site."""
    await Desk.filter(id=1).update(lock_grace_s=1)
    mario, anna = await stage.person("mario"), await stage.person("anna")
    id = await stage.ticket(mario)
    await anna.do("replyLockAcquire", ticketId=id)
    return number_of(id), (await Operator.get(email="anna@demo.test")).id


async def stays(process: Process, ticket_id: int, operator_id: int) -> bool:
    """Whether the lock is there when this process, where the operator has gone, is done."""
    keeper = LockKeeper(lambda: process.presence)
    keeper.gone(ticket_id, operator_id)
    await eventually(lambda: not keeper._leaving)
    return (await Ticket.get(id=ticket_id)).lock_holder_id == operator_id


async def test_whoever_is_back_elsewhere_keeps_it(stage: Stage) -> None:
    ticket, anna = await locked(stage)
    async with installation() as desk:
        one, two = await desk.process(), await desk.process()
        tab = two.presence.enter(ticket, anna, 1)
        assert await stays(one, ticket, anna)
        two.presence.leave(tab)
        assert two.gone == [(ticket, anna)]
        assert not await stays(two, ticket, anna)


async def test_what_nobody_knows_is_left_to_the_lease(stage: Stage) -> None:
    ticket, anna = await locked(stage)
    async with installation(f"redis://127.0.0.1:{free_port()}") as desk:
        assert await stays(await desk.process(), ticket, anna)
