"""What parsing a mail costs: seconds and memory for mails of every day and of ill will.

Run as `python -m bench.mail_parse`. One JSON line per kind of mail; the ratio is its time against
that of a short plain mail. Memory is what Python took at most, in megabytes, beside the mail.
"""

import base64
import sys
import tracemalloc
from statistics import median
from time import perf_counter

from bench.support.options import Size, sizes
from bench.support.report import figure
from mail.parse import parse

HEAD = b"From: Max <max@x.example>\r\nTo: support@desk.example\r\nSubject: A mail\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
FLOWED = HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def mails(kilobytes: int) -> dict[str, bytes]:
    """By name; the large ones of about so many kilobytes."""
    size = kilobytes * 1000
    row = b"<p style='color:red'>A row of <b>text</b>, <a href='https://x.example'>a link</a></p>\n"
    return {
        "short": HEAD + b"\r\nHello.\r\n",
        "reply": HEAD + b"\r\nYes.\r\n\r\nOn Mon, Jane wrote:\r\n" + b"> A line.\r\n" * 60,
        "newsletter": HTML + row * 900,
        "text": HEAD + b"\r\n" + b"A line of text in a long mail.\r\n" * (size // 32),
        "file": MIXED + _file(size * 3 // 4),
        "70 files": MIXED + _file(size // 100) * 70,
        "html of paragraphs": HTML + b"<p>" * (size // 3),
        "html of ampersands": HTML + b"&" * size,
        "html of bold": HTML + b"<b>x" * (size // 4),
        "html of data": HTML + b"<img src=data:image/png;base64,AAAA>" * (size // 36),
        "nested parts": MIXED + _nested(min(1000, size // 60)),
        "many parts": MIXED + b"--b\r\n\r\nx\r\n" * (size // 10),
        "many headers": HEAD + b"A: b\r\n" * (size // 6) + b"\r\nHi",
        "many recipients": HEAD + b"Cc: " + b"P <p@x.example>, " * (size // 17) + b"\r\n\r\nHi",
        "parentheses": b"From: " + b"(" * size + b"\r\n\r\nHi",
        "encoded words": HEAD + b"X-A: " + b"=?utf-8?q?a?= " * (size // 14) + b"\r\n\r\nHi",
        "attributions": HEAD + b"\r\nHi\r\n" + b"On a a a a wrote:\r\n" * (size // 19),
        "attributions in parts": MIXED + _slow(b"\r\n", b"text/plain") * (size // 12_000),
        "attributions in html": MIXED + _slow(b"<br>\r\n", b"text/html") * (size // 12_000),
        "flowed": FLOWED + b"a \r\n" * (size // 4),
        "noise": HEAD + b"\r\n" + bytes(range(256)) * (size // 256),
    }  # fmt: skip


def main(kilobytes: int, times: int) -> None:
    parse(b"")
    base = 0.0
    for name, raw in mails(kilobytes).items():
        took = median(_seconds(raw) for _ in range(times))
        base = base or took
        figure(
            f"mail_parse: {name}",
            took / base,
            milliseconds=round(took * 1000, 2),
            peak_mb=round(_peak(raw) / 1e6, 1),
            mail_kb=round(len(raw) / 1000),
        )


def _seconds(raw: bytes) -> float:
    start = perf_counter()
    parse(raw)
    return perf_counter() - start


def _peak(raw: bytes) -> int:
    tracemalloc.start()
    try:
        parse(raw)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _file(size: int) -> bytes:
    body = base64.encodebytes(bytes(size))
    return (
        b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + body + b"\r\n"
    )


def _slow(end: bytes, kind: bytes) -> bytes:
    """A part of lines that are slow to tell from the one that attributes a quote."""
    lines = [b"On " + b" " * 200 + b":", b"On " + b"a " * 95 + b":"]
    text = end.join([b"Hello.", *lines * 30])
    return b"--b\r\nContent-Type: " + kind + b"\r\n\r\n" + text + b"\r\n"


def _nested(depth: int) -> bytes:
    rows = [
        b"--%b\r\nContent-Type: multipart/mixed; boundary=n%d\r\n\r\n" % (b"n%d" % (n - 1), n)
        for n in range(1, depth)
    ]
    return b"--b\r\nContent-Type: multipart/mixed; boundary=n0\r\n\r\n" + b"".join(rows)


if __name__ == "__main__":
    given = sizes(
        __doc__,
        kilobytes=Size(24_000, 20, "size of the large mails"),
        times=Size(3, 1, "how often each is parsed"),
    )
    sys.exit(main(**given))
