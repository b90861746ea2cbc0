"""File names: made harmless on the way in, put into a header on the way out."""

import re
import unicodedata
from urllib.parse import quote, unquote_to_bytes

LONGEST = 255
LONGEST_EXTENSION = 20
NAMELESS = "file"
# Controls, and what turns the direction of writing: `gpj.exe` must not look like `exe.jpg`.
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;\s]*)')
EXTENDED = re.compile(r"(utf-8|iso-8859-1)'[^']*'(.+)", re.IGNORECASE)
ATTRIBUTE = "!#$&+-.^_`|~"
"""Besides letters and digits, what stands for itself in `filename*` (RFC 5987, attr-char)."""


def disposition_parameters(header: bytes) -> dict[str, str]:
    """The parameters of a part's Content-Disposition, by lower-case name, decoded.

    UTF-8 as browsers send it, Latin-1 otherwise; `filename*` (RFC 5987) overrides `filename`.
    """
    found: dict[str, str] = {}
    for name, value in PARAMETER.findall(_decoded(header)):
        if value.startswith('"'):
            value = re.sub(r"\\([\"\\])", r"\1", value[1:-1])
        found.setdefault(str(name).lower(), str(value))
    extended = EXTENDED.fullmatch(found.pop("filename*", ""))
    if extended:
        raw = unquote_to_bytes(extended[2])
        found["filename"] = _decoded(raw) if extended[1].lower() == "utf-8" else raw.decode("l1")
    elif "filename" in found:
        # What browsers escape, and nothing else (WHATWG, multipart/form-data).
        found["filename"] = found["filename"].replace("%22", '"')
    return found


def sanitised(name: str) -> str:
    """A name without folders and unseen characters, of 1 to 255 characters."""
    name = unicodedata.normalize("NFC", UNSEEN.sub("", re.split(r"[/\\]", name)[-1]))
    name = " ".join(name.split()).rstrip(". ")
    if not name.strip("."):
        return NAMELESS
    if len(name) <= LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > LONGEST_EXTENSION:
        return name[:LONGEST].rstrip(". ")
    return stem[: LONGEST - len(extension) - 1] + dot + extension


def content_disposition(kind: str, name: str) -> str:
    """The header that tells a browser the name (RFC 6266): plain ASCII, and in full."""
    ascii = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\%]', "_", ascii).strip()
    if not plain.rpartition(".")[0]:
        plain = plain if plain and "." not in plain else NAMELESS + plain
    full = quote(name, safe=ATTRIBUTE, encoding="utf-8")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{full}"


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
