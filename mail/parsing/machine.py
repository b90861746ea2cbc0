"""Whether a machine wrote a mail, and what a bounce says."""

import re
from email import message_from_bytes, policy
from email.message import Message as Part

from mail.message import DeliveryReport, Machine, Sender
from mail.parsing.addresses import plain
from mail.parsing.content import payload
from mail.parsing.headers import Headers, message_id
from mail.parsing.structure import media_type, reports, subparts
from mail.parsing.text import decoded, line

DAEMONS = frozenset(["mailer-daemon", "mail-daemon", "mailerdaemon"])
_FAILED = re.compile(
    r"undeliver|failure notice|delivery status notification|delivery (?:has )?failed|returned mail|"
    r"mail delivery (?:failed|system)|delivery failure|unzustellbar|nicht zugestellt|"
    r"mancato recapito|non recapitabile|не доставлено|недоставлен|could not be delivered",
    re.IGNORECASE,
)
_QMAIL = re.compile(r"Hi\. This is the [^\n]{1,200}program|I'm sorry to have to inform you")
OUR_ID = re.compile(r"t[0-9]{1,18}\.[0-9a-f]{32}\.[a-z2-7]{16}@[\w.-]{1,200}")
_CODE = re.compile(r"\b([45]\.[0-9]{1,3}\.[0-9]{1,3})\b")
_ADDRESS = re.compile(r"<([^<>\s]{3,254}@[^<>\s]{1,254})>:")
SCANNED = 64 * 1024
"""Characters of a bounce in which ids and codes are looked for."""
RECIPIENTS = 50


def machine_of(
    root: Part, headers: Headers, sender: Sender, return_path: str | None
) -> Machine | None:
    """What kind of machine, by what is said outright first; None for a person's mail."""
    kind = _reported(root, headers)
    if kind is None and _bounced(headers, sender):
        kind = Machine.BOUNCE
    return kind or _automatic(headers) or _silent(headers, return_path) or _passed_on(headers)


def _reported(root: Part, headers: Headers) -> Machine | None:
    said = headers.first("content-type").lower()
    kinds = {media_type(one) for one in subparts(root)}
    if "delivery-status" in said or "message/delivery-status" in kinds:
        return Machine.BOUNCE
    if "disposition-notification" in said or "message/disposition-notification" in kinds:
        return Machine.READ_RECEIPT
    return None


def _bounced(headers: Headers, sender: Sender) -> bool:
    local = (sender.address or "").partition("@")[0]
    shown = (sender.shown or sender.name).lower()
    daemon = local in DAEMONS or (sender.address is None and "mailer-daemon" in shown)
    return daemon or headers.has("x-failed-recipients")


def _automatic(headers: Headers) -> Machine | None:
    """RFC 3834, section 5, and what came before it."""
    said = headers.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    if said and said != "no":
        return Machine.AUTO_REPLY
    if headers.has("x-autoreply") or headers.has("x-autorespond") or headers.has("x-autoresponse"):
        return Machine.AUTO_REPLY
    asked = headers.first("x-auto-response-suppress").lower()
    if said != "no" and asked and asked != "none" and headers.has("in-reply-to"):
        return Machine.AUTO_REPLY
    return Machine.AUTO_REPLY if headers.first("precedence").lower() == "auto_reply" else None


def _silent(headers: Headers, return_path: str | None) -> Machine | None:
    """Nobody wants an answer to it: a bounce of no standard's making (qmail's), or near."""
    if return_path != "":
        return None
    asks = headers.has("in-reply-to") and not _FAILED.search(headers.text("subject", 250))
    return Machine.AUTO_REPLY if asks else Machine.BOUNCE


def _passed_on(headers: Headers) -> Machine | None:
    precedence = headers.first("precedence").lower()
    if headers.has("list-id") or headers.has("list-unsubscribe-post") or precedence == "list":
        return Machine.LIST
    if precedence in {"bulk", "junk"}:
        return Machine.BULK
    asked = headers.first("x-auto-response-suppress").lower()
    return Machine.BULK if asked and asked != "none" else None


def report_of(root: Part, headers: Headers, text: str) -> DeliveryReport:
    """What a bounce says, in a form of its own (RFC 3464) or in words."""
    status: list[Headers] = []
    ids: list[str] = []
    for one in reports(root):
        kind = media_type(one)
        if kind == "message/delivery-status":
            status += _blocks(one)
        elif kind in {"message/rfc822", "message/global", "text/rfc822-headers"}:
            ids += [id for id in [message_id(Headers(_original(one)))] if id]
    scanned = text[:SCANNED]
    ids += OUR_ID.findall(scanned)
    ids += [*headers.ids("references")[::-1], *headers.ids("in-reply-to")]
    code = _CODE.search(scanned)
    return DeliveryReport(
        original_ids=tuple(dict.fromkeys(ids)),
        recipients=_recipients(status, headers, scanned),
        action=_of(status, "action").lower(),
        status=_of(status, "status").partition(" ")[0] or (code[1] if code else ""),
        diagnostic=_of(status, "diagnostic-code") or _in_words(scanned),
    )


def looks_like_a_bounce(headers: Headers, text: str) -> bool:
    """Of a mail nobody wants answered: whether it tells of a delivery."""
    subject = headers.text("subject", 250)
    return bool(_FAILED.search(subject) or _QMAIL.search(text[:SCANNED]))


def _original(part: Part) -> Part:
    """The mail a report is about, or its headers alone."""
    inner = subparts(part)
    if inner:
        return inner[0]
    return message_from_bytes(payload(part), policy=policy.compat32)


def _blocks(part: Part) -> list[Headers]:
    """Per message, then per recipient (RFC 3464, 2.1)."""
    inner = subparts(part)
    if inner:
        return [Headers(one) for one in inner[: RECIPIENTS + 1]]
    text = payload(part)[:SCANNED].replace(b"\r\n", b"\n")
    blocks = [one for one in text.split(b"\n\n") if one.strip()]
    return [Headers(message_from_bytes(one, policy=policy.compat32)) for one in blocks]


def _of(status: list[Headers], name: str) -> str:
    """The first that says it; what failed goes before what else became of others."""
    failed = [one for one in status if one.first("action").lower() == "failed"]
    for one in (*failed, *status):
        said = one.text(name, 500)
        if said:
            return said.partition(";")[2].strip() or said if name == "diagnostic-code" else said
    return ""


def _recipients(status: list[Headers], headers: Headers, text: str) -> tuple[str, ...]:
    said = [one.first("final-recipient") or one.first("original-recipient") for one in status]
    said += headers.first("x-failed-recipients").split(",")
    said += _ADDRESS.findall(text)
    found = (plain(one.rpartition(";")[2]) for one in said)
    return tuple(dict.fromkeys(one for one in found if one))[:RECIPIENTS]


def _in_words(text: str) -> str:
    """The line that has a server's answer in it."""
    lines = (one for one in text.split("\n") if re.search(r"\b[45][0-9]{2}[ -]", one[:1000]))
    return line(next(lines, ""), 500)


def decoded_text(part: Part) -> str:
    """The first text of a part, for what is looked for in it."""
    return decoded(payload(part), "utf-8")[:SCANNED]
