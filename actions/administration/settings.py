"""The settings of the desk, in the database: each holds from the next statement on."""

import re
from typing import TypedDict

from actions.administration.editing import Edit, permitted
from actions.administration.form import Form
from models.callers import OperatorCaller
from models.desk import Department, Desk
from models.enums import Right, TicketSharing

KIND = "Desk"
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
"""Language, script, region (BCP 47); more is not told apart."""
MEDIA_TYPE = re.compile(r"[a-z]+/(\*|[a-z0-9][a-z0-9!#$&^_.+-]{0,126})")
"""`type/subtype` (RFC 6838), or all of a type."""
LIST_LIMIT = 100


class SettingsFields(TypedDict, total=False):
    """What is given of the settings."""

    restrict_to_departments: bool
    ticket_sharing: TicketSharing
    lock_lease_s: int
    lock_grace_s: int
    magic_link_days: int
    upload_limit_bytes: int
    forbidden_types: list[str]
    languages: list[str]
    survey: bool
    notices_before_digest: int


BOUNDS = {
    "lock_lease_s": ("lockLeaseSeconds", 5, 600),
    "lock_grace_s": ("lockGraceSeconds", 0, 300),
    "magic_link_days": ("magicLinkDays", 1, 365),
    "notices_before_digest": ("noticesBeforeDigest", 1, 1_000),
    "upload_limit_bytes": ("uploadLimitBytes", 1_000, 5_000_000_000),
}


async def update(fields: SettingsFields, by: OperatorCaller) -> Desk:
    """Change what is given. Raises NotPermitted, InvalidInput."""

    async def do() -> Desk:
        form, edit = Form(), Edit(await Desk.get(id=1), KIND)
        for name, value in fields.items():
            if name in BOUNDS and isinstance(value, int):
                _put(edit, name, BOUNDS[name][0], form.within(value, *BOUNDS[name]))
        plain = ("restrict_to_departments", "ticket_sharing", "survey")
        edit.set_all({name: value for name, value in fields.items() if name in plain})
        if "forbidden_types" in fields:
            edit.set("forbidden_types", _media_types(form, fields["forbidden_types"]))
        if "languages" in fields:
            _put(edit, "languages", "languages", await _languages(form, fields["languages"]))
        form.check()
        return await edit.commit(by, "update", rights=True)

    return await permitted(by, Right.SETTINGS_WRITE, do)


def _put(edit: Edit[Desk], column: str, path: str, value: int | list[str]) -> None:
    """A value whose name or order the column alone does not tell."""
    was: int | list[str] = getattr(edit.row, column)
    if value != was:
        setattr(edit.row, column, value)
        edit.note(path, _told(was), _told(value))


def _told(value: int | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _media_types(form: Form, given: list[str]) -> list[str]:
    types = sorted({one.strip().lower() for one in given})
    for one in types:
        if not MEDIA_TYPE.fullmatch(one):
            form.wrong("forbiddenTypes", f"{one[:100]!r} is none: write type/subtype or type/*.")
    if len(types) > LIST_LIMIT:
        form.wrong("forbiddenTypes", f"Name at most {LIST_LIMIT}.")
    return types


async def _languages(form: Form, given: list[str]) -> list[str]:
    languages = list(dict.fromkeys(given))
    if not 1 <= len(languages) <= LIST_LIMIT:
        form.wrong("languages", f"Name 1 to {LIST_LIMIT}: the first is the default.")
    for one in languages:
        if len(one) > 10 or not LANGUAGE.fullmatch(one):
            form.wrong("languages", f"{one[:100]!r} is none: write en, it, pt-BR …")
    used = {one.default_language for one in await Department.exclude(default_language="")}
    for one in sorted(used - set(languages)):
        form.wrong("languages", f"{one} is the default of a department: change that first.")
    return languages
