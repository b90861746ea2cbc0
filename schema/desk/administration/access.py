"""Who sees what, and why: explanations, and tickets that nobody sees."""

from typing import Annotated, Any

import strawberry

from models import explaining
from models.enums import Right, TicketAction
from models.paging import Page
from models.tickets import Ticket as TicketRow
from resolvers import lists
from resolvers.explaining import explain_access
from schema.desk.people import Node
from schema.desk.ticket import Ticket
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import right

ADMINISTER = right(Right.ADMINISTER)


@strawberry.type(description="One thing that must hold, and whether it does.")
class AccessGate:
    open: bool = strawberry.field(description="Whether it lets the operator through.")
    because: str = strawberry.field(description="Why, in words.")
    decided_by: Any = strawberry.field(
        graphql_type=Node | None,
        description="The role, profile, group, department, grant or operator that decided.",
    )

    @strawberry.field(description="PROFILE, VIEW_ALL, DEPARTMENT, CATEGORY, SHARING, RIGHT …")
    def name(self, gate: strawberry.Parent[explaining.Gate]) -> str:
        return gate.name.value


@strawberry.type(description="Whether an operator may do something with a ticket, and why.")
class AccessExplanation:
    allowed: bool = strawberry.field(description="What the product would answer just now.")
    gates: list[explaining.Gate] = strawberry.field(
        graphql_type=list[AccessGate], description="Each, in the order they are asked."
    )


@strawberry.type(description="Who sees what, and why.")
class AccessQueries:
    @strawberry.field(
        graphql_type=AccessExplanation,
        extensions=[ADMINISTER],
        description="Why an operator may or may not do something with a ticket.",
    )
    async def explain_access(
        self,
        operator_id: Annotated[strawberry.ID, strawberry.argument(description="Who.")],
        ticket_id: Annotated[strawberry.ID, strawberry.argument(description="Which ticket.")],
        action: Annotated[TicketAction, strawberry.argument(description="What they would do.")],
    ) -> explaining.Explanation:
        return await explain_access(operator_id, ticket_id, action)

    @strawberry.field(
        graphql_type=Connection[Ticket],
        extensions=[ADMINISTER],
        description="Tickets no active operator sees, but by a right to see all; latest first.",
    )
    async def tickets_in_limbo(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[TicketRow]:
        return await lists.tickets_in_limbo(request(first, after, last, before))
