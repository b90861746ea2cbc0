"""How many tickets wait for whom: over a filter, and per department; one statement."""

from models.callers import OperatorCaller
from models.conditions import Every
from models.counting import NAMES, TicketCounters, counting, kinds, midnight, summed
from models.sql import Statement, clock, rows
from resolvers.filters import TicketFilter, condition_of


async def counters(by: OperatorCaller, wanted: TicketFilter | None) -> TicketCounters:
    """Tickets in sight that fulfil the filter; "today" began at the operator's midnight."""
    today = midnight(await clock(), by.operator.time_zone)
    condition = Every((by.condition, await condition_of(wanted, by), counting(today)))
    to = Statement()
    sums = ", ".join(
        f"SUM(CASE WHEN {kind.sql(to)} THEN 1 ELSE 0 END) AS {name}"
        for name, kind in zip(NAMES, kinds(today), strict=True)
    )
    sql = f"""
        SELECT t.department_id, {sums} FROM ticket t WHERE {condition.sql(to)}
        GROUP BY t.department_id"""
    found = await rows(sql, to)
    return summed({row["department_id"]: tuple(row[name] for name in NAMES) for row in found})
