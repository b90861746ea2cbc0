"""Operators for those who may change the settings, and one's own account."""

from actions.administration import accounts, operators
from actions.administration.accounts import NotificationChoice, PersonalFields
from actions.administration.operators import OperatorFields, WithPassword
from models.desk import Department
from models.enums import NotificationKind
from models.hierarchy import OperatorGroup
from models.people import Operator
from resolvers.context import Context

__all__ = ["NotificationChoice", "OperatorFields", "PersonalFields", "WithPassword"]


async def create(
    context: Context, fields: OperatorFields, password: str | None, key: str | None
) -> WithPassword:
    return await operators.create(fields, password, key, by=await context.operator())


async def update(context: Context, id: int, fields: OperatorFields) -> Operator:
    return await operators.update(id, fields, by=await context.operator())


async def deactivate(context: Context, id: int) -> Operator:
    return await operators.deactivate(id, by=await context.operator())


async def activate(context: Context, id: int) -> Operator:
    return await operators.activate(id, by=await context.operator())


async def reset_password(context: Context, id: int, password: str | None) -> WithPassword:
    return await operators.reset_password(id, password, by=await context.operator())


async def update_viewer(context: Context, fields: PersonalFields) -> Operator:
    return await accounts.update(fields, by=await context.operator())


async def change_password(context: Context, current: str, new: str) -> Operator:
    """Raises InvalidInput, InvalidCredentials, TooManyAttempts."""
    by = await context.operator()
    return await accounts.change_password(current, new, by, context.origin.address)


async def departments_of(context: Context, operator: Operator) -> list[Department]:
    """Where they are a member, by name."""
    places = await context.loaders.places.load(operator.id)
    found = await context.loaders.departments.load_many(sorted(places.departments))
    return sorted((one for one in found if one is not None), key=lambda one: (one.name, one.id))


async def groups_of(context: Context, operator: Operator) -> list[OperatorGroup]:
    """Which they are in, by name."""
    places = await context.loaders.places.load(operator.id)
    found = await context.loaders.groups.load_many(sorted(places.groups))
    return sorted((one for one in found if one is not None), key=lambda one: (one.name, one.id))


def choices_of(operator: Operator) -> list[NotificationChoice]:
    """What they want to be told of, in which way."""
    return [
        NotificationChoice(
            kind,
            email=kind.value not in operator.muted_email,
            in_app=kind.value not in operator.muted_in_app,
        )
        for kind in NotificationKind
    ]
