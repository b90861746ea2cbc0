"""The settings of the desk."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe, Parent

from models.desk import Desk
from models.enums import Right, TicketSharing
from resolvers.administration import categories
from resolvers.refusals import invalid
from schema.core import Info
from schema.desk.administration.fields import INPUT, MaybeFlag, administration, given
from schema.desk.refusals import InvalidInput, NotPermitted
from schema.rules import right

MaybeNumber = Maybe[int | None]
RESTRICT = "Operators see the tickets of their departments alone."
SHARING = "What operators may do with tickets that are not theirs."
LEASE = "Seconds a reply lock lasts unrenewed: 5 to 600."
GRACE = "Seconds it outlives its holder's last connection: 0 to 300."
MAGIC = "Days a magic link works: 1 to 365."
UPLOAD = "Bytes of one file at most: 1,000 to 5,000,000,000."
FORBIDDEN = "Media types that are not taken as attachments: type/subtype or type/*."
LANGUAGES = "Of operators and contacts (BCP 47); the first is the default."
SURVEY = "Whether contacts are asked to rate closed tickets."
NOTICES = "Mails an operator gets of notifications within ten minutes, 1 to 1,000; then a digest."
COLUMNS = {
    "lock_lease_seconds": "lock_lease_s",
    "lock_grace_seconds": "lock_grace_s",
}


@strawberry.type(description="The settings of the desk; each holds at once.")
class Settings:
    restrict_to_departments: bool = strawberry.field(description=RESTRICT)
    ticket_sharing: TicketSharing = strawberry.field(description=SHARING)
    magic_link_days: int = strawberry.field(description=MAGIC)
    forbidden_types: list[str] = strawberry.field(description=FORBIDDEN)
    languages: list[str] = strawberry.field(description=LANGUAGES)
    survey: bool = strawberry.field(description=SURVEY)
    notices_before_digest: int = strawberry.field(description=NOTICES)

    @strawberry.field(description=LEASE)
    def lock_lease_seconds(self, desk: Parent[Desk]) -> int:
        return desk.lock_lease_s

    @strawberry.field(description=GRACE)
    def lock_grace_seconds(self, desk: Parent[Desk]) -> int:
        return desk.lock_grace_s

    @strawberry.field(description=UPLOAD)
    def upload_limit_bytes(self, desk: Parent[Desk]) -> float:
        return float(desk.upload_limit_bytes)


@strawberry.input(description="What to change of the settings; what is left out stays.")
class SettingsUpdateInput:
    restrict_to_departments: MaybeFlag = strawberry.field(description=RESTRICT)
    ticket_sharing: Maybe[TicketSharing | None] = strawberry.field(description=SHARING)
    lock_lease_seconds: MaybeNumber = strawberry.field(description=LEASE)
    lock_grace_seconds: MaybeNumber = strawberry.field(description=GRACE)
    magic_link_days: MaybeNumber = strawberry.field(description=MAGIC)
    upload_limit_bytes: Maybe[float | None] = strawberry.field(description=UPLOAD)
    forbidden_types: Maybe[list[str] | None] = strawberry.field(description=FORBIDDEN)
    languages: Maybe[list[str] | None] = strawberry.field(description=LANGUAGES)
    survey: MaybeFlag = strawberry.field(description=SURVEY)
    notices_before_digest: MaybeNumber = strawberry.field(description=NOTICES)

    def fields(self) -> Any:
        """As the action takes them: whole bytes, columns by their names."""
        found = {COLUMNS.get(name, name): value for name, value in given(self).items()}
        if "upload_limit_bytes" in found:
            size: float = found["upload_limit_bytes"]
            if not size.is_integer():
                raise invalid("uploadLimitBytes", "Give whole bytes.")
            found["upload_limit_bytes"] = int(size)
        return found


@strawberry.type(description="Changed.")
class SettingsUpdated:
    settings: Desk = strawberry.field(graphql_type=Settings, description="As they are.")


SettingsUpdateResult = Annotated[
    SettingsUpdated | InvalidInput | NotPermitted,
    strawberry.union("SettingsUpdateResult", description="Of settingsUpdate."),
]


@strawberry.type(description="The settings.")
class SettingsQueries:
    @strawberry.field(
        graphql_type=Settings,
        extensions=[right(Right.SETTINGS_VIEW)],
        description="The settings of the desk.",
    )
    async def settings(self) -> Desk:
        return await categories.desk_settings()


@strawberry.type(description="Changes of the settings.")
class SettingsMutations:
    @administration(SettingsUpdateResult, "Change the settings; it holds at once.")
    async def settings_update(
        self, info: Info, input: Annotated[SettingsUpdateInput, INPUT]
    ) -> Any:
        return SettingsUpdated(
            settings=await categories.update_settings(info.context, input.fields())
        )
