"""Operators, as those who may change the settings administer them."""

from typing import Annotated, Any

import strawberry

from models import people
from resolvers.administration import operators
from schema.core import Info
from schema.desk.administration.accounts import (
    CHOICES,
    LANGUAGE,
    SIGNATURE,
    TIME_ZONE,
    MaybeChoices,
    preferences,
)
from schema.desk.administration.fields import (
    INPUT,
    KEY,
    MaybeId,
    MaybeText,
    administration,
    given,
    local,
)
from schema.desk.people import Operator
from schema.desk.refusals import IdempotencyConflict, InvalidInput, NotFound, NotPermitted

CHOSEN = "12 to 1,000 characters, none that is easily guessed; left out, a strong one is made up."
DEFAULT_DEPARTMENT = "Of tickets they open where nothing else says; null for their group's."


@strawberry.input(description="An operator to make.")
class OperatorCreateInput:
    name: MaybeText = strawberry.field(description="Required: 1 to 200 characters.")
    email: MaybeText = strawberry.field(
        description="Required: where they sign in with, no other operator's."
    )
    role_id: MaybeId = strawberry.field(
        description="Required: one that grants no more than the caller may."
    )
    password: str | None = strawberry.field(
        default=None, description=f"{CHOSEN} No part of what an idempotency key compares."
    )
    language: MaybeText = strawberry.field(description=f"{LANGUAGE} Left out, the first of them.")
    time_zone: MaybeText = strawberry.field(description=f"{TIME_ZONE} Left out, UTC.")
    default_department_id: MaybeId = strawberry.field(description=DEFAULT_DEPARTMENT)
    signature: MaybeText = strawberry.field(description=SIGNATURE)
    notifications: MaybeChoices = strawberry.field(description=CHOICES)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="What to change of an operator; what is left out stays.")
class OperatorUpdateInput:
    operator_id: strawberry.ID = strawberry.field(description="Whom.")
    name: MaybeText = strawberry.field(description="1 to 200 characters.")
    email: MaybeText = strawberry.field(
        description="Where they sign in with, no other operator's; of nobody who may more."
    )
    role_id: MaybeId = strawberry.field(
        description="One that, as the one before, grants no more than the caller may."
    )
    language: MaybeText = strawberry.field(description=LANGUAGE)
    time_zone: MaybeText = strawberry.field(description=TIME_ZONE)
    default_department_id: MaybeId = strawberry.field(description=DEFAULT_DEPARTMENT)
    signature: MaybeText = strawberry.field(description=SIGNATURE)
    notifications: MaybeChoices = strawberry.field(description=CHOICES)


@strawberry.input(description="An operator to shut out.")
class OperatorDeactivateInput:
    operator_id: strawberry.ID = strawberry.field(
        description="Whom: nobody who may more than the caller, nor the last administrator."
    )


@strawberry.input(description="An operator to let in again.")
class OperatorActivateInput:
    operator_id: strawberry.ID = strawberry.field(
        description="Whom: nobody who may more than the caller."
    )


@strawberry.input(description="Another password for an operator.")
class OperatorResetPasswordInput:
    operator_id: strawberry.ID = strawberry.field(
        description="Whose: nobody's who may more than the caller, nor the caller's own."
    )
    password: str | None = strawberry.field(default=None, description=CHOSEN)


@strawberry.type(description="Made.")
class OperatorCreated:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="The new one.")
    password: str | None = strawberry.field(
        description="The one made up, shown this once; null when one was given, or came again."
    )


@strawberry.type(description="Changed.")
class OperatorUpdated:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="As they are.")


@strawberry.type(description="Shut out: sessions and API tokens have ended, for good.")
class OperatorDeactivated:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="As they are.")


@strawberry.type(description="Let in again.")
class OperatorActivated:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="As they are.")


@strawberry.type(description="Set; every session of theirs has ended, API tokens stay.")
class OperatorPasswordReset:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="Whose.")
    password: str | None = strawberry.field(
        description="The one made up, shown this once; null when one was given."
    )


OperatorCreateResult = Annotated[
    OperatorCreated | InvalidInput | NotPermitted | IdempotencyConflict,
    strawberry.union("OperatorCreateResult", description="Of operatorCreate."),
]
OperatorUpdateResult = Annotated[
    OperatorUpdated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OperatorUpdateResult", description="Of operatorUpdate."),
]
OperatorDeactivateResult = Annotated[
    OperatorDeactivated | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OperatorDeactivateResult", description="Of operatorDeactivate."),
]
OperatorActivateResult = Annotated[
    OperatorActivated | NotFound | NotPermitted,
    strawberry.union("OperatorActivateResult", description="Of operatorActivate."),
]
OperatorResetPasswordResult = Annotated[
    OperatorPasswordReset | InvalidInput | NotFound | NotPermitted,
    strawberry.union("OperatorResetPasswordResult", description="Of operatorResetPassword."),
]
IDS = {"role_id": "Role", "default_department_id": "Department"}
CLEARABLE = frozenset({"default_department_id"})


@strawberry.type(description="Changes of operators.")
class OperatorMutations:
    @administration(OperatorCreateResult, "Make an operator.")
    async def operator_create(
        self, info: Info, input: Annotated[OperatorCreateInput, INPUT]
    ) -> Any:
        fields = preferences(given(input, ids=IDS, clearable=CLEARABLE))
        done = await operators.create(info.context, fields, input.password, input.idempotency_key)
        return OperatorCreated(operator=done.operator, password=done.password)

    @administration(OperatorUpdateResult, "Change an operator; it holds at once.")
    async def operator_update(
        self, info: Info, input: Annotated[OperatorUpdateInput, INPUT]
    ) -> Any:
        fields = preferences(given(input, ids=IDS, clearable=CLEARABLE))
        id = local(input.operator_id, "Operator")
        return OperatorUpdated(operator=await operators.update(info.context, id, fields))

    @administration(
        OperatorDeactivateResult,
        "Shut an operator out: sessions, API tokens and locks end at once, for good. They stay "
        "owner, creator and member of what they were.",
    )
    async def operator_deactivate(
        self, info: Info, input: Annotated[OperatorDeactivateInput, INPUT]
    ) -> Any:
        id = local(input.operator_id, "Operator")
        return OperatorDeactivated(operator=await operators.deactivate(info.context, id))

    @administration(OperatorActivateResult, "Let an operator in again, with the password they had.")
    async def operator_activate(
        self, info: Info, input: Annotated[OperatorActivateInput, INPUT]
    ) -> Any:
        id = local(input.operator_id, "Operator")
        return OperatorActivated(operator=await operators.activate(info.context, id))

    @administration(
        OperatorResetPasswordResult,
        "Give an operator another password. Their sessions end at once; API tokens stay, and are "
        "revoked one by one.",
    )
    async def operator_reset_password(
        self, info: Info, input: Annotated[OperatorResetPasswordInput, INPUT]
    ) -> Any:
        id = local(input.operator_id, "Operator")
        done = await operators.reset_password(info.context, id, input.password)
        return OperatorPasswordReset(operator=done.operator, password=done.password)
