"""Bytes into text that any table can hold: charsets as mails declare them, and as they are."""

import codecs
import re

ALIASES = {
    "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "hz": "hz", "cp-850": "cp850",
    "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "iso-8859-1": "cp1252", "latin-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "x-sjis": "cp932",
    "shift_jis": "cp932", "x-mac-roman": "mac_roman", "unicode-1-1-utf-7": "utf-7",
    "x-windows-949": "cp949", "windows-874": "cp874", "cp-1251": "cp1251", "win-1251": "cp1251",
    "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "8bit": "utf-8",
}  # fmt: skip
"""What the world means by a name, where that is more than the name says."""
REFUSED = frozenset(
    ["unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined", "mbcs", "oem"]
)
"""Python's, and no charset of mails: some take quadratic time."""
MULTIBYTE = frozenset(["gb18030", "cp949", "cp932", "big5", "euc_jp", "iso2022_jp", "hz", "utf-7"])
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean(text: str) -> str:
    """The text as valid Unicode, without NUL and other controls; lines end as on Unix."""
    text = _SURROGATE.sub("\ufffd", text).replace("\0", "\ufffd")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str, limit: int) -> str:
    """The same on one line, cut to `limit` characters."""
    return " ".join(clean(text[: 8 * limit]).split())[:limit]


def decoded(content: bytes, charset: str) -> str:
    """Bytes as the charset says, or else as they look; never fails, loses nothing it can keep."""
    name = charset.strip().strip("\"'").lower()
    tried = [one for one in (known(ALIASES.get(name, name)), "utf-8") if one]
    for one in tried:
        try:
            return clean(content.decode(one))
        except (UnicodeError, LookupError, ValueError):
            continue
    declared = tried[0]
    if declared in MULTIBYTE:
        return clean(content.decode(declared, "replace"))
    try:
        return clean(content.decode("cp1252"))
    except UnicodeError:
        return clean(content.decode("latin-1"))


def known(name: str) -> str | None:
    """Python's name of a charset; None for one it has not, or should not use."""
    try:
        found = codecs.lookup(name).name.replace("-", "_") if name.isascii() else ""
    except (LookupError, ValueError, UnicodeError):
        return None
    if not found or found in REFUSED:
        return None
    return found if found in MULTIBYTE else found.replace("utf_", "utf-")


def of_header(raw: str) -> str:
    """A header's text as it stands, eight-bit characters as they look; encoded words stay."""
    if raw.isascii():
        return clean(raw)
    return decoded(raw.encode("utf-8", "surrogateescape"), "utf-8")
