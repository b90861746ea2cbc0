"""The words of a kind of mail: the defaults, which are files, and what people wrote instead."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tortoise.expressions import Q

from models.mail_enums import MailKind
from models.mails import MailTemplate

FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("en", "it", "ru")
"""What the defaults are shipped in; the first is what everybody gets otherwise."""
SEPARATOR = "\n---\n"


@dataclass(frozen=True)
class Words:
    """A template: subject, text, and HTML, which is empty when it is made from the text."""

    subject: str
    text: str
    html: str = ""
    language: str = LANGUAGES[0]
    own_id: int | None = None
    """The row, if it is not a default."""


@cache
def default(kind: MailKind, language: str) -> Words | None:
    """The default in this language, if there is one."""
    if language not in LANGUAGES:
        return None
    source = (FOLDER / language / f"{kind.value.lower()}.jinja").read_text(encoding="utf-8")
    subject, text, *html = source.split(SEPARATOR, 2)
    return Words(subject.strip(), text, html[0] if html else "", language)


async def candidates(
    kind: MailKind, department_id: int | None, languages: Sequence[str]
) -> list[Words]:
    """The words to try: language by language, the department's, the desk's, the default.

    The last is the default in English.
    """
    found = await MailTemplate.filter(kind=kind)
    own = {(one.department_id, one.language): one for one in found}
    words: list[Words] = []
    for language in dict.fromkeys((*languages, LANGUAGES[0])):
        for whose in dict.fromkeys((department_id, None)):
            row = own.get((whose, language))
            if row is not None:
                words.append(Words(row.subject, row.text, row.html, row.language, row.id))
        shipped = default(kind, language)
        if shipped is not None:
            words.append(shipped)
    return words


def spoken(*languages: str) -> tuple[str, ...]:
    """Each, and without its region, those that are empty left out."""
    return tuple(
        form for one in languages if one for form in dict.fromkeys((one, one.partition("-")[0]))
    )


@dataclass(frozen=True)
class InForce:
    """What is said in mails of a kind to people of a language, and whose words these are."""

    kind: MailKind
    language: str
    words: Words
    own: bool
    """The department's (or, of the desk, the desk's), and to be reset."""


async def in_force(department_id: int | None, languages: Sequence[str]) -> list[InForce]:
    """Every kind in every language: as many statements as for one."""
    found = await MailTemplate.filter(
        Q(department_id=department_id) | Q(department_id__isnull=True)
    )
    own = {(one.department_id, one.kind, one.language): one for one in found}
    told: list[InForce] = []
    for kind in MailKind:
        for language in languages:
            rows = [own.get((whose, kind, language)) for whose in (department_id, None)]
            row = next((one for one in rows if one is not None), None)
            if row is not None:
                words = Words(row.subject, row.text, row.html, language, row.id)
            else:
                words = default(kind, language) or default(kind, LANGUAGES[0])
            if words is not None:
                told.append(InForce(kind, language, words, rows[0] is not None))
    return told
