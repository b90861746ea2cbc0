"""Mails as bytes, put together for tests, and what holds of every message."""

import base64
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import cast

from mail.message import Message

TAGS = {
    "a", "abbr", "acronym", "article", "aside", "b", "bdi", "blockquote", "br", "caption",
    "center", "cite", "code", "col", "colgroup", "data", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hgroup", "hr", "i", "img", "ins", "kbd", "li", "mark", "nav", "ol", "p",
    "pre", "q", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span", "strike", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tfoot", "time", "tr",
    "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
ATTRIBUTES = {
    "href", "rel", "src", "alt", "style", "title", "dir", "lang", "width", "height", "align",
    "colspan", "rowspan", "scope", "headers", "char", "charoff", "start", "span", "size",
    "color", "face", "datetime", "hreflang", "summary", "type",
}  # fmt: skip
SCHEMES = ("http:", "https:", "mailto:", "tel:", "cid:")


def mail(body: str | bytes = "Hello.", *, sender: str | bytes = "Max <max@x.example>",
         **headers: str | bytes) -> bytes:  # fmt: skip
    """A mail of one part; `subject=`, `content_type=` … become headers."""
    rows = [b"From: " + _bytes(sender)]
    rows += [name.replace("_", "-").encode() + b": " + _bytes(v) for name, v in headers.items()]
    return b"\r\n".join(rows) + b"\r\n\r\n" + _bytes(body)


def part(type: str, content: str | bytes, *headers: str) -> bytes:
    """A part, its content as it is."""
    return "\r\n".join((f"Content-Type: {type}", *headers, "", "")).encode() + _bytes(content)


def encoded(type: str, content: bytes, *headers: str) -> bytes:
    """A part in base64."""
    body = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return part(type, body, "Content-Transfer-Encoding: base64", *headers)


def multipart(kind: str, *parts: bytes, boundary: str = "bb", **headers: str | bytes) -> bytes:
    """A mail of several parts; `kind` with parameters, but for the boundary."""
    return mail(_joined(parts, boundary), content_type=f'multipart/{kind}; boundary="{boundary}"',
                **headers)  # fmt: skip


def nested(kind: str, *parts: bytes, boundary: str = "inner") -> bytes:
    """Several parts as one."""
    return part(f'multipart/{kind}; boundary="{boundary}"', _joined(parts, boundary))


def strings(value: object) -> Iterator[str]:
    """Every text in a message."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in cast("tuple[object, ...]", value):
            yield from strings(one)
    elif is_dataclass(value):
        for one in fields(value):
            yield from strings(getattr(value, one.name))
    else:
        assert value is None or isinstance(value, (int, bytes, datetime))


def check(message: Message) -> None:
    """What holds of the message of any mail."""
    for text in strings(message):
        assert "\0" not in text
        text.encode()
    check_html(message.html, {one.content_id for one in message.files if one.inline})
    assert len(message.html.encode()) <= 200_000
    assert len(message.text.encode()) <= 200_000
    assert bool(message.html) >= bool(message.text)
    assert len(message.files) <= 100
    assert len(message.references) <= 50
    assert len(message.in_reply_to) <= 50
    assert len(message.subject) <= 250
    assert message.sender.address is None or message.sender.address.count("@") == 1
    for file in message.files:
        assert file.name
        assert len(file.name) <= 255
        assert not set(file.name) & set('/\\<>:"|?*\u202e')


class _Dom(HTMLParser):
    """Fails on whatever is not in the lists; knows what is open."""

    def __init__(self, pictures: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.pictures = pictures
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            self._check(tag, name, (value or "").strip())
        if tag == "a" and dict(attrs).get("href"):
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow"

    def _check(self, tag: str, name: str, value: str) -> None:
        if name == "src":
            assert tag == "img"
            assert value.removeprefix("cid:") in self.pictures, value
        if name == "href":
            assert tag == "a"
            assert value.lower().startswith(SCHEMES), value
        if name == "style":
            lowered = value.lower()
            assert "\\" not in value
            assert not any(one in lowered for one in ("url", "expression", "position", "@", "/*"))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(data)


def check_html(html: str, pictures: set[str]) -> list[str]:
    """Asserts that a parsed page has only harmless things in it; its tags."""
    dom = _Dom(pictures)
    dom.feed(html)
    dom.close()
    return dom.tags


def read(html: str) -> str:
    """The text of a page, all of it."""
    dom = _Dom({one.split('"')[0] for one in html.split('src="cid:')[1:]})
    dom.feed(html)
    dom.close()
    return " ".join("".join(dom.texts).split())


def _joined(parts: tuple[bytes, ...], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + one + b"\r\n" for one in parts) + mark + b"--\r\n"


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
