"""Names of folders on the wire: modified UTF-7 (RFC 3501, 5.1.3), quoted strings, LIST answers."""

import re
from base64 import b64decode, b64encode

_ENCODED = re.compile(r"&([^-&]*)-")
_DIRECT = re.compile(r"[^\x20-\x7e]+")
_LIST = re.compile(rb'LIST \(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") ?(.*)$', re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)")


def encoded(name: str) -> str:
    """A folder's name in modified UTF-7."""
    return _DIRECT.sub(_encode, name.replace("&", "&-"))


def _encode(found: "re.Match[str]") -> str:
    text = b64encode(found[0].encode("utf-16-be")).rstrip(b"=").replace(b"/", b",")
    return f"&{text.decode()}-"


def decoded(name: str) -> str:
    """What people call it; what is no modified UTF-7 stays as it is."""
    return _ENCODED.sub(_decode, name)


def _decode(found: "re.Match[str]") -> str:
    if not found[1]:
        return "&"
    text = found[1].replace(",", "/")
    try:
        return b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")
    except ValueError:
        return found[0]


def quoted(text: str) -> str:
    """An IMAP string in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def listed(lines: list[bytes | bytearray]) -> list[str]:
    """The names that can be opened in the answer to LIST."""
    found: list[str] = []
    for place, line in enumerate(lines):
        parts = _LIST.match(bytes(line)) if not isinstance(line, bytearray) else None
        if parts is None or b"\\noselect" in parts[1].lower():
            continue
        name = parts[2]
        if re.fullmatch(rb"\{[0-9]+\}", name) and place + 1 < len(lines):
            name = bytes(lines[place + 1])
        elif name.startswith(b'"'):
            name = _ESCAPED.sub(rb"\1", name[1:].removesuffix(b'"'))
        found.append(decoded(name.decode("ascii", "replace")))
    return found
