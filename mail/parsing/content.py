"""What a mail says and brings: its text in both forms, its files, and notes for the reader."""

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.message import Message as Part
from typing import Any

from actions.texts import plain_text
from mail.message import File
from mail.parsing import folding, names
from mail.parsing.safe_html import LIMIT as HTML_LIMIT, harmless
from mail.parsing.structure import Leaf, subparts
from mail.parsing.text import clean, decoded, line
from mail.parsing.tnef import unpacked

FILES = 100
TEXT_LIMIT = 200_000
"""Characters of a text that are shown; all of a longer one is attached."""
SHOWN_LIMIT = 400_000
"""Bytes of HTML in the timeline; of a longer one the text is shown, and the HTML attached."""
SIGNATURES = frozenset(
    ["application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"]
)
ENCRYPTED = frozenset(["application/pkcs7-mime", "application/x-pkcs7-mime"])
TNEF = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])
NOTHING_READABLE = "no readable text"


@dataclass
class Content:
    """Gathered part by part."""

    texts: list[tuple[Leaf, str]] = field(default_factory=list[tuple[Leaf, str]])
    """Plain text and HTML, in order."""
    files: list[File] = field(default_factory=list[File])
    notes: list[str] = field(default_factory=list[str])
    left_out: int = 0

    def note(self, text: str) -> None:
        """Once."""
        if text not in self.notes:
            self.notes.append(text)

    def attach(self, file: File) -> None:
        """As long as there are not too many."""
        if len(self.files) < FILES:
            self.files.append(file)
        else:
            self.left_out += 1


@dataclass(frozen=True)
class Shown:
    """The outcome."""

    text: str
    html: str
    files: tuple[File, ...]
    notes: tuple[str, ...]


def content_of(leaves: list[Leaf]) -> Shown:
    """What people read of the leaves of a mail."""
    content = Content()
    for number, leaf in enumerate(leaves, start=1):
        _take(content, leaf, number)
    shown = _bodies(content)
    if content.left_out:
        content.note(f"{content.left_out} more attachments were left out")
    return replace(shown, notes=tuple(content.notes))


def payload(part: Part) -> bytes:
    """The bytes of a leaf; what cannot be decoded stays as it is."""
    try:
        content: Any = part.get_payload(decode=True)
    except (ValueError, LookupError, binascii.Error, UnicodeError, TypeError, AttributeError):
        content = None
    if isinstance(content, bytes):
        return content
    raw: Any = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _take(content: Content, leaf: Leaf, number: int) -> None:
    taken = TAKEN.get(leaf.media_type)
    if taken is not None:
        taken(content, leaf, number)
    elif leaf.media_type in {"text/plain", "text/html"} and not _is_file(leaf):
        content.texts.append((leaf, text_of(leaf)))
    else:
        _attach(content, leaf, number)


def _is_file(leaf: Leaf) -> bool:
    """A text that came as a file, and is none of the mail's own words."""
    if leaf.disposition == "attachment":
        return True
    return bool(leaf.headers.has("content-disposition") and "name" in _disposition(leaf))


def _disposition(leaf: Leaf) -> str:
    return leaf.headers.first("content-disposition").lower()


def text_of(leaf: Leaf) -> str:
    """A text part, decoded."""
    try:
        charset = str(leaf.part.get_param("charset") or "")
    except (ValueError, LookupError, TypeError, IndexError):
        charset = ""
    text = decoded(payload(leaf.part), charset)
    flowed = "flowed" in leaf.headers.first("content-type").lower()
    return _unflowed(text) if flowed and leaf.media_type == "text/plain" else text


def _unflowed(text: str) -> str:
    """Lines joined where they were broken for display only (RFC 3676)."""
    out: list[str] = []
    going_on = False
    for raw in text.split("\n"):
        quoted = raw.startswith(">")
        one = raw[1:] if raw.startswith(" ") and not quoted else raw
        if going_on and not quoted:
            out[-1] += one
        else:
            out.append(one)
        going_on = one.endswith(" ") and one != "-- " and not quoted
    return "\n".join(out)


def _attach(content: Content, leaf: Leaf, number: int) -> None:
    content.attach(
        File(
            names.name_of(leaf, number),
            names.media_type_of(leaf.media_type),
            payload(leaf.part),
            leaf.content_id,
        )
    )


def _take_mail(content: Content, leaf: Leaf, number: int) -> None:
    """A mail within the mail becomes a file of its own, whole."""
    inner = subparts(leaf.part)
    try:
        raw = inner[0].as_bytes() if inner else payload(leaf.part)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, UnicodeError):
        content.note("a forwarded mail could not be taken out of it: see the original")
        return
    subject = ""
    if inner and leaf.part.get_filename() is None:
        subject = names.tidy(line(str(inner[0].get("subject", "")), 100))
    name = f"{subject}.eml" if subject else names.name_of(leaf, number)
    name = name if name.lower().endswith(".eml") else f"{name}.eml"
    content.attach(File(name, "message/rfc822", raw))


def _take_invitation(content: Content, leaf: Leaf, number: int) -> None:
    """Kept, said, and never accepted."""
    text = text_of(leaf)
    found = re.search(r"^SUMMARY[^:\n]{0,100}:(.{0,200})", text, re.MULTILINE)
    content.note(f"invitation: {line(found[1], 200) if found else 'see the attached calendar'}")
    name = names.name_of(leaf, number)
    name = name if name.lower().endswith(".ics") else f"{name.rpartition('.')[0] or name}.ics"
    content.attach(File(name, "text/calendar", payload(leaf.part)))


def _take_encrypted(content: Content, leaf: Leaf, number: int) -> None:
    if "signed-data" in leaf.headers.first("content-type").lower():
        content.note("signed as a whole (S/MIME), cannot be read here")
    else:
        content.note("encrypted, cannot be read")
    _attach(content, leaf, number)


def _take_signature(content: Content, leaf: Leaf, number: int) -> None:
    if leaf.kind == "signed":
        content.note("signed; the signature was not checked")
    else:
        _attach(content, leaf, number)


def _take_pgp(content: Content, leaf: Leaf, number: int) -> None:
    """The control part of PGP/MIME (RFC 3156); what is encrypted follows as bytes."""
    content.note("encrypted, cannot be read")
    _attach(content, leaf, number)


def _take_tnef(content: Content, leaf: Leaf, number: int) -> None:
    opened = unpacked(payload(leaf.part))
    if opened is None:
        content.note("winmail.dat could not be opened")
        _attach(content, leaf, number)
        return
    text, files = opened
    for file in files:
        content.attach(file)
    if text and not content.texts:
        content.texts.append((leaf, text))


TAKEN: dict[str, Callable[[Content, Leaf, int], None]] = {
    "message/rfc822": _take_mail,
    "message/global": _take_mail,
    "text/calendar": _take_invitation,
    "application/pgp-encrypted": _take_pgp,
    **dict.fromkeys(ENCRYPTED, _take_encrypted),
    **dict.fromkeys(SIGNATURES, _take_signature),
    **dict.fromkeys(TNEF, _take_tnef),
}


def _bodies(content: Content) -> Shown:
    plain = [text for leaf, text in content.texts if leaf.media_type != "text/html"]
    rich = any(leaf.media_type == "text/html" for leaf, _ in content.texts)
    text = "\n".join(one.strip("\n") for one in plain).strip()
    html = ""
    used: frozenset[str] = frozenset()
    if rich:
        html, said, used = _rich(content)
        text = text or said
    if not html and text:
        html = folding.as_html(text[:TEXT_LIMIT])
    if not text and not html:
        content.note(NOTHING_READABLE)
    if len(text) > TEXT_LIMIT:
        content.note("a long text: all of it is attached")
        content.attach(File("message.txt", "text/plain", text.encode()))
        text = text[:TEXT_LIMIT]
    return Shown(text, html, _listed(content.files, used), ())


def _rich(content: Content) -> tuple[str, str, frozenset[str]]:
    """The HTML of a mail, plain parts that stand beside it among it; its text; images it shows."""
    alternatives = {
        leaf.parents[:depth]
        for leaf, _ in content.texts
        if leaf.media_type == "text/html"
        for depth, kind in enumerate(leaf.kinds, start=1)
        if kind == "alternative"
    }
    ids = {one.content_id for one in content.files if one.content_id}
    out: list[str] = []
    used: frozenset[str] = frozenset()
    for leaf, text in content.texts:
        if leaf.media_type == "text/html":
            safe, shown = harmless(text[:HTML_LIMIT], ids)
            used |= shown
            out.append(safe)
        elif not any(leaf.parents[: len(one)] == one for one in alternatives):
            out.append(folding.as_html(text))
    whole = clean("".join(out))
    text = plain_text(whole)
    html = folding.folded(whole)
    if len(html.encode()) <= SHOWN_LIMIT:
        return html, text, used
    source = "\n".join(one for leaf, one in content.texts if leaf.media_type == "text/html")
    content.note("long HTML: all of it is attached")
    content.attach(File("message.html", "text/html", source.encode()))
    return folding.as_html(text[:TEXT_LIMIT]), text, frozenset()


def _listed(files: list[File], used: frozenset[str]) -> tuple[File, ...]:
    """Images that are shown in place first; what is the same again is left out."""
    inline = [replace(one, inline=True) for one in files if one.content_id in used]
    known = {one.content for one in inline}
    others = [
        replace(one, content_id="")
        for one in files
        if one.content_id not in used and one.content not in known
    ]
    return (*inline, *others)
