"""What a bounce says: its delivery status (RFC 3464), or what its text shows."""

import re
from dataclasses import dataclass

from mail.message import DeliveryReport
from mail.parsing.addresses import in_text
from mail.parsing.charsets import clean, decoded
from mail.parsing.content import head_of, leaves
from mail.parsing.envelope import every_id, ids
from mail.parsing.headers import Headers, split
from mail.parsing.structure import Part
from mail.parsing.words import line

_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_CODE = re.compile(r"(?<![\d.:-])([45]\d\d)[ -](?=[45]\.|\D)")
_DELAYED = re.compile(
    r"delayed|will be retried|still being retried|not yet been delivered|warning message only"
    r"|verzögert|in ritardo|отложен|задерж",
    re.IGNORECASE,
)
_ID_LINE = re.compile(r"^[> ]*Message-ID:\s{0,4}(<[^<>\s]{1,250}>)", re.MULTILINE | re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t]*\r?\n")
_RECIPIENTS = 100
_TEXT = 20_000
_MOST_IDS = 50
_DIAGNOSTIC = 1_000


@dataclass(frozen=True)
class _Recipient:
    address: str
    action: str
    status: str
    diagnostic: str

    @property
    def rank(self) -> int:
        """The worst first."""
        return _ACTIONS.index(self.action) if self.action in _ACTIONS else len(_ACTIONS)


def report(headers: Headers, root: Part, text: str) -> DeliveryReport:
    """All that can be made out."""
    parts = leaves(root)
    found = [one for part in parts if part.type.endswith("delivery-status") for one in _of(part)]
    shown = text[:_TEXT]
    if not found:
        return _by_text(headers, parts, shown)
    worst = min(found, key=lambda one: one.rank)
    recipients = dict.fromkeys(one.address for one in found if one.address)
    returned = _returned(parts)
    return DeliveryReport(
        _ids(returned, headers, text),
        tuple(recipients)[:_RECIPIENTS],
        worst.action,
        worst.status,
        worst.diagnostic or _diagnostic(shown),
        returned,
    )


def _of(part: Part) -> list[_Recipient]:
    """The groups of fields that are about a recipient."""
    raw = clean(decoded(part.content([])[:200_000]))
    out: list[_Recipient] = []
    for group in _BLANK.split(raw)[: _RECIPIENTS * 2]:
        block = group.strip().encode()
        fields, _ = split(block, 0, len(block))
        if fields.has("final-recipient", "original-recipient", "action", "status"):
            out.append(_recipient(fields))
    return out


def _recipient(fields: Headers) -> _Recipient:
    said = f"{fields.first('original-recipient')} {fields.first('final-recipient')}"
    addresses = in_text(said.replace(";", " ")[:2000])
    status = _STATUS.search(fields.first("status")[:200])
    diagnostic = line(fields.first("diagnostic-code").partition(";")[2], _DIAGNOSTIC)
    return _Recipient(
        addresses[-1] if addresses else "",
        fields.token("action"),
        status[1] if status else "",
        diagnostic or line(fields.first("diagnostic-code"), _DIAGNOSTIC),
    )


def _by_text(headers: Headers, parts: list[Part], text: str) -> DeliveryReport:
    failed = in_text(" ".join(headers.all("x-failed-recipients"))[:8000])
    own = text.partition("------ This is a copy of")[0].partition("--- Below this line")[0]
    status = _STATUS.search(own)
    delayed = _DELAYED.search(own[:4000]) or _DELAYED.search(headers.text("subject"))
    returned = _returned(parts)
    return DeliveryReport(
        _ids(returned, headers, text),
        tuple((failed or in_text(own)[:1])[:_RECIPIENTS]),
        "delayed" if delayed else "",
        status[1] if status else "",
        _diagnostic(own),
        returned,
    )


def _diagnostic(text: str) -> str:
    """From the code of the server that refused it on."""
    found = _CODE.search(text) or _STATUS.search(text)
    return line(text[found.start() : found.start() + 300], _DIAGNOSTIC) if found else ""


def _returned(parts: list[Part]) -> tuple[str, ...]:
    """Of the mail that comes back, whole or by its head."""
    found: list[str] = []
    for part in parts:
        if part.type in ("message/rfc822", "text/rfc822-headers", "message/global",
                         "message/global-headers"):  # fmt: skip
            found += ids(head_of(part).first("message-id"))
    return tuple(found[:_MOST_IDS])


def _ids(returned: tuple[str, ...], headers: Headers, text: str) -> tuple[str, ...]:
    found = list(returned)
    found += reversed(every_id(headers, "references"))
    found += every_id(headers, "in-reply-to")
    found += [one.strip("<>") for one in _ID_LINE.findall(text[:200_000])]
    return tuple(list(dict.fromkeys(found))[:_MOST_IDS])
