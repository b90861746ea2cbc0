"""Names of files as strangers give them, made into names."""

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath

from mail.parsing.headers import unfolded
from mail.parsing.structure import Leaf
from mail.parsing.text import line

LENGTH = 120
_NEVER = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")


def name_of(leaf: Leaf, number: int) -> str:
    """The file's name, or one made of its type and number."""
    try:
        said = leaf.part.get_filename() or ""
    except (ValueError, LookupError, TypeError, IndexError, UnicodeError):
        said = ""
    return tidy(unfolded(str(said))) or f"part-{number}{_extension(leaf.media_type)}"


def tidy(name: str) -> str:
    """A name without folders, controls, overrides of direction and what Windows takes ill."""
    last = line(name, 1000).replace("\\", "/").rpartition("/")[2]
    seen = "".join(char for char in last if unicodedata.category(char) not in {"Cf", "Cc", "Cs"})
    safe = _NEVER.sub("_", seen).strip(" .")
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    if len(safe) <= LENGTH:
        return safe
    suffix = PurePosixPath(safe).suffix[:16]
    return safe[: LENGTH - len(suffix)] + suffix


def media_type_of(said: str) -> str:
    """The media type if it is one, else that of bytes."""
    return said if MEDIA_TYPE.fullmatch(said) else "application/octet-stream"


def _extension(media_type: str) -> str:
    if media_type == "message/rfc822":
        return ".eml"
    return mimetypes.guess_extension(media_type) or ".bin"
