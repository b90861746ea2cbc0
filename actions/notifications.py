"""What operators do with what they were told: read it."""

from datetime import timedelta

from actions.events import NotificationsRead
from actions.refusals import NotFound
from actions.unit_of_work import record, unit_of_work
from models.callers import OperatorCaller
from models.notifications import Notification, notification, unread_count
from models.sights import sight_for
from models.sql import Statement, clock, rows

KEPT = timedelta(days=90)
"""Read ones are forgotten then; unread ones wait for their reader."""


async def mark_read(up_to: int, by: OperatorCaller) -> int:
    """All of theirs up to this one, in the order of their ids, are read; how many are not.

    Those of tickets out of sight stay as they are, for when sight returns. Raises NotFound.
    """

    async def do() -> int:
        seen = (await sight_for(by)).condition()
        if await notification(up_to, by.id, seen) is None:
            raise NotFound
        to = Statement()
        sql = f"""
            UPDATE notification SET read_at = {to.add(await clock())}
            WHERE operator_id = {to.add(by.id)} AND id <= {to.add(up_to)} AND read_at IS NULL
            AND EXISTS (SELECT 1 FROM ticket t
                WHERE t.id = notification.ticket_id AND {seen.sql(to)})
            RETURNING id"""
        if await rows(sql, to):
            record(NotificationsRead(by.id))
        return await unread_count(by.id, seen)

    return await unit_of_work(do)


async def forget() -> None:
    """Within a unit of work: what was read and is old goes."""
    before = await clock() - KEPT
    await Notification.filter(read_at__isnull=False, created_at__lt=before).delete()
