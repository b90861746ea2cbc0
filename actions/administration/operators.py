"""Operators: who they are, whether they may work, and a way back in."""

from dataclasses import dataclass, field

from actions import locks, passwords, sessions
from actions.administration.accounts import KIND, PersonalFields, prefer, set_password
from actions.administration.administrators import at_least_one
from actions.administration.editing import Create, Edit, created, found, permitted
from actions.administration.form import Form
from actions.administration.profiles import no_more_than_own
from actions.refusals import FieldError, InvalidInput, NotPermitted, invalid
from models.callers import OperatorCaller
from models.desk import Department
from models.enums import Right
from models.hierarchy import Profile, Role
from models.people import Operator


class OperatorFields(PersonalFields, total=False):
    """What is given of an operator; the password goes apart, so that no digest has it."""

    name: str
    email: str
    role_id: int
    default_department_id: int | None


@dataclass(frozen=True)
class WithPassword:
    """An operator, and the password that was made up for them, shown this once."""

    operator: Operator
    password: str | None = field(repr=False)


@dataclass(frozen=True)
class Secret:
    """A password on its way in, hashed before the unit of work: that takes its time."""

    hashed: str = field(default="", repr=False)
    made_up: str | None = field(default=None, repr=False)
    errors: tuple[FieldError, ...] = ()


async def create(
    fields: OperatorFields, password: str | None, key: str | None, by: OperatorCaller
) -> WithPassword:
    """A new operator. Raises NotPermitted, InvalidInput, IdempotencyConflict.

    The same key again returns the operator without the password, whatever password it came with.
    """
    _require(by)
    secret = await _secret(password, fields.get("email", ""))
    shown: list[str | None] = []

    async def do() -> Operator:
        blank = Operator(name="", email="", role_id=0, password_hash=secret.hashed)
        operator = await _write(blank, fields, by, "create", secret.errors)
        shown.append(secret.made_up)
        return operator

    given = {**fields, "password": "given" if password is not None else "made up"}
    request = Create(KIND, given, key)
    operator = await created(by, Right.SETTINGS_WRITE, request, Operator, do)
    return WithPassword(operator, shown[0] if shown else None)


async def update(id: int, fields: OperatorFields, by: OperatorCaller) -> Operator:
    """Change what is given. Raises NotFound, NotPermitted, InvalidInput."""

    async def do() -> Operator:
        return await _write(await found(Operator, id), fields, by, "update")

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def deactivate(id: int, by: OperatorCaller) -> Operator:
    """Shut somebody out: sessions and tokens end for good, locks are free; all else stays theirs.

    Who is shut out already stays so. Raises NotFound, NotPermitted, InvalidInput.
    """

    async def do() -> Operator:
        operator = await found(Operator, id)
        if operator.active:
            await _no_stronger(operator, by)
            await _activity(operator, by, "deactivate", active=False)
            await at_least_one("operatorId")
            await sessions.end_all(id, tokens=True)
            await locks.give_back(id)
        return operator

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def activate(id: int, by: OperatorCaller) -> Operator:
    """Let somebody in again, with the password they had. Raises NotFound, NotPermitted."""

    async def do() -> Operator:
        operator = await found(Operator, id)
        if not operator.active:
            await _no_stronger(operator, by)
            await _activity(operator, by, "activate", active=True)
        return operator

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def reset_password(id: int, password: str | None, by: OperatorCaller) -> WithPassword:
    """Another password; all their sessions end, their tokens stay: those are revoked one by one.

    One's own is changed by who knows it. Raises NotFound, NotPermitted, InvalidInput.
    """
    _require(by)
    if id == by.id:
        raise invalid("operatorId", "Change your own password with passwordChange.")
    secret = await _secret(password, (await found(Operator, id)).email)

    async def do() -> Operator:
        operator = await found(Operator, id)
        await _no_stronger(operator, by)
        if secret.errors:
            raise InvalidInput(*secret.errors)
        await sessions.end_all(id, tokens=False)
        return await set_password(operator, secret.hashed, by, "resetPassword")

    return WithPassword(await permitted(by, Right.SETTINGS_WRITE, do), secret.made_up)


def _require(by: OperatorCaller) -> None:
    """Before any hashing: it costs what nobody without the right should spend."""
    if not by.sight.has(Right.SETTINGS_WRITE):
        raise NotPermitted(Right.SETTINGS_WRITE.value)


async def _secret(given: str | None, email: str) -> Secret:
    if given is None:
        made_up = passwords.generated()
        return Secret(await passwords.hashed(made_up), made_up)
    try:
        passwords.check(given, email.strip().lower())
    except InvalidInput as error:
        return Secret(errors=tuple(error.fields))
    return Secret(await passwords.hashed(given))


async def _write(
    operator: Operator,
    fields: OperatorFields,
    by: OperatorCaller,
    verb: str,
    errors: tuple[FieldError, ...] = (),
) -> Operator:
    form, edit = Form(), Edit(operator, KIND)
    if "name" in fields or edit.new:
        edit.set("name", form.name(fields.get("name", "")))
    if "email" in fields or edit.new:
        await _address(edit, fields.get("email", ""), by, form)
    if "role_id" in fields or edit.new:
        role = await form.row(Role, fields.get("role_id", 0), "roleId", "a role")
        if role is not None and role.id != operator.role_id:
            await no_more_than_own((await Profile.get(id=role.profile_id)).grants(), by)
            await _no_stronger(operator, by)
        await edit.link("role_id", Role, role)
    if "default_department_id" in fields:
        id = fields["default_department_id"]
        department = await form.row(Department, id, "defaultDepartmentId", "a department")
        await edit.link("default_department_id", Department, department)
    await prefer(edit, fields, form)
    for error in errors:
        form.wrong(".".join(error.path), error.message)
    form.check()
    written = await edit.commit(by, verb, rights=True)
    await at_least_one("roleId")
    return written


async def _address(edit: Edit[Operator], text: str, by: OperatorCaller, form: Form) -> None:
    email = form.address(text)
    if not email or email == edit.row.email:
        return
    if await Operator.exists(email=email):
        form.wrong("email", f"An operator with the address {email} exists already.")
    await _no_stronger(edit.row, by)
    edit.set("email", email)


async def _activity(operator: Operator, by: OperatorCaller, verb: str, *, active: bool) -> None:
    edit = Edit(operator, KIND)
    edit.set("active", active)
    await edit.commit(by, verb, rights=True)


async def _no_stronger(operator: Operator, by: OperatorCaller) -> None:
    """Who may more than the caller is out of their reach. Raises NotPermitted, naming the right."""
    role = await Role.get_or_none(id=operator.role_id)
    if role is not None:
        await no_more_than_own((await Profile.get(id=role.profile_id)).grants(), by)
