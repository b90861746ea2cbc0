"""Magic links, as staff deals with them."""

from typing import Annotated, Any

import strawberry

from models import tickets
from models.enums import Right
from resolvers import ways_in
from resolvers.ids import local_id
from schema.core import Info
from schema.desk.refusals import REFUSALS, NotFound, NotPermitted
from schema.desk.ticket import Ticket
from schema.rules import scope

INPUT = strawberry.argument(description="What to do.")


@strawberry.input(description="Links that are to open nothing any more.")
class MagicLinksRevokeInput:
    ticket_id: strawberry.ID = strawberry.field(description="To which ticket.")


@strawberry.type(description="Revoked, with every session they began.")
class MagicLinksRevoked:
    ticket: tickets.Ticket = strawberry.field(graphql_type=Ticket, description="Which.")
    count: int = strawberry.field(description="How many links worked until now.")


MagicLinksRevokeResult = Annotated[
    MagicLinksRevoked | NotFound | NotPermitted,
    strawberry.union("MagicLinksRevokeResult", description="MagicLinksRevoked, or why not."),
]


@strawberry.type(description="Of magic links.")
class MagicLinkMutations:
    @strawberry.mutation(
        graphql_type=MagicLinksRevokeResult,
        extensions=[REFUSALS, scope(Right.TICKETS_WRITE)],
        description="End every magic link to a ticket; who may change the ticket may do so.",
    )
    async def magic_links_revoke(
        self, info: Info, input: Annotated[MagicLinksRevokeInput, INPUT]
    ) -> Any:
        id = local_id(input.ticket_id, "Ticket")
        ticket, count = await ways_in.revoke_links(info.context, id)
        return MagicLinksRevoked(ticket=ticket, count=count)
