"""Names of IMAP folders: quoted, encoded (RFC 3501, 5.1.3), and read out of LIST."""

import base64
import re
from dataclasses import dataclass

_LIST = re.compile(
    rb'\* LIST \((?P<flags>[^)]*)\) (?P<delimiter>NIL|"(?:\\.|[^"\\])*") ?(?P<name>.*)'
)


@dataclass(frozen=True)
class Folder:
    """A folder on the server."""

    name: str
    """Decoded."""
    selectable: bool
    flags: tuple[str, ...]
    """As the server says them: \\Sent, \\Trash, \\HasChildren … (RFC 6154)."""
    raw: bytes = b""
    """The name as the server writes it: some encode it otherwise, or not at all."""

    def sent(self) -> str:
        """As a command names it; empty when no command can."""
        name = quoted(self.raw).decode("utf-8", "replace")
        return name if name.isprintable() and "\ufffd" not in name else ""

    def flagged(self, flag: str) -> bool:
        """Whether it is said to be of some use; `flag` is lower case."""
        return flag in {one.lower() for one in self.flags}


def encoded(name: str) -> bytes:
    """Modified UTF-7."""
    out, run = bytearray(), ""
    for char in name + "\0":
        if " " <= char <= "~" or char == "\0":
            if run:
                packed = base64.b64encode(run.encode("utf-16-be")).rstrip(b"=")
                out += b"&" + packed.replace(b"/", b",") + b"-"
                run = ""
            out += b"&-" if char == "&" else char.encode().rstrip(b"\0")
        else:
            run += char
    return bytes(out)


def decoded(name: bytes) -> str:
    """The other way round; what is no modified UTF-7 is taken as UTF-8 (RFC 6855)."""
    try:
        return re.sub(rb"&([^-]*)-", _run, name).decode("utf-8")
    except ValueError:
        return name.decode("utf-8", "replace")


def _run(found: re.Match[bytes]) -> bytes:
    packed = found[1]
    if not packed:
        return b"&"
    padding = b"=" * (-len(packed) % 4)
    raw = base64.b64decode(packed.replace(b",", b"/") + padding, validate=True)
    return raw.decode("utf-16-be").encode()


def quoted(text: bytes) -> bytes:
    """A quoted string (RFC 9051, 4.3): without controls, in ASCII."""
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def listed(line: bytes, literal: bytes | None) -> Folder | None:
    """A line of LIST, and the literal at its end if there was one; None for another line."""
    found = _LIST.match(line)
    if found is None:
        return None
    flags = tuple(found["flags"].decode("ascii", "replace").split())
    name = found["name"] if literal is None else literal
    if literal is None and name.startswith(b'"'):
        name = re.sub(rb"\\(.)", rb"\1", name[1:-1])
    lower = {one.lower() for one in flags}
    opens = lower.isdisjoint({"\\noselect", "\\nonexistent"})
    return Folder(decoded(name), opens, flags, name)
