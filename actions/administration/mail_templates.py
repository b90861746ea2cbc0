"""What departments say in their mails instead of the defaults. `mail.rendering` has checked it."""

from dataclasses import dataclass

from actions.administration.editing import Edit, permitted, removed
from actions.administration.form import Form
from actions.refusals import NotFound
from models.callers import OperatorCaller
from models.desk import Department, Desk
from models.enums import Right
from models.mail_enums import MailKind
from models.mails import MailTemplate

KIND = "MailTemplate"
LANGUAGE_LIMIT = 10


@dataclass(frozen=True)
class Which:
    """A department's template, or with None the desk's, for a kind of mail in a language."""

    department_id: int | None
    kind: MailKind
    language: str


@dataclass(frozen=True)
class Saying:
    """What it says."""

    subject: str
    text: str
    html: str = ""


async def save(which: Which, saying: Saying, by: OperatorCaller) -> MailTemplate:
    """Say it so from now on. Raises NotPermitted, InvalidInput."""

    async def do() -> MailTemplate:
        form = Form()
        department = await form.row(Department, which.department_id, "departmentId", "a department")
        languages = await _spoken()
        if which.language not in languages:
            form.wrong("language", f"Choose one of {', '.join(languages)}.")
        if not saying.subject.strip():
            form.wrong("subject", "Write a subject.")
        if not saying.text.strip():
            form.wrong("text", "Write a text: not everybody reads HTML.")
        form.check()
        known = await _row(which)
        edit = Edit(
            known or MailTemplate(kind=which.kind, language=which.language, department_id=None),
            KIND,
        )
        if edit.new:
            edit.set_all({"kind": which.kind, "language": which.language})
            await edit.link("department_id", Department, department)
        edit.set_all({"subject": saying.subject, "text": saying.text, "html": saying.html})
        return await edit.commit(by, "create" if edit.new else "update", rights=False)

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def reset(which: Which, by: OperatorCaller) -> None:
    """Say what the default says. Raises NotFound, NotPermitted."""

    async def do() -> None:
        row = await _row(which)
        if row is None:
            raise NotFound
        await removed(by, row, KIND, rights=False)

    return await permitted(by, Right.SETTINGS_WRITE, do)


async def _row(which: Which) -> MailTemplate | None:
    if len(which.language) > LANGUAGE_LIMIT or "\0" in which.language:
        return None  # no language, and the tables would refuse to look for it
    return await MailTemplate.get_or_none(
        department_id=which.department_id, kind=which.kind, language=which.language
    )


async def _spoken() -> list[str]:
    """The desk's languages."""
    return (await Desk.get(id=1)).languages
