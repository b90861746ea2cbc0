"""Where the mails of an mbox begin and end."""

import io
import mailbox as formats
from pathlib import Path

import pytest

from mail.mbox import mails, unquoted

DATED = b"From maria@x.example Mon Mar  1 10:00:00 2021\n"
MAIL = b"Subject: x\n\nHello.\n"


def cut(raw: bytes) -> list[bytes]:
    return [raw[start:end] for start, end in mails(io.BytesIO(raw))]


@pytest.mark.parametrize(
    "separator",
    [
        DATED,
        b"From - Mon Mar 01 10:00:00 2021\n",
        b"From MAILER-DAEMON Mon Mar 1 10:00:00 2021\r\n",
        b"From 1234567890@xxx Mon Mar 01 10:00:00 +0000 2021\n",
        b"From maria at x.example  Mon Mar  1 10:00:00 2021\n",
        b"From maria@x.example Mon Mar  1 10:00 UTC 2021 remote from host\n",
        b"From maria@x.example Mon, 1 Mar 2021 10:00:00 +0100\n",
        b"From  Mon Mar  1 10:00:00 2021\n",
    ],
)
def test_separators(separator: bytes) -> None:
    raw = separator + MAIL + b"\n" + separator + MAIL
    assert cut(raw) == [MAIL, MAIL]


@pytest.mark.parametrize(
    "line",
    [
        b"From next Monday I am away.\n",
        b"From here on Mon Mar 1 is free.\n",
        b">From maria@x.example Mon Mar  1 10:00:00 2021\n",
        b"from maria@x.example Mon Mar  1 10:00:00 2021\n",
        b"x" * 65_536 + DATED,
        b"From 10:00:00 2021\n",
    ],
)
def test_a_sentence_is_no_separator(line: bytes) -> None:
    for body in (line, b"\n" + line, b"\n" + line + b"Name: x\n"):
        mail = MAIL + body + b"more\n"
        assert cut(DATED + mail) == [mail]


def test_a_separator_within_a_text_is_text_without_a_header_after_it() -> None:
    assert cut(DATED + MAIL + DATED + b"Hello\n") == [MAIL + DATED + b"Hello\n"]
    assert cut(DATED + MAIL + DATED + MAIL) == [MAIL, MAIL], "some write no blank line"


def test_what_is_no_mbox_has_no_mails() -> None:
    for raw in (b"", b"\n", b"Hello.\n", b"\xff" * 100_000, b"From x\n"):
        assert cut(raw) == []


def test_mails_are_those_of_python(tmp_path: Path) -> None:
    box = formats.mbox(tmp_path / "box")
    for n in range(5):
        box.add(f"Subject: {n}\n\nHello.\n{chr(10) * n}".encode())
    box.add(b"Subject: 8-bit\r\n\r\n\xff\r\n")
    box.flush()
    expected = [box.get_bytes(key) for key in box.keys()]  # noqa: SIM118
    box.close()
    assert cut((tmp_path / "box").read_bytes()) == expected


def test_one_quote_is_taken_off() -> None:
    raw = b">From a\n>>From b\nsee >From c\n> From d\n>Fromage\n"
    assert unquoted(raw) == b"From a\n>From b\nsee >From c\n> From d\n>Fromage\n"
