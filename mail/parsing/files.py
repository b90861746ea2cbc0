"""Attachments: names made harmless, the same file listed once, their number limited."""

import mimetypes
import re
import unicodedata
from dataclasses import dataclass, field, replace

from mail.message import File
from mail.parsing import limits
from mail.parsing.charsets import clean

_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,90}/[a-z0-9!#$&^_.+-]{1,90}")
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%&*+/=^_`{|}~.@:-]{1,200}")
_LONGEST_NAME, _LONGEST_EXTENSION = 200, 20
_EXTENSIONS = {
    "message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html",
    "image/jpeg": ".jpg", "application/octet-stream": ".bin", "application/ms-tnef": ".dat",
    "message/delivery-status": ".txt", "text/rfc822-headers": ".txt",
    "message/disposition-notification": ".txt", "application/pkcs7-mime": ".p7m",
}  # fmt: skip


def file_name(given: str, media_type: str, number: int) -> str:
    """A name without folders, unseen characters and what Windows refuses; never empty."""
    name = unicodedata.normalize("NFC", _UNSEEN.sub("", clean(re.split(r"[/\\]", given)[-1])))
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    if not name:
        extension = _EXTENSIONS.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"
        return f"attachment-{number}{extension}"
    if _RESERVED.match(name):
        name = f"_{name}"
    stem, dot, extension = name.rpartition(".")
    if len(name) <= _LONGEST_NAME:
        return name
    if not stem or len(extension) > _LONGEST_EXTENSION:
        return name[:_LONGEST_NAME].rstrip(". ")
    return stem[: _LONGEST_NAME - len(extension) - 1].rstrip(". ") + dot + extension


def content_id(given: str) -> str:
    """Without < >; empty for one that cannot stand in an address."""
    given = given.strip().strip("<>").strip()
    return given if _CONTENT_ID.fullmatch(given) else ""


@dataclass
class Files:
    """What a mail brought, in its order."""

    files: list[File] = field(default_factory=list[File])
    left_out: int = 0

    def add(self, name: str, media_type: str, content: bytes, cid: str = "") -> None:
        """Take one more, or count it as left out."""
        if len(self.files) >= limits.FILES:
            self.left_out += 1
            return
        media_type = media_type.lower()
        media_type = media_type if _TYPE.fullmatch(media_type) else "application/octet-stream"
        name = file_name(name, media_type, len(self.files) + 1)
        self.files.append(File(name, media_type, content, content_id(cid)))

    def settled(self, shown: frozenset[str]) -> tuple[File, ...]:
        """With those inline that the HTML shows; what is there twice is there once."""
        inline: dict[str, File] = {}
        for one in self.files:
            if one.content_id in shown and one.content_id not in inline:
                inline[one.content_id] = replace(one, inline=True)
        pictures = {one.content for one in inline.values()}
        out: list[File] = []
        seen: set[tuple[str, bytes]] = set()
        for one in self.files:
            mine = inline.get(one.content_id)
            if mine is not None and mine.content is one.content:
                out.append(mine)
            elif one.content not in pictures and (one.name, one.content) not in seen:
                seen.add((one.name, one.content))
                out.append(replace(one, content_id=""))
        return tuple(out)
