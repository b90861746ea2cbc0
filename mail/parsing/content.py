"""What a mail says: its parts walked in order, texts and files taken, the rest noted."""

import re
from dataclasses import dataclass, field

from mail.parsing import limits, tnef
from mail.parsing.charsets import clean
from mail.parsing.files import Files
from mail.parsing.headers import Headers
from mail.parsing.lines import Tries
from mail.parsing.pieces import Piece, chosen
from mail.parsing.plain import unflowed
from mail.parsing.structure import Part, Tree, uudecoded
from mail.parsing.words import line, unworded

_ENCRYPTED = "encrypted, cannot be read"
_TEXTS = frozenset(["text/plain", "text/html", "text/enriched", "text/richtext"])
_TNEF = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])
_OPAQUE = frozenset(["application/pkcs7-mime", "application/x-pkcs7-mime"])
_SIGNATURES = frozenset(
    ["application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"]
)
_UNSHOWN = frozenset(["text/x-amp-html", "text/watch-html", "application/pgp-encrypted"])
_UU = re.compile(
    r"^begin [0-7]{3,4} ([^\n]{1,255})\n((?:[ -`][ -`]{0,84}\n)*+)(?:[ `]?\n)?end[ ]*$",
    re.MULTILINE,
)
_SUMMARY = re.compile(r"^SUMMARY[^:\n]{0,200}:([^\n]{0,1000})", re.MULTILINE | re.IGNORECASE)
_METHOD = re.compile(r"^METHOD:(\w{1,20})", re.MULTILINE | re.IGNORECASE)
_NAMES = {
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "receipt.txt",
    "text/rfc822-headers": "headers.txt",
}
_INVITED = {"REPLY": "invitation answered", "CANCEL": "invitation cancelled"}


@dataclass
class Content:
    """All that was found on the walk."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    files: Files = field(default_factory=Files)
    notes: list[str] = field(default_factory=list[str])
    defects: list[str] = field(default_factory=list[str])
    tries: Tries = field(default_factory=Tries)
    """All its texts together are given so many."""

    def note(self, what: str) -> None:
        if what not in self.notes and len(self.notes) < limits.NOTES:
            self.notes.append(what)

    def file(self, part: Part, *, name: str = "") -> None:
        """The part as a file."""
        content = part.content(self.defects)
        cid = part.headers.first("content-id")
        self.files.add(part.file_name or name, part.type, content, cid)

    def walk(self, part: Part) -> None:
        """Take this part and all in it; the tree is of limited depth."""
        if part.type == "multipart/alternative":
            self._alternative(part)
        elif part.type == "multipart/encrypted":
            self.note(_ENCRYPTED)
            for one in part.parts[-1:]:
                self.file(one, name="encrypted.asc")
        elif part.type == "multipart/signed" and part.parts:
            self.walk(part.parts[0])
            self.note("signed; the signature was left out and not checked")
            self._all([one for one in part.parts[1:] if one.type not in _SIGNATURES])
        elif part.parts:
            self._all(part.parts)
        else:
            self._leaf(part)

    def _all(self, parts: list[Part]) -> None:
        for one in parts:
            self.walk(one)

    def _alternative(self, part: Part) -> None:
        """What the parts say in several forms, wherever within them."""
        found: list[list[Piece]] = []
        for one in part.parts:
            inner = Content(files=self.files, notes=self.notes, defects=self.defects)
            inner.walk(one)
            found.append(inner.pieces)
        for piece in chosen(found):
            self._say(piece)

    def _say(self, piece: Piece) -> None:
        if len(self.pieces) < limits.PIECES:
            self.pieces.append(piece)
        else:
            self.defects.append("more texts than are shown")
            for text, type in ((piece.text, "text/plain"), (piece.html, "text/html")):
                self.files.add("", type, (text or "").encode()) if text else None

    def _leaf(self, part: Part) -> None:
        if part.type in _TEXTS and not self._is_file(part):
            self._text(part)
        elif part.type == "message/rfc822" or part.type == "message/global":
            self._mail(part, limits.NESTED_MAILS)
        elif part.type == "text/calendar":
            self._calendar(part)
        elif part.type in _TNEF or part.file_name.lower() == "winmail.dat":
            self._tnef(part)
        elif part.type in _OPAQUE:
            self.note(_ENCRYPTED)
            self.file(part, name="smime.p7m")
        elif part.type == "multipart/encrypted" or part.type not in _UNSHOWN | _SIGNATURES:
            self._other(part)

    def _is_file(self, part: Part) -> bool:
        return part.attached or (bool(part.file_name) and bool(self.pieces))

    def _other(self, part: Part) -> None:
        if not part.type.startswith("multipart/"):
            self.file(part, name=_NAMES.get(part.type, ""))
        elif _whole(part):
            self._say(Piece(part.text(self.defects)))
        elif part.body.strip():
            # Closed for its depth.
            self.files.add("", "application/octet-stream", part.body)

    def _text(self, part: Part) -> None:
        text = part.text(self.defects)
        if part.type == "text/html":
            self._say(Piece(html=text))
            return
        if part.type != "text/plain":
            text = re.sub(r"<[^<>]{0,100}>", "", text)
        if part.parameters.get("format", "").lower() == "flowed":
            delete = part.parameters.get("delsp", "").lower() == "yes"
            text = unflowed(text, delete_space=delete)
        if "-----BEGIN PGP MESSAGE-----" in text:
            self.note(_ENCRYPTED)
        self._say(Piece(self._without_uu(text)))

    def _without_uu(self, text: str) -> str:
        """Files written into a text become files."""
        for found in list(_UU.finditer(text))[: limits.FILES]:
            content = uudecoded(found[0].encode("latin-1", "replace"))
            self.files.add(found[1], "application/octet-stream", content)
        return _UU.sub("", text, count=limits.FILES)

    def _mail(self, part: Part, levels: int) -> None:
        """A mail in the mail, and those in it, as files."""
        content = part.content(self.defects).removeprefix(b"\r\n").lstrip(b"\n")
        tree = Tree()
        inner = tree.read(content, 0, len(content))
        subject = line(unworded(inner.headers.first("subject")), 100)
        name = part.file_name or subject or "message"
        name = name if name.lower().endswith(".eml") else name.replace("/", "-") + ".eml"
        self.files.add(name, "message/rfc822", content)
        if levels > 1:
            for one in _mails(inner)[: limits.FILES]:
                self._mail(one, levels - 1)

    def _calendar(self, part: Part) -> None:
        content = part.content(self.defects)
        text = clean(content[: limits.TEXT_BYTES].decode("utf-8", "replace"))
        text = text.replace("\n ", "").replace("\n\t", "")
        method = _METHOD.search(text)
        said = part.parameters.get("method") or (method[1] if method else "")
        found = _SUMMARY.search(text)
        what = line(found[1].replace("\\,", ",").replace("\\n", " "), 200) if found else ""
        self.note(f"{_INVITED.get(said.upper(), 'invitation')}: {what or 'without a title'}")
        self.files.add(part.file_name or "invitation.ics", "text/calendar", content)

    def _tnef(self, part: Part) -> None:
        content = part.content(self.defects)
        found = tnef.opened(content)
        if found is None or not (found.files or found.text or found.html):
            self.note("winmail.dat, which only Outlook can read")
            self.files.add(part.file_name or "winmail.dat", "application/ms-tnef", content)
            return
        if (found.text or found.html) and not any(one.text or one.html for one in self.pieces):
            self._say(Piece(found.text or None, found.html or None))
        for name, data in found.files:
            self.files.add(name, "application/octet-stream", data)


def leaves(part: Part) -> list[Part]:
    """All parts without parts, in order; mails within the mail stay closed."""
    out: list[Part] = []
    left = [part]
    while left:
        one = left.pop()
        if one.parts:
            left += reversed(one.parts)
        else:
            out.append(one)
    return out


def _whole(part: Part) -> bool:
    """Whether a multipart has no boundary in it: then it is the text that its sender meant."""
    boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
    return not boundary or b"--" + boundary not in part.body


def _mails(part: Part) -> list[Part]:
    return [one for one in leaves(part) if one.type == "message/rfc822"]


def head_of(part: Part) -> Headers:
    """The headers of a mail within the mail, or of what is left of it."""
    content = part.content([])
    return Tree().read(content, 0, min(len(content), limits.HEAD_BYTES)).headers
