"""Turns a refusal raised by an action into a member of the mutation's result union."""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
import structlog
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension
from structlog.typing import FilteringBoundLogger

from resolvers.context import Context
from resolvers.refusals import Refusal
from schema.messages import message_of

log: FilteringBoundLogger = structlog.get_logger()
Show = Callable[[Any, Context], Awaitable[tuple[dict[str, str], dict[str, Any]]]]


class Refusals(FieldExtension):
    """Catches what the field's union has a member for; anything else is a bug and goes on."""

    def __init__(self, members: "dict[type[Refusal], Member]") -> None:
        self.members = members

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        try:
            return await next_(source, info, **kwargs)
        except Refusal as refusal:
            member = self.members.get(type(refusal))
            if member is None:
                raise
            context: Context = info.context
            log.info("refused", mutation=info.field_name, refusal=type(refusal).__name__)
            context.services.refused(info.field_name, type(refusal).__name__)
            return await member(refusal, context)


class Member:
    """How one refusal becomes its GraphQL type: `show` gives words for the message, and fields."""

    def __init__(self, graphql_type: Callable[..., Any], show: Show | None = None) -> None:
        self.graphql_type = graphql_type
        self.show = show

    async def __call__(self, refusal: Refusal, context: Context) -> Any:
        words, fields = await self.show(refusal, context) if self.show else ({}, {})
        language = context.account.who.language if context.account else "en"
        message = message_of(refusal, language, **words)
        return self.graphql_type(message=message, **fields)
