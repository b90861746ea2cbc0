"""Texts of headers: encoded words (RFC 2047) and parameters (RFC 2231), decoded."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from actions.texts import one_line
from mail.parsing import limits
from mail.parsing.charsets import clean, decoded

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bq])\?([^?]*)\?=", re.IGNORECASE)
_PARAMETER = re.compile(r';\s*+([^\s=;"]++)\s*+=\s*+("(?:[^"\\]|\\.)*+"?|[^;]*+)', re.DOTALL)
_CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          b"0123456789+/="))  # fmt: skip


def line(text: str, most: int) -> str:
    """One clean line of at most so many characters."""
    return one_line(clean(text[: most * 8]))[:most].strip()


def unworded(text: str) -> str:
    """The text with its encoded words decoded; words that follow each other are one text."""
    out: list[str] = []
    pending: list[tuple[str, bytes]] = []
    at = 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        if between.strip() or not pending:
            out += [_joined(pending), between]
            pending.clear()
        pending.append((word[1].lower(), _word_bytes(word[2].lower(), word[3])))
        at = word.end()
    return "".join([*out, _joined(pending), text[at:]])


def base64_bytes(raw: bytes) -> tuple[bytes, bool]:
    """What is encoded, as far as it can be read; whether all of it could."""
    kept = raw.translate(None, _NOT_BASE64)
    whole = len(kept) % 4 == 0
    try:
        return base64.b64decode(kept), whole
    except binascii.Error:
        kept = kept.replace(b"=", b"")
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return base64.b64decode(kept + b"=" * (-len(kept) % 4)), False


def parameters(value: str) -> dict[str, str]:
    """Parameters of a header by lower-case name, pieces put together, decoded."""
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for count, found in enumerate(_PARAMETER.finditer(value)):
        if count >= limits.PARAMETERS:
            break
        text = found[2].strip()
        if text.startswith('"'):
            text = _ESCAPED.sub(r"\1", text[1:].removesuffix('"'))
        name = _CONTINUED.fullmatch(found[1].lower())
        if name:
            piece = (int(name[2] or 0), bool(name[3]), text)
            pieces.setdefault(name[1], []).append(piece)
    return {name: _parameter(found) for name, found in pieces.items()}


def _parameter(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 where there is a `*`, else the first, with encoded words as many send them."""
    extended = [one for one in pieces if one[1] or one[0]]
    if not extended:
        return unworded(pieces[0][2])
    pieces = sorted(pieces if pieces[0][0] == 0 and not pieces[0][1] else extended)
    charset, raw = "", b""
    for number, percent, text in pieces:
        if percent and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        bare = text.encode("utf-8", "replace")
        raw += unquote_to_bytes(bare) if percent else bare
    return unworded(decoded(raw, charset))


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding == "b":
        return base64_bytes(raw)[0]
    return binascii.a2b_qp(raw.replace(b"\n", b""), header=True)


def _joined(words: list[tuple[str, bytes]]) -> str:
    """Bytes of one charset are put together first: some cut within a character."""
    out: list[str] = []
    charset, raw = "", b""
    for name, more in words:
        if name != charset and raw:
            out.append(decoded(raw, charset))
            raw = b""
        charset, raw = name, raw + more
    return "".join([*out, decoded(raw, charset)])
