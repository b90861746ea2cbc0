"""API tokens."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models import sessions
from models.enums import Right
from resolvers.administration import tokens
from schema.core import Info, global_id
from schema.desk.administration.fields import INPUT, administration, local
from schema.desk.people import Node, Operator
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted
from schema.rules import PERSON


@strawberry.type(description="What lets a program act as an operator, never beyond them.")
class ApiToken(Node):
    id: strawberry.ID = global_id("Token")
    name: str = strawberry.field(description="What it is for.")
    created_at: datetime = strawberry.field(description="Since when.")
    expires_at: datetime = strawberry.field(description="Until when, unless revoked.")

    @strawberry.field(
        graphql_type=list[Right],
        description="What it may use of its operator's rights, as they are at the time.",
    )
    def scopes(self, token: Parent[sessions.Session]) -> list[Right]:
        return sorted(token.scope() or ())

    @strawberry.field(
        graphql_type=datetime | None,
        description="When a request or a connection last began with it, to five minutes.",
    )
    def last_used_at(self, token: Parent[sessions.Session]) -> datetime | None:
        return tokens.last_used(token)

    @strawberry.field(
        graphql_type=datetime | None,
        description="When it was revoked, or its operator was shut out.",
    )
    def revoked_at(self, token: Parent[sessions.Session]) -> datetime | None:
        return token.ended_at

    @strawberry.field(graphql_type=Operator, description="As whom it acts.")
    async def operator(self, token: Parent[sessions.Session], info: Info) -> Any:
        return await info.context.loaders.operators.load(token.operator_id or 0)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, sessions.Session)


@strawberry.input(description="An API token to make.")
class ApiTokenCreateInput:
    name: str = strawberry.field(description="What it is for: 1 to 200 characters.")
    scopes: list[Right] = strawberry.field(
        description="At least one of the modules' rights or ADMINISTER, which its operator has."
    )
    expires_at: datetime = strawberry.field(description="At most 366 days from now.")
    operator_id: strawberry.ID | None = strawberry.field(
        default=None, description="As whom it acts: the caller; administrators may name another."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="The same key within 24 hours makes one; its text comes once."
    )

    def request(self) -> tokens.CreateToken:
        return tokens.CreateToken(
            self.name,
            self.scopes,
            self.expires_at,
            None if self.operator_id is None else local(self.operator_id, "Operator"),
            self.idempotency_key,
        )


@strawberry.input(description="An API token to end.")
class ApiTokenRevokeInput:
    token_id: strawberry.ID = strawberry.field(
        description="One's own; administrators may end anybody's."
    )


@strawberry.type(description="Made.")
class ApiTokenCreated:
    api_token: sessions.Session = strawberry.field(
        graphql_type=ApiToken, description="The new one."
    )
    token: str | None = strawberry.field(
        description="What the program sends as Authorization: Bearer. Shown this once; null when "
        "the idempotency key came again."
    )


@strawberry.type(description="Ended, with everything that was open by it.")
class ApiTokenRevoked:
    api_token: sessions.Session = strawberry.field(graphql_type=ApiToken, description="As it is.")


ApiTokenCreateResult = Annotated[
    ApiTokenCreated | InvalidInput | NotPermitted | IdempotencyConflict,
    strawberry.union("ApiTokenCreateResult", description="Of apiTokenCreate."),
]
ApiTokenRevokeResult = Annotated[
    ApiTokenRevoked | NotFound,
    strawberry.union("ApiTokenRevokeResult", description="Of apiTokenRevoke."),
]


@strawberry.type(description="One's own API tokens.")
class TokenQueries:
    @strawberry.field(
        graphql_type=list[ApiToken],
        extensions=[PERSON],
        description="The caller's, the latest first; for a month after their expiry.",
    )
    async def api_tokens(self, info: Info) -> list[sessions.Session]:
        return await tokens.own(info.context)


@strawberry.type(description="Changes of API tokens.")
class TokenMutations:
    @administration(ApiTokenCreateResult, "Make an API token.", PERSON)
    async def api_token_create(
        self, info: Info, input: Annotated[ApiTokenCreateInput, INPUT]
    ) -> Any:
        done = await tokens.create(info.context, input.request())
        return ApiTokenCreated(api_token=done.row, token=done.text)

    @administration(
        ApiTokenRevokeResult,
        "End an API token; its sockets and feeds end at once. One that has ended stays as it is.",
        PERSON,
    )
    async def api_token_revoke(
        self, info: Info, input: Annotated[ApiTokenRevokeInput, INPUT]
    ) -> Any:
        token_id = local(input.token_id, "Token")
        return ApiTokenRevoked(api_token=await tokens.revoke(info.context, token_id))
