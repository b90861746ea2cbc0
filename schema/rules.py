"""The rule each field of the desk passes, said where the field is: checked, printed and tested.

`docs/permissions.md` is printed from these, and a test fails for a field without one.
"""

from dataclasses import dataclass, replace
from typing import Any

import strawberry
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension

from models.enums import Right
from models.people import Operator
from resolvers import rules


@dataclass(eq=False)
class Needs(FieldExtension):
    """What a caller must hold to ask for a field, beyond a credential."""

    scope: Right | None = None
    """A token must have it. What its operator may is then judged row by row, or by the action."""
    right: Right | None = None
    """The operator must have it, and a token its scope; else FORBIDDEN."""
    person: bool = False
    """No token at all."""
    own: bool = False
    """Of the row: the operator themselves needs no right."""
    anonymous: bool = False
    """Not even a credential."""

    def or_own(self) -> "Needs":
        """The same, but of themselves everybody may ask."""
        return replace(self, own=True)

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        context = info.context
        if not self.anonymous:
            await context.operator()
        if self.person:
            await rules.require_person(context)
        if self.scope is not None:
            await rules.require_scope(context, self.scope)
        if self.right is not None and not (self.own and await _theirs(source, context)):
            await rules.require_right(context, self.right)
        return await next_(source, info, **kwargs)


async def _theirs(source: Any, context: Any) -> bool:
    by = await rules.require_person(context) if context.account.scopes is None else None
    return by is not None and isinstance(source, Operator) and source.id == by.id


def scope(right: Right) -> Needs:
    """A token's scope; people are judged row by row, or by the action."""
    return Needs(scope=right)


def right(right: Right) -> Needs:
    """The operator's right, for all of the field."""
    return Needs(right=right)


PERSON = Needs(person=True)
"""Somebody signed in, and no program."""
ANYBODY = Needs()
"""Every operator and every token: names of the desk's own people and places, or judged by row."""
ANONYMOUS = Needs(anonymous=True)
"""Who has no credential yet, too."""
