"""What operators are told of in the dashboard, written in the transaction it tells of."""

from datetime import datetime
from typing import Any

from tortoise.indexes import Index
from tortoise.models import Model

from models import columns
from models.conditions import Condition
from models.enums import NotificationKind
from models.sql import Statement, instances, rows
from models.tickets import Ticket


class Notification(Model):
    """One thing one operator is told of, one at most for each entry of a timeline.

    Ids are given when it is written, not when that is committed: a lower one may come later.
    """

    id: int = columns.BigIntField(primary_key=True)
    operator_id: int
    operator: Any = columns.ForeignKeyField("models.Operator", related_name=False)
    kind: NotificationKind = columns.CharEnumField(NotificationKind, max_length=30)
    ticket_id: int
    ticket: Any = columns.ForeignKeyField("models.Ticket", related_name=False)
    entry_number: int = columns.IntField()
    """The entry it tells of."""
    created_at: datetime = columns.DatetimeField()
    read_at: datetime | None = columns.DatetimeField(null=True)

    seen: Ticket | None = None
    """The ticket as a feed judged it, with the rights of that moment; set for its frames."""

    @property
    def read(self) -> bool:
        """Whether the operator has read it."""
        return self.read_at is not None

    class Meta(Model.Meta):
        table = "notification"
        unique_together = (("ticket", "entry_number", "operator"),)
        indexes = (
            Index(fields=("operator_id", "id")),
            Index(fields=("operator_id", "read_at")),
            Index(fields=("created_at",)),
        )


def of_operator(operator_id: int, seen: Condition, to: Statement) -> str:
    """Whose, and of tickets in sight alone: over aliases `n` and `t` (of `JOINED`)."""
    return f"n.operator_id = {to.add(operator_id)} AND {seen.sql(to)}"


JOINED = "notification n JOIN ticket t ON t.id = n.ticket_id"


async def notification(id: int, operator_id: int, seen: Condition) -> Notification | None:
    """The operator's notification of this number, if they see its ticket."""
    to = Statement()
    mine = of_operator(operator_id, seen, to)
    sql = f"SELECT n.* FROM {JOINED} WHERE n.id = {to.add(id)} AND {mine}"
    found = await instances(Notification, sql, to)
    return found[0] if found else None


async def unread_count(operator_id: int, seen: Condition) -> int:
    """How many of tickets in sight they have not read."""
    return await _count(operator_id, seen, " AND n.read_at IS NULL")


async def count(operator_id: int, seen: Condition) -> int:
    """How many of tickets in sight they were told of."""
    return await _count(operator_id, seen)


async def _count(operator_id: int, seen: Condition, more: str = "") -> int:
    to = Statement()
    mine = of_operator(operator_id, seen, to)
    found = await rows(f"SELECT COUNT(*) AS total FROM {JOINED} WHERE {mine}{more}", to)
    total: int = found[0]["total"]
    return total
