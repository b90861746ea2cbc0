"""One's own account."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe

from models import people
from models.enums import NotificationKind
from resolvers.administration import operators
from schema.core import Info
from schema.desk.administration.fields import INPUT, MaybeText, administration, given
from schema.desk.people import Operator
from schema.desk.refusals import InvalidCredentials, InvalidInput, TooManyAttempts
from schema.rules import PERSON


@strawberry.type(description="Whether an operator wants one kind of notification.")
class NotificationChoice:
    kind: NotificationKind = strawberry.field(description="Which kind.")
    email: bool = strawberry.field(description="By mail.")
    in_app: bool = strawberry.field(description="In the dashboard.")


@strawberry.input(description="Whether one kind of notification is wanted.")
class NotificationChoiceInput:
    kind: NotificationKind = strawberry.field(description="Which kind.")
    email: bool | None = strawberry.field(
        default=None, description="By mail; what is left out stays."
    )
    in_app: bool | None = strawberry.field(
        default=None, description="In the dashboard; what is left out stays."
    )

    def choice(self) -> operators.NotificationChoice:
        return operators.NotificationChoice(self.kind, self.email, self.in_app)


MaybeChoices = Maybe[list[NotificationChoiceInput] | None]
LANGUAGE = "One of the desk's languages."
TIME_ZONE = "An IANA name, like Europe/Rome."
SIGNATURE = "Plain text, under their replies where the department has it so."
CHOICES = "Kinds to switch on or off, each once; kinds left out stay."


@strawberry.input(description="What to change of one's own account; what is left out stays.")
class ViewerUpdateInput:
    language: MaybeText = strawberry.field(description=LANGUAGE)
    time_zone: MaybeText = strawberry.field(description=TIME_ZONE)
    signature: MaybeText = strawberry.field(description=SIGNATURE)
    notifications: MaybeChoices = strawberry.field(description=CHOICES)


@strawberry.input(description="A new password for oneself.")
class PasswordChangeInput:
    current_password: str = strawberry.field(
        description="The one in use; a wrong one counts as a failed sign-in."
    )
    new_password: str = strawberry.field(
        description="12 to 1,000 characters, none that is easily guessed."
    )


@strawberry.type(description="Changed.")
class ViewerUpdated:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="As they are.")


@strawberry.type(description="Changed; every other session of theirs has ended, API tokens stay.")
class PasswordChanged:
    operator: people.Operator = strawberry.field(graphql_type=Operator, description="Whose.")


ViewerUpdateResult = Annotated[
    ViewerUpdated | InvalidInput,
    strawberry.union("ViewerUpdateResult", description="Of viewerUpdate."),
]
PasswordChangeResult = Annotated[
    PasswordChanged | InvalidInput | InvalidCredentials | TooManyAttempts,
    strawberry.union("PasswordChangeResult", description="Of passwordChange."),
]


def preferences(fields: Any) -> Any:
    """The fields given, the choices among them as the action wants them."""
    if "notifications" in fields:
        fields["notifications"] = [one.choice() for one in fields["notifications"]]
    return fields


@strawberry.type(description="Changes of one's own account.")
class AccountMutations:
    @administration(ViewerUpdateResult, "Change one's own account.", PERSON)
    async def viewer_update(self, info: Info, input: Annotated[ViewerUpdateInput, INPUT]) -> Any:
        fields = preferences(given(input))
        return ViewerUpdated(operator=await operators.update_viewer(info.context, fields))

    @administration(
        PasswordChangeResult,
        "Change one's own password; every other session ends, API tokens stay.",
        PERSON,
    )
    async def password_change(
        self, info: Info, input: Annotated[PasswordChangeInput, INPUT]
    ) -> Any:
        done = await operators.change_password(
            info.context, input.current_password, input.new_password
        )
        return PasswordChanged(operator=done)
