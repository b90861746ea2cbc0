"""A mail's words: the fittest template with its variables filled in, as text and as HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from markupsafe import Markup, escape
from structlog.typing import FilteringBoundLogger

from actions.texts import one_line
from mail import words
from mail.templating import SUBJECT_LIMIT, BrokenTemplate, Problem, check, render
from mail.variables import MAGIC_LINK, SECRET_URL, Variables, sample, variables_of
from mail.words import Words
from models.desk import Department, Desk
from models.mails import OutboundMail

log: FilteringBoundLogger = structlog.get_logger()
LAYOUT = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
{body}
</body>
</html>
"""
_MANY_EMPTY = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_LINK = re.compile(
    rf"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]|{re.escape(MAGIC_LINK)}|{re.escape(SECRET_URL)}"
)


@dataclass(frozen=True)
class Rendered:
    """What a mail says; the links that only its recipient may see are still placeholders."""

    subject: str
    text: str
    html: str
    language: str
    broken: tuple[str, ...] = ()
    """Own templates that could not be used, and why."""


async def rendered(mail: OutboundMail) -> Rendered:
    """The words of a mail. A template of people's own that is broken is passed over, and told."""
    variables = await variables_of(mail)
    department = await Department.get_or_none(id=mail.department_id or 0)
    languages = words.spoken(
        mail.language,
        department.default_language if department is not None else "",
        *(await Desk.get(id=1)).languages[:1],
    )
    broken: list[str] = []
    for one in await words.candidates(mail.kind, mail.department_id, languages):
        try:
            return dressed(one, variables, broken)
        except BrokenTemplate as error:
            if one.own_id is None:
                raise
            broken.append(f"Template {mail.kind.value} in {one.language}: {error}")
            log.warning("mail template broken", template=one.own_id, why=str(error))
    raise LookupError(f"no template for {mail.kind}")


def dressed(
    template: Words, variables: Variables, broken: Sequence[str] = (), *, strict: bool = False
) -> Rendered:
    """One template with these variables. Raises BrokenTemplate."""
    subject = render(template.subject, variables, html=False, strict=strict)
    text = render(template.text, variables, html=False, strict=strict)
    text = _MANY_EMPTY.sub("\n\n", text).strip() + "\n"
    if template.html:
        html = render(template.html, variables, html=True, strict=strict)
    else:
        html = from_text(text)
    return Rendered(
        one_line(subject)[:SUBJECT_LIMIT],
        text,
        _laid_out(html, template.language),
        template.language,
        tuple(broken),
    )


def problems(template: Words) -> list[tuple[str, Problem]]:
    """What is wrong with each part of a template; empty when it can be used, come what may."""
    found: list[tuple[str, Problem]] = []
    for name, source in (
        ("subject", template.subject), ("text", template.text), ("html", template.html)
    ):  # fmt: skip
        try:
            check(source)
            for full in (True, False):
                render(source, sample(full=full), html=name == "html", strict=True)
        except BrokenTemplate as error:
            found.append((name, error.problem))
    return found


def from_text(text: str) -> str:
    """HTML of plain text: paragraphs, lines, and links that can be followed."""
    paragraphs = [one for one in text.strip().split("\n\n") if one.strip()]
    return "\n".join(f"<p>{_linked(one)}</p>" for one in paragraphs)


def _linked(paragraph: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for link in _LINK.finditer(paragraph):
        parts.append(escape(paragraph[at : link.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(link.group()))
        at = link.end()
    parts.append(escape(paragraph[at:]))
    return Markup("").join(parts).replace("\n", Markup("<br>\n"))


def _laid_out(html: str, language: str) -> str:
    if html.lstrip()[:9].lower().startswith(("<!doctype", "<html")):
        return html
    return LAYOUT.replace("{language}", language).replace("{body}", html.strip())
