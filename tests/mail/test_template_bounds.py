"""Own templates stay within bounds of time and size, whatever multiplies in them."""

import time
from typing import Any

import pytest
from markupsafe import Markup

from mail import bounds, templating
from mail.bounds import TooMuch
from mail.rendering import problems
from mail.templating import BrokenTemplate, check, render
from mail.words import Words

LONG = "<>" * 100_000
GIVEN: dict[str, Any] = {
    "post": {"text": LONG, "html": Markup("<p>&lt;") * 40_000, "links": "www.a " * 20_000},
    "word": "http://" + "(" * 60_000 + ")" * 60_000, "by": "Anna", "nothing": "",
    "names": [{"name": "Anna"}, {"name": "Bruno <b>"}], "posts": [{"text": LONG}] * 14,
}  # fmt: skip


def quoted(letter: str) -> str:
    return f"'{letter * 900}'"


def looped(body: str) -> str:
    return "{% for one in posts %}" + body + "{% endfor %}"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"{{{{ ({quoted('a')}|join({quoted('b')}))|join({quoted('c')})|length }}}}", "Join a"),
        ("{{ names|join('" + "x" * 201 + "') }}", "at most 200"),
        ("{{ by|trim(by) }}", "between quotes"),
        ("{{ by|truncate(99999999) }}", "between quotes"),
        ("{{ by|truncate(0x" + "f" * 6_000 + ") }}", "between quotes"),
        ("{{ by" + "|trim" * 3_500 + " }}", "filters in a row"),
        ("{{ by" + ".by" * 5_000 + " }}", "nested"),
        ("{{ " + "by and " * 2_500 + "by }}", "nested"),
        ("{{ " + "not " * 4_000 + "by }}", "nested"),
        ("{% if by %}" * 100 + "{% endif %}" * 100, "nested"),
        ("{{ " + "'a' if by else (" * 60 + "by" + ")" * 60 + " }}", "nested"),
        ("{{ " + "by ~ " * 20 + "by }}", "at most 20 parts"),
        ("{{ by ~ by ~ by }}" * 7, "at most 20 parts"),
        ("{{ by }}" * 2_000, "too many parts"),
        ("a\0b", "characters that are none"),
        ("a\ud800b", "characters that are none"),
        ("{{ " + "9" * 6_000 + " }}", "cannot be read"),
        ("{{ 0x" + "f" * 6_000 + " }}", "cannot be read"),
    ],
)
def test_what_multiplies_is_refused_when_it_is_saved(source: str, why: str) -> None:
    assert len(source) <= templating.SOURCE_LIMIT
    ((part, problem),) = problems(Words("s", source))
    assert part == "text"
    assert why in problem.message, problem


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize(
    "source",
    [
        "{{ " + "post.html ~ " * 19 + "post.html }}",
        "{{ (" + "post.html ~ " * 19 + "post.html)|length }}",
        "{{ " + "posts ~ " * 19 + "posts }}",
        "{{ posts|join(attribute='text') }}",
        "{{ post.text|join(' ') }}",
        "{{ posts|upper|length }}",
        "{{ post.text|e|title|e|title|e|title|e|length }}",
        "{% for one in post.text %}x{% endfor %}",
        looped("{% if post.text in one.text %}{% endif %}" * 150),
        looped("{% if post.text is in(one.text) %}{% endif %}" * 150),
        looped("{% if one.text|upper|title %}{% endif %}" * 150),
        "{{ post.links" + "|urlize" * 9 + " }}",
    ],
)  # fmt: skip
def test_what_multiplies_only_then_is_stopped(source: str, html: bool) -> None:
    check(source)
    began = time.thread_time()
    with pytest.raises(BrokenTemplate, match=r"too long|[Ll]ist"):
        render(source, GIVEN, html=html)
    assert time.thread_time() - began < 3


@pytest.mark.parametrize(
    "source",
    ["{{ post.text|striptags|length }}", "{{ post.html|striptags|length }}",
     "{{ word|urlize|length }}", "{{ post.links|urlize|length }}"],
)  # fmt: skip
def test_long_texts_take_no_time_by_their_square(source: str) -> None:
    began = time.thread_time()
    assert render(source, GIVEN, html=True).isdigit()
    assert time.thread_time() - began < 3


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ names|join(', ', attribute='name') }}", "Anna, Bruno &lt;b&gt;"),
        ("{{ '<!-- a > b -->x <b>y</b>  &lt; z < q'|striptags }}", "x y &lt; z &lt; q"),
        ("{{ '<a'|striptags }}", "&lt;a"),
        ("{{ 'see www.a.example, <b>'|urlize(10) }}",
         'see <a href="https://www.a.example" rel="noopener">www.a.exam...</a>, &lt;b&gt;'),
        ("{% for one in names %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/2 2/2 "),
        ("{% for one in names if one.name == 'Anna' %}{{ one.name }}{% endfor %}", "Anna"),
        ("{% for one in gone %}{% else %}empty{% endfor %}", "empty"),
        ("{{ by ~ '<b>' ~ 5 }}", "Anna&lt;b&gt;5"),
        ("{{ nothing|default('nobody', true)|upper }}", "NOBODY"),
        ("{{ gone|default(by) }} {{ gone is defined }}", "Anna False"),
        ("{{ by|truncate(3, true, '…', 0) }}", "An…"),
        ("{{ names|first }}", "{&#39;name&#39;: &#39;Anna&#39;}"),
        ("{{ range }}{{ '\\x00\\ud800' }}", ""),
    ],
)  # fmt: skip
def test_what_is_usual_stays_as_it_is(source: str, text: str) -> None:
    assert render(source, GIVEN, html=True) == text


def test_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "TIME_LIMIT_S", -1)
    with pytest.raises(BrokenTemplate, match="too long"):
        render("{{ by|upper }}", GIVEN, html=False)
    bounds.check_time()
    with bounds.within(-1), pytest.raises(TooMuch):
        bounds.check_time()
