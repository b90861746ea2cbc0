"""How many tickets wait for whom, asked for or pushed."""

from typing import Any

import strawberry
from strawberry import Parent

from models import counting
from realtime.feed_events import CountersNow
from schema.core import Info
from schema.desk.people import Department


@strawberry.type(description="How many of a department's tickets wait for whom.")
class DepartmentCounters:
    new: int = strawberry.field(description="The operator's turn, and no reply yet.")
    operator_turn: int = strawberry.field(description="The desk must answer.")
    contact_turn: int = strawberry.field(description="The contact must answer.")
    closed_today: int = strawberry.field(description="Since the viewer's midnight.")

    @strawberry.field(graphql_type=Department, description="Which.")
    async def department(self, counts: Parent[counting.DepartmentCounts], info: Info) -> Any:
        return await info.context.loaders.departments.load(counts.department_id)


@strawberry.type(description="How many tickets wait for whom.")
class TicketCounters:
    new: int = strawberry.field(description="The operator's turn, and no reply yet.")
    operator_turn: int = strawberry.field(description="The desk must answer.")
    contact_turn: int = strawberry.field(description="The contact must answer.")
    closed_today: int = strawberry.field(
        description="Closed since midnight in the viewer's time zone."
    )

    @strawberry.field(
        graphql_type=list[DepartmentCounters],
        description="Of each department that has any of these in sight.",
    )
    def by_department(
        self, counts: Parent[counting.TicketCounters], info: Info
    ) -> list[counting.DepartmentCounts]:
        if isinstance(counts, CountersNow):
            info.context.share(counts)
        return counts.by_department
