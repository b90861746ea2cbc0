"""The texts of a mail put together: what a person reads, in both forms, within limits."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace

from mail.message import File
from mail.parsing import limits
from mail.parsing.content import Content
from mail.parsing.html import Shown, safe, with_data_images
from mail.parsing.lines import Tries
from mail.parsing.pieces import Piece
from mail.parsing.plain import as_html


@dataclass(frozen=True)
class Body:
    """What goes into a message."""

    text: str
    html: str
    notes: tuple[str, ...]
    files: tuple[File, ...]


def body_of(content: Content, *, fold: bool) -> Body:
    """The texts in their order; what is too long to be shown is a file too."""
    content.pieces = [_with_images(one, content) for one in content.pieces]
    shown = _html(content, content.tries if fold else None)
    text = shown.text
    if not text.strip() and not shown.pictures:
        content.note("no readable text")
    _whole(content, text, cut=shown.cut)
    if shown.blocked:
        content.note(f"images of other servers were not loaded: {shown.blocked}")
    if content.files.left_out:
        content.note(f"attachments left out, only in the original: {content.files.left_out}")
    files = content.files.settled(shown.pictures)
    text = _cut(text, limits.TEXT_BYTES)
    html = shown.html or (as_html(_cut(text, limits.TEXT_BYTES // 4)) if text else "")
    return Body(text, html, tuple(content.notes), files)


def _html(content: Content, fold: Tries | None) -> Shown:
    cids = {one.content_id.lower(): one.content_id for one in content.files.files if one.content_id}

    def known(cid: str) -> str:
        return cids.get(cid.lower(), "")

    out: list[Shown] = []
    left = limits.RAW_HTML
    for one in content.pieces:
        left -= len(one.html or one.text or "")
        out.append(_piece(one, known, fold) if left > 0 or not out else _unread(one))
    whole = Shown(
        "".join(one.html for one in out),
        "\n\n".join(one.text for one in out if one.text),
        frozenset(cid for one in out for cid in one.pictures),
        sum(one.blocked for one in out),
        any(one.cut for one in out),
        any(one.links_cut for one in out),
    )
    if whole.links_cut:
        content.note("some links were left out")
    if len(whole.html.encode()) > limits.HTML_BYTES:
        return Shown("", whole.text, cut=True)
    return whole


def _piece(piece: Piece, known: Callable[[str], str], fold: Tries | None) -> Shown:
    """One text in both forms; the plain one is the text part's, if that says anything."""
    text = (piece.text or "").strip("\n")
    if piece.html is not None:
        shown = safe(piece.html, known, fold)
        if shown.html.strip() or not text.strip():
            return replace(shown, text=text) if text.strip() else shown
    if not text.strip():
        return Shown()
    shorter = _cut(text, limits.TEXT_BYTES)
    html = as_html(shorter, fold)
    most = limits.HTML_BYTES
    while len(html.encode()) > limits.HTML_BYTES:
        most //= 2
        shorter = _cut(text, most)
        html = as_html(shorter)
    return Shown(html, text, cut=len(shorter) < len(text))


def _unread(piece: Piece) -> Shown:
    return Shown(text=piece.text or "", cut=True)


def _with_images(piece: Piece, content: Content) -> Piece:
    def keep(kind: str, written: str) -> str:
        number = len(content.files.files) + 1
        cid = f"picture-{number}@written"
        try:
            content.files.add("", f"image/{kind}", base64.b64decode(written), cid)
        except binascii.Error:
            return "broken"
        return cid

    return Piece(piece.text, with_data_images(piece.html, keep)) if piece.html else piece


def _whole(content: Content, text: str, *, cut: bool) -> None:
    """Keep as files what is longer than an entry takes."""
    if len(text.encode()) <= limits.TEXT_BYTES and not cut:
        return
    content.note("shortened here; the whole text is attached")
    for piece in content.pieces:
        if piece.html:
            content.files.add("message.html", "text/html", piece.html.encode())
        if piece.text:
            content.files.add("message.txt", "text/plain", piece.text.encode())


def _cut(text: str, most: int) -> str:
    """At most so many bytes of it, up to the end of a line if there is one near."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    short = raw[:most].decode("utf-8", "ignore")
    line, end, _ = short.rpartition("\n")
    return line if end and len(line) > len(short) // 2 else short
