"""Bytes to a message: pure, for any bytes at all; it never raises (mail.md, 2.1 and 3.3)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from mail.message import Machine, Message
from mail.parsing import envelope, limits
from mail.parsing.addresses import recipients, sender
from mail.parsing.apart import PARSER, Died, Parser, TookTooLong
from mail.parsing.body import body_of
from mail.parsing.content import Content
from mail.parsing.headers import Headers, split
from mail.parsing.lines import forwards
from mail.parsing.machine import machine
from mail.parsing.report import report
from mail.parsing.structure import Part, Tree
from mail.parsing.vouching import authentication
from mail.parsing.words import line

LIMIT_S = 30
_T = TypeVar("_T")


def parse(raw: bytes) -> Message:
    """All of a mail that matters. What cannot be read is empty, and named in `defects`."""
    raw = _tidy(raw[: limits.RAW_BYTES])
    defects: list[str] = []
    tree = Tree(defects)
    empty = Part(Headers(), raw, 0, len(raw))
    root = _guarded(lambda: tree.read(raw, 0, len(raw)), empty, defects)
    message = _guarded(lambda: _headed(root.headers, defects), Message(), defects)
    message = _guarded(lambda: _filled(message, root, defects), message, defects)
    message = _guarded(lambda: _judged(message, root), message, defects)
    return replace(message, defects=tuple(dict.fromkeys(defects))[: limits.NOTES])


async def parse_apart(raw: bytes, parser: Parser = PARSER) -> Message:
    """The same in a process of its own, which is ended after 30 s; then only the headers count."""
    try:
        return await asyncio.to_thread(parser.parse, raw, LIMIT_S)
    except TookTooLong:
        return headed(raw, "took too long")
    except (Died, OSError) as error:
        return headed(raw, f"could not be parsed: {type(error).__name__}")


def headed(raw: bytes, defect: str) -> Message:
    """Only what the headers say, of a mail that cannot be read further."""
    defects = [defect]
    head = _tidy(raw[: limits.HEAD_BYTES // 8])
    headers = split(head, 0, len(head))[0]
    message = _guarded(lambda: _headed(headers, defects), Message(), defects)
    alone = Part(headers, head, len(head), len(head))
    message = _guarded(lambda: _judged(message, alone), message, defects)
    note = "the mail could not be read; see the original"
    return replace(message, notes=(note,), defects=tuple(defects))


def _headed(headers: Headers, defects: list[str]) -> Message:
    who, wrong = sender(headers)
    defects += wrong
    answers = [one for one in recipients(headers, "reply-to") if one.address != who.address]
    to, cc = recipients(headers, "to"), recipients(headers, "cc")
    if max(len(to), len(cc)) > limits.RECIPIENTS:
        defects.append(f"{len(to) + len(cc)} recipients")
    return Message(
        message_id=envelope.message_id(headers),
        in_reply_to=envelope.every_id(headers, "in-reply-to"),
        references=envelope.every_id(headers, "references"),
        sender=who,
        reply_to=answers[0] if answers else None,
        to=to[: limits.RECIPIENTS],
        cc=cc[: limits.RECIPIENTS],
        delivered_to=envelope.delivered_to(headers),
        return_path=envelope.return_path(headers),
        subject=line(headers.text("subject"), limits.SUBJECT),
        date=envelope.date(headers),
        loop_ids=envelope.loop_ids(headers),
        authentication=authentication(headers),
        hops=len(headers.all("received")),
    )


def _filled(message: Message, root: Part, defects: list[str]) -> Message:
    content = Content(defects=defects)
    try:
        content.walk(root)
    finally:
        shown = body_of(content, fold=not forwards(message.subject))
    return replace(message, text=shown.text, html=shown.html, notes=shown.notes, files=shown.files)


def _judged(message: Message, root: Part) -> Message:
    kind = machine(root.headers, root, message.sender, message.return_path, message.text)
    if kind is not Machine.BOUNCE:
        return replace(message, machine=kind)
    return replace(message, machine=kind, report=report(root.headers, root, message.text))


def _guarded(make: Callable[[], _T], otherwise: _T, defects: list[str]) -> _T:
    """What this makes, or what stands for it when a mail finds a fault of ours."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001
        defects.append(f"could not be read: {type(error).__name__}")
        return otherwise


def _tidy(raw: bytes) -> bytes:
    """Without what stands before the headers: marks, blank lines, the line of a mailbox file."""
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw
