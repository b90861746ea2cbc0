"""Styles of mails stay within the box that a mail is shown in; so do its pictures."""

import pytest

from mail.parse import parse
from mail.parsing.styles import size, styles
from tests.mail.mails import check, mail, read


@pytest.mark.parametrize(
    "value",
    [
        "margin:0 auto;padding:10px 20px;width:600px",
        "font-size:14px;line-height:1.5;font-family:'Segoe UI', Arial",
        "border:1px solid rgb(10, 20, 30);border-top:2px dashed #abcdef",
        "font-size:2em;width:100%;font-weight:700;color:hsla(10,20%,30%,.5)",
        "margin-left:.5in;letter-spacing:0.05em;vertical-align:top",
        "width:100.0%;font-size:large !important;background-color:#fff",
        "text-decoration:underline;line-height:normal;text-indent:12pt",
    ],
)
def test_styles_of_every_day_stay(value: str) -> None:
    assert styles(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "margin-top:-900px",
        "margin:0 0 0 -500px",
        "margin:0 - 500px",
        "text-indent:-.5in",
        "letter-spacing:-20px",
        "margin-left:900px",
        "width:4000px",
        "width:101%",
        "width:100vw",
        "width:1e9px",
        "width:99999999px",
        "width:calc(0px - 900px)",
        "margin:min(1px, 2px)",
        "padding:90em",
        "font-size:90px",
        "font-size:900%",
        "line-height:99",
        "line-height:50em",
        "border:400px solid white",
        "text-decoration:underline 900px white",
        "text-indent:300px",
        "vertical-align:900px",
        "color:var(--x)",
        "color:attr(title)",
        "background-color:url(x)",
        "font-size:1٩px",
        "position:fixed",
        "height:10px",
    ],
)
def test_styles_that_leave_the_box_go(value: str) -> None:
    assert styles(value) is None
    assert styles(f"color:red;{value};color:blue") == "color:red;color:blue"


def test_sizes_of_attributes() -> None:
    assert [size(one) for one in ("600", "100%", "12.5%", "2000px")] == [
        "600", "100%", "12.5%", "2000px",
    ]  # fmt: skip
    assert [size(one) for one in ("99999999", "101%", "-5", "3000")] == [None] * 4


def test_a_mail_in_its_box() -> None:
    message = parse(
        mail(
            '<div style="margin-top:-900px;margin-left:-500px;width:4000px;background-color:white;'
            'font-size:90px">Fake</div><hr width="99999999"><hr width="50%">',
            content_type="text/html",
        )
    )
    check(message)
    assert message.html == '<div style="background-color:white">Fake</div><hr><hr width="50%">'


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("//e.example/x", "[image not loaded: a, e.example]"),
        ("/x", "[image not loaded: a]"),
        ("images/x.png", "[image not loaded: a]"),
        (r"\\e.example\x", "[image not loaded: a]"),
        (" https://e.example/x", "[image not loaded: a, e.example]"),
    ],
)
def test_every_picture_that_is_elsewhere_has_a_placeholder(source: str, shown: str) -> None:
    message = parse(mail(f"<img src='{source}' alt=a>", content_type="text/html"))
    check(message)
    assert read(message.html) == shown
    assert message.notes[-1] == "images of other servers were not loaded: 1"


def test_links_to_nowhere_are_texts() -> None:
    links = ("//e.example/x", "/x", "x", r"\\e.example", "?q", "#top", "", "java\tscript:x")
    html = "".join(f"<a href='{one}'>x</a>" for one in links)
    message = parse(mail(html, content_type="text/html"))
    check(message)
    assert "href" not in message.html
