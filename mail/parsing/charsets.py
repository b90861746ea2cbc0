"""Bytes to text by a ladder: what was declared, UTF-8, cp1252, Latin-1. Nothing raises."""

import re

_ALIASES = {
    "us-ascii": "utf-8", "ascii": "utf-8", "ansi_x3.4-1968": "utf-8", "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "utf-7": "utf-7",
    "utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "utf-32": "utf-32",
    "latin1": "cp1252", "latin-1": "cp1252", "l1": "cp1252", "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252", "ansi": "cp1252", "cp-1252": "cp1252", "win-1251": "cp1251",
    "win1251": "cp1251", "cp-1251": "cp1251", "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8", "iso-8859-9": "cp1254", "iso-8859-11": "cp874",
    "tis-620": "cp874", "windows-874": "cp874", "koi8-r": "koi8-r", "koi8r": "koi8-r",
    "koi8": "koi8-r", "koi8-u": "koi8-u", "koi8-ru": "koi8-u", "ibm866": "cp866",
    "cp-866": "cp866", "macintosh": "mac-roman", "mac": "mac-roman", "x-mac-roman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "gb2312": "gb18030", "gb_2312-80": "gb18030",
    "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "gb18030": "gb18030",
    "hz-gb-2312": "hz", "hz": "hz", "big5": "cp950", "big5-hkscs": "big5hkscs", "x-big5": "cp950",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "cp949": "cp949",
    "iso-2022-kr": "iso2022_kr", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932",
    "x-sjis": "cp932", "windows-31j": "cp932", "cp932": "cp932", "euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext", "iso-2022-jp-1": "iso2022_jp_ext",
    "iso-2022-jp-2": "iso2022_jp_2", "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-jp-ms": "iso2022_jp_ext", "cp50220": "iso2022_jp_ext",
}  # fmt: skip
"""Only these are ever looked up: a codec's name is a module's name, and some are not text."""
_NUMBERED = re.compile(r"(?:windows|cp|x-cp|ibm)-?(125[0-8]|437|850|852|855|862|866)")
_ISO = re.compile(r"iso[-_]?8859[-_](1[03-6]|[2-8])")
_MULTIBYTE = frozenset(
    ["gb18030", "hz", "cp950", "big5hkscs", "cp949", "cp932", "euc_jp", "iso2022_kr",
     "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_3", "utf-16", "utf-16-le", "utf-16-be",
     "utf-32"]
)  # fmt: skip
_ESCAPING = frozenset(
    ["hz", "iso2022_kr", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_3", "utf-7"]
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?|\x0c|\x0b|\u2028|\u2029|\x85")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def codec(charset: str) -> str | None:
    """Python's name of a charset; None for one that is not known."""
    name = charset.strip().strip("\"'").lower()
    if name in _ALIASES:
        return _ALIASES[name]
    if found := _NUMBERED.fullmatch(name):
        return f"cp{found[1]}"
    if found := _ISO.fullmatch(name):
        return f"iso8859-{found[1]}"
    return None


def decoded(raw: bytes, charset: str = "") -> str:
    """The text of these bytes; what no charset explains is U+FFFD. Not yet `clean`."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    declared = codec(charset)
    first = [declared, "utf-8"] if declared in _ESCAPING | _MULTIBYTE else ["utf-8", declared]
    for name in first:
        text = _strictly(raw, name)
        if text is not None:
            return text
    if declared in _MULTIBYTE:
        return raw.decode(declared or "", "replace")
    return _nearly_utf8(raw) or _strictly(raw, "cp1252") or raw.decode("latin-1")


def clean(text: str) -> str:
    """Without NUL, other controls and lone surrogates; lines end in a line feed."""
    text = _SURROGATES.sub("\ufffd", text)
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text)).removeprefix("\ufeff")


def _strictly(raw: bytes, name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return raw.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _nearly_utf8(raw: bytes) -> str:
    """UTF-8 with a few bad bytes (cut off, or glued together); empty when it rather is not."""
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return text if good > bad else ""
