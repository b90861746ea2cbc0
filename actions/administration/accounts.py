"""One's own account: what everybody may change of themselves, and the password."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import TypedDict, TypeVar
from zoneinfo import available_timezones

from actions import passwords, sessions
from actions.administration.editing import Edit, found
from actions.administration.form import Form
from actions.refusals import InvalidCredentials, invalid
from actions.unit_of_work import unit_of_work
from models.callers import OperatorCaller
from models.desk import Desk
from models.enums import NotificationKind
from models.people import Operator
from models.sql import connection

T = TypeVar("T")
KIND = "Operator"
NO_PLACES = frozenset({"localtime", "Factory"})
"""Files beside those of the zones, which name none."""


@dataclass(frozen=True)
class NotificationChoice:
    """Whether one kind of notification is wanted; None leaves a way as it is."""

    kind: NotificationKind
    email: bool | None = None
    in_app: bool | None = None


class PersonalFields(TypedDict, total=False):
    """What is given of an operator's preferences."""

    language: str
    time_zone: str
    signature: str
    notifications: list[NotificationChoice]


async def alone(body: Callable[[], Awaitable[T]]) -> T:
    """Run `body` in a unit of work, alone among changes of the desk: of what is one's own."""

    async def do() -> T:
        await connection().execute_query("UPDATE desk SET id = id WHERE id = 1")
        return await body()

    return await unit_of_work(do)


async def update(fields: PersonalFields, by: OperatorCaller) -> Operator:
    """Change what is given of the caller's own. Raises InvalidInput."""

    async def do() -> Operator:
        form, edit = Form(), Edit(await found(Operator, by.id), KIND)
        await prefer(edit, fields, form)
        form.check()
        # Open counters begin the day where the operator's clocks show midnight.
        elsewhere = any(field == "timeZone" for field, _, _ in edit.changes)
        return await edit.commit(by, "update", rights=elsewhere)

    return await alone(do)


async def change_password(current: str, new: str, by: OperatorCaller, address: str) -> Operator:
    """A new password for the caller; their other sessions end, their tokens stay.

    A wrong current one counts as a failed sign-in. Raises InvalidInput, InvalidCredentials,
    TooManyAttempts.
    """
    was = await found(Operator, by.id)
    passwords.check(new, was.email, "newPassword")
    if new == current:
        raise invalid("newPassword", "Choose another password than the current one.")
    attempt = await sessions.counted("operator", was.email, address)
    if not await passwords.verify(current, was.password_hash):
        raise InvalidCredentials
    hashed = await passwords.hashed(new)

    async def do() -> Operator:
        operator = await found(Operator, by.id)
        if operator.password_hash != was.password_hash or not operator.active:
            raise InvalidCredentials  # it was reset meanwhile
        await sessions.forgiven(attempt)
        await sessions.end_all(by.id, tokens=False, but=by.session_id)
        return await set_password(operator, hashed, by, "changePassword")

    return await alone(do)


async def set_password(operator: Operator, hashed: str, by: OperatorCaller, verb: str) -> Operator:
    """Within a unit of work; the log says that it changed, never what it is."""
    edit = Edit(operator, KIND)
    operator.password_hash = hashed
    edit.note("password", None, None)
    return await edit.commit(by, verb, rights=False)


async def prefer(edit: Edit[Operator], fields: PersonalFields, form: Form) -> None:
    """Set the preferences given; a new operator without a language has the desk's first."""
    if "language" in fields or edit.new:
        spoken = (await Desk.get(id=1)).languages
        language = fields.get("language", spoken[0])
        if language not in spoken:
            form.wrong("language", f"Choose one of the desk's: {', '.join(spoken)}.")
        else:
            edit.set("language", language)
    if "time_zone" in fields:
        if fields["time_zone"] not in time_zones():
            form.wrong("timeZone", "Give an IANA time zone, like Europe/Rome.")
        else:
            edit.set("time_zone", fields["time_zone"])
    if "signature" in fields:
        edit.set("signature", form.text(fields["signature"], "signature"))
    if "notifications" in fields:
        _choose(edit, fields["notifications"], form)


@cache
def time_zones() -> frozenset[str]:
    """The IANA names known here."""
    return frozenset(available_timezones() - NO_PLACES)


def _choose(edit: Edit[Operator], choices: list[NotificationChoice], form: Form) -> None:
    kinds = [one.kind for one in choices]
    for kind in NotificationKind:
        if kinds.count(kind) > 1:
            form.wrong("notifications", f"Say it once for each kind: {kind} is there twice.")
    for choice in choices:
        _mute(edit, "muted_email", choice.kind, "email", wanted=choice.email)
        _mute(edit, "muted_in_app", choice.kind, "in app", wanted=choice.in_app)


def _mute(
    edit: Edit[Operator], column: str, kind: NotificationKind, way: str, *, wanted: bool | None
) -> None:
    muted: set[str] = set(getattr(edit.row, column))
    if wanted is None or wanted is (kind.value not in muted):
        return
    setattr(edit.row, column, sorted(muted ^ {kind.value}))
    was, now = ("no", "yes") if wanted else ("yes", "no")
    edit.note("notifications", f"{kind}, {way}: {was}", f"{kind}, {way}: {now}")
