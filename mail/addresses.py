"""Addresses of ours as the line and the headers have them: what is written parses back to it alone.

Python 3.11 folds a long name in quotes without its quotes: the commas in it then part addresses,
which whoever chose the name has chosen.
"""

import re
from email.header import Header

import idna

LINE = 76
"""Characters of a line that holds an encoded word (RFC 2047, 2)."""
QUOTED_MOST = 60
"""Characters of a name that is written in quotes: it stays on one line."""
_ATOMS = r"[^\s\x00-\x20\x7f-\x9f()<>\[\]:;@\\,\"]+"
_USABLE = re.compile(rf"({_ATOMS})@({_ATOMS})")
"""Of any script (RFC 6532), and with dots wherever people have them; nothing in quotes."""
_PLAIN_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_PRINTABLE = re.compile(r"[ -~]+")


def on_the_line(address: str) -> str:
    """The address with its domain in ASCII (RFC 5890). Raises ValueError for one of no use."""
    found = _USABLE.fullmatch(address)
    if found is None:
        raise ValueError("The address cannot be written to: it has strange characters.")
    local, domain = found.groups()
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError as error:
        raise ValueError(f"The address cannot be written to: {error}.") from None


def named(name: str, address: str) -> str:
    """Both, for a header: as people read them, on one line; `folded` makes a header of it."""
    return f"{_quoted(name)} <{address}>" if name else address


def folded(field: str, value: str) -> str:
    """The lines of a header of one name and address, made by `named`, with their ends."""
    name, _, address = value.rpartition(" <")
    if not name:
        return f"{field}: {value}\r\n"
    lines = _phrase(field, _unquoted(name)).split("\r\n")
    # The last line of a folded header has a blank before it.
    before = len(lines[0]) + len(field) + 2 if len(lines) == 1 else len(lines[-1])
    gap = " " if before + len(address) + 2 <= LINE else "\r\n "
    return f"{field}: " + "\r\n".join(lines) + f"{gap}<{address}\r\n"


def _phrase(field: str, name: str) -> str:
    if "=?" not in name and len(name) <= QUOTED_MOST:
        if _PLAIN_NAME.fullmatch(name):
            return name
        if _PRINTABLE.fullmatch(name):
            return _quoted(name)
    return Header(name, "utf-8", LINE - 1, header_name=field).encode(linesep="\r\n")


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name
