"""Quotes are folded where nothing is lost by it, and everything stays (case 39)."""

# ruff: noqa: E501, RUF001 (mails stand here as they come)

import re

import pytest

from actions.texts import sanitised
from mail.parse import parse
from tests.mail.mails import check, mail, read

FOLDED = {
    "gmail": "Yes.\n\nOn Mon, 3 Feb 2025 at 10:00, Jane <jane@x.example> wrote:\n> Do you?\n> Jane\n",
    "two lines": "Yes.\n\nOn Mon, 3 Feb 2025 at 10:00, Jane Long Name\n<jane@x.example> wrote:\n\n> Do you?\n",
    "german": "Ja.\n\nAm 03.02.25 um 10:00 schrieb Jane Doe:\n> Kommst du?\n",
    "italian": "Sì.\n\nIl giorno lun 3 feb 2025 alle ore 10:00 Jane <j@x.example> ha scritto:\n\n> Vieni?\n",
    "russian": "Да.\n\n3 февраля 2025 г., 10:00, Jane <j@x.example> пишет:\n> Придёшь?\n",
    "mail.ru": "Да.\n\nПонедельник, 3 февраля 2025, 10:00 +03:00 от Jane <j@x.example>:\n>Придёшь?\n>x\n>y\n",
    "outlook": "Yes.\n\nFrom: Jane <jane@x.example>\nSent: Monday, 3 February 2025 10:00\nTo: Max\nSubject: Come?\n\nDo you?\n",
    "outlook de": "Ja.\n\n________________________________\nVon: Jane <j@x.example>\nGesendet: Montag, 3. Februar 2025 10:00\nAn: Max\nBetreff: Komm\n\nKommst du?\n",
    "outlook ru": "Да.\n\nОт: Jane <j@x.example>\nОтправлено: 3 февраля 2025 г. 10:00\nКому: Max\nТема: Приходи\n\nПридёшь?\n",
    "original": "Yes.\n\n-----Original Message-----\nFrom: Jane\nSent: Monday\nTo: Max\nSubject: x\n\nDo you?\n",
    "bare quote": "Yes.\n\n> one\n> two\n> three\n",
    "iphone": "Yes.\n\nSent from my iPhone\n\n> On 3 Feb 2025, at 10:00, Jane <j@x.example> wrote:\n> \n> Do you?\n",
}
KEPT = {
    "bottom": "On Mon, 3 Feb 2025, Jane wrote:\n> Do you?\n> Jane\n\nYes.\n",
    "bottom with greeting": "Hi Jane,\n\nOn Mon, 3 Feb 2025, Jane wrote:\n> Do you?\n\nYes.\n",
    "between": "On Mon, Jane wrote:\n> One?\nYes.\n> Two?\nNo.\n",
    "between with greeting": "Hello,\n\nOn Mon, 3 Feb 2025, Jane <j@x> wrote:\n> One?\nYes.\n> Two?\n",
    "only a quote": "> one\n> two\n> three\n",
    "only a quote with its head": "On Mon, 3 Feb 2025, Jane wrote:\n> one\n> two\n> three\n",
    "below": "See below.\n\nFrom: J <j@x>\nSent: Monday\nTo: Max\nSubject: x\n\nOne? YES\n",
    "forwarded": "FYI\n\n---------- Forwarded message ---------\nFrom: J <j@x>\nDate: Mon\nSubject: x\nTo: M\n\nText\n",
    "forwarded de": "Zur Info\n\n-------- Weitergeleitete Nachricht --------\nBetreff: \tx\nVon: J\nAn: M\n\nText\n",
    "no quote": "I wrote:\nnothing to fold: really.\n",
    "from in a text": "From: what I can see, all is well.\n",
    "two quoted lines": "Yes.\n> one\n> two\n",
}


def shown_and_folded(html: str) -> tuple[str, str]:
    before, found, after = html.partition("<details><summary>…</summary>")
    assert html.count("<details>") == html.count("</details>") == (1 if found else 0)
    return read(before), read(after.replace("</details>", ""))


def letters(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", FOLDED)
def test_folded(name: str) -> None:
    text = FOLDED[name]
    message = parse(mail(text, content_type="text/plain; charset=utf-8"))
    check(message)
    assert message.text.strip() == text.strip()
    shown, folded = shown_and_folded(message.html)
    assert shown.split(".")[0] in ("Yes", "Ja", "Sì", "Да")
    assert "?" not in shown
    assert folded
    assert letters(shown + folded) == letters(text)
    again = sanitised(message.html)
    assert shown_and_folded(again.html) == (shown, folded)


@pytest.mark.parametrize("name", KEPT)
def test_kept_open(name: str) -> None:
    text = KEPT[name]
    message = parse(mail(text, content_type="text/plain; charset=utf-8"))
    check(message)
    shown, folded = shown_and_folded(message.html)
    assert folded == ""
    assert letters(shown) == letters(text)


def test_a_forwarded_mail_by_its_subject() -> None:
    text = FOLDED["outlook"]
    for subject in ("FW: x", "WG: x", "Fwd: x", "I: x"):
        assert "<details>" not in parse(mail(text, subject=subject)).html


HTML = {
    "gmail": '<div dir="ltr">Yes.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 3 Feb 2025 at 10:00, Jane &lt;<a href="mailto:j@x.example">j@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0">Do you?</blockquote></div>',
    "apple": '<html><body>Yes.<br><div><br><blockquote type="cite"><div>On 3 Feb 2025, at 10:00, Jane &lt;j@x.example&gt; wrote:</div><br><div>Do you?</div></blockquote></div></body></html>',
    "thunderbird": '<p>Yes.</p><div class="moz-cite-prefix">Am 03.02.25 um 10:00 schrieb Jane:<br></div><blockquote type="cite" cite="mid:x"><p>Do you?</p></blockquote>',
    "outlook": "<div class=WordSection1><p class=MsoNormal>Yes.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Jane &lt;j@x.example&gt; <br><b>Sent:</b> Monday, 3 February 2025 10:00<br><b>To:</b> Max<br><b>Subject:</b> Come<o:p></o:p></p></div></div><p class=MsoNormal>Do you?</p></div>",
    "outlook.com": '<div>Yes.</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>Von:</b> Jane<br><b>Gesendet:</b> Montag<br><b>An:</b> Max<br><b>Betreff:</b> x</div><div>Do you?</div>',
    "yandex": '<div>Yes.</div><div> </div><div>03.02.2025, 10:00, "Jane" &lt;j@x.example&gt;:</div><blockquote><p>Do you?</p></blockquote>',
    "yahoo": '<div>Yes.</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div><div>On Monday, Jane wrote:</div><div>Do you?</div></div></div>',
    "in a table": "<table><tr><td>Yes.<br><blockquote>Do you?<br>a<br>b</blockquote></td></tr></table>",
}


@pytest.mark.parametrize("name", HTML)
def test_html_folded(name: str) -> None:
    message = parse(mail(HTML[name], content_type="text/html; charset=utf-8"))
    check(message)
    shown, folded = shown_and_folded(message.html)
    assert shown.startswith("Yes.")
    assert "Do you?" not in shown
    assert "Do you?" in folded
    assert "Do you?" in message.text
    assert shown_and_folded(sanitised(message.html).html)[1] == folded


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>Do you?</blockquote><p>Yes.</p>",
        "<p>Hi,</p><blockquote>One?</blockquote><p>Yes.</p><blockquote>Two?</blockquote><p>No</p>",
        "<blockquote>only<br>a<br>quote</blockquote>",
        '<div class="gmail_quote"><blockquote>only a quote</blockquote></div>',
        '<div>FYI</div><div class="gmail_quote">---------- Forwarded message ---------<br>From: J<br>x</div>',
        '<div>Hi</div><div class="gmail_quote">On Mon, J wrote:<blockquote>One?</blockquote>Yes.</div>',
        "<p>x <span>y<blockquote>z</blockquote></span> end</p>",
    ],
)
def test_html_kept_open(html: str) -> None:
    message = parse(mail(html, content_type="text/html"))
    check(message)
    assert "<details>" not in message.html
    assert letters(read(message.html)) == letters(read_raw(html))


def read_raw(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def test_patterns_are_given_little() -> None:
    for body in (
        "On a wrote:\n" * 20_000,
        "On " + "a " * 200_000 + "wrote",
        "On\n" * 50_000,
        ("On " + "a " * 140 + "\n") * 2_000 + "wrote:",
        "From: x\n" * 30_000,
        "> " * 100_000,
        "Am schrieb " * 20_000,
        ("2025年1月1日" * 40 + "\n") * 500,
    ):
        check(parse(mail("Hi\n\n" + body)))
