"""The defaults work whatever there is; own templates work, or say in which line they do not."""

from itertools import product

import pytest

from mail import templating, words
from mail.rendering import dressed, problems
from mail.templating import BrokenTemplate, render
from mail.variables import sample
from mail.words import LANGUAGES, Words
from models.mail_enums import MailKind


@pytest.mark.parametrize("kind", MailKind)
def test_every_default_works_whatever_there_is(kind: MailKind) -> None:
    for language, full in product(LANGUAGES, (True, False)):
        template = words.default(kind, language)
        assert template is not None
        assert problems(template) == []
        done = dressed(template, sample(full=full), strict=True)
        assert done.subject
        assert done.text.strip()
        assert f'<html lang="{language}">' in done.html
        assert "\n\n\n" not in done.text
        assert "Undefined" not in done.html


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("ok\n{{ nobody }}", 2, "nobody"),
        ("{{ contact.nothing }}", 1, "nothing"),
        ("a\n\n{% if %}", 3, ""),
        ("{% for a in range(10) %}{% endfor %}", 1, ""),
        ("{% for a in items %}\n{% for b in items %}x{% endfor %}{% endfor %}", 2, "within"),
        ("{{ 'a' * 1000000000 }}", 1, "Mul"),
        ("{{ 9 ** 99999999 }}", 1, "Pow"),
        ("{{ '%9999999999d' % 1 }}", 1, "Mod"),
        ("{{ 'a'|center(1000000000) }}", 1, "center"),
        ("{{ 'x'.__class__ }}", 1, "__class__"),
        ("{{ contact['na' ~ 'me'] }}", 1, "Getitem"),
        ("{{ contact.name.upper() }}", 1, "Call"),
        ("{% macro m() %}{% endmacro %}", 1, "Macro"),
        ("{% include 'x' %}", 1, "Include"),
        ("{% set a = 1 %}", 1, ""),
        ("{% for a in items %}{% endfor %}" * 6, 1, "at most 5"),
        ("x" * 20_001, 1, "Shorten"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", 1, ""),
    ],
)
def test_what_own_templates_may_not(source: str, line: int, why: str) -> None:
    ((part, problem),) = problems(Words("s", source))
    assert part == "text"
    assert problem.line == line, problem
    assert why in problem.message
    assert problem.message


def test_a_variable_that_is_missing_only_sometimes() -> None:
    """The one with as little as there can be finds it."""
    ((_, problem),) = problems(Words("s", "{{ last_7_posts|first }}"))
    assert problem.line == 1
    assert problems(Words("s", "{% if last_7_posts %}{{ last_7_posts|first }}{% endif %}")) == []
    found = problems(Words("{{ subject }}", "ok", "<p>{{ last_7_posts.nothing }}"))
    assert [part for part, _ in found] == ["subject", "html"]


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "OUTPUT_LIMIT", 10)
    with pytest.raises(BrokenTemplate, match="too long"):
        render("{{ a }}", {"a": "x" * 11}, html=False)


def test_subjects_are_one_line() -> None:
    given = {**sample(full=True), "by": "a\r\nBcc: evil@x\r\n\u202eb"}
    done = dressed(Words("{{ by }}\r\nX: y", "t"), given)
    assert done.subject == "a Bcc: evil@x b X: y"
    assert len(dressed(Words("x" * 900, "t"), given).subject) == 250
