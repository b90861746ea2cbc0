"""Bytes into a Message: pure, never fails, bounded whatever the bytes are."""

import asyncio
import multiprocessing
import re
import resource
from multiprocessing.connection import Connection

import structlog

from mail.message import Machine, Message
from mail.parsing import addresses
from mail.parsing.content import content_of
from mail.parsing.head import date_of
from mail.parsing.headers import Headers, message_id
from mail.parsing.machine import looks_like_a_bounce, machine_of, report_of
from mail.parsing.structure import taken_apart, walked
from mail.parsing.text import line

log = structlog.get_logger()

SUBJECT = 250
SMALL = 256 * 1024
"""Bytes that are parsed in a thread: even the worst of so many take a second or two."""
PATIENCE_S = 30.0
"""For larger ones, in a process of their own, which can be ended."""
MEMORY = 2 * 1024**3
"""Bytes of address space of that process."""
RECIPIENT_HEADERS = (
    "x-original-to", "x-gm-original-to", "envelope-to", "delivered-to", "x-forwarded-to",
)  # fmt: skip
RECEIVED = 200
RESULTS = 20
LOOPS = 20
_FOR = re.compile(r"\bfor\s+<([^<>\s]{3,254})>")


def parse(raw: bytes) -> Message:
    """The mail, as far as it can be made out; what it cannot is in `defects`."""
    try:
        return _parsed(raw)
    except Exception as error:
        # Nothing should; whatever does must not keep the mail from being seen.
        log.exception("a mail could not be parsed", size=len(raw))
        return Message(defects=(f"could not be parsed: {type(error).__name__}",))


async def parse_apart(raw: bytes) -> Message:
    """The same beside the event loop: a large one in a process that is ended after 30 seconds."""
    if len(raw) <= SMALL:
        return await asyncio.to_thread(parse, raw)
    message = await asyncio.to_thread(_in_a_process, raw)
    if message is None:
        log.warning("a mail took too long to parse", size=len(raw))
        return _headers_alone(raw, "took too long, or too much memory")
    return message


def _in_a_process(raw: bytes) -> Message | None:
    """None when it was ended, by us or by its limit of memory."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send_bytes(raw)
        return ours.recv() if ours.poll(PATIENCE_S) else None
    except (EOFError, OSError):
        return None
    finally:
        process.kill()
        process.join()
        ours.close()


def _answer(line: "Connection[Message, bytes]") -> None:
    """In the process: parse what comes, within so much memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    line.send(parse(line.recv_bytes()))


def _headers_alone(raw: bytes, why: str) -> Message:
    """Of a mail that cannot be taken apart in time: who, what about, and why no more."""
    ends = [at for at in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if at >= 0]
    head = raw[: min([*ends, SMALL])]
    plain = re.sub(rb"(?im)^content-type:.*(?:\r?\n[ \t].*)*\r?\n?", b"", head)
    found = parse(plain + b"\r\n\r\n")
    return Message(
        message_id=found.message_id,
        in_reply_to=found.in_reply_to,
        references=found.references,
        sender=found.sender,
        reply_to=found.reply_to,
        to=found.to,
        cc=found.cc,
        delivered_to=found.delivered_to,
        return_path=found.return_path,
        subject=found.subject,
        date=found.date,
        notes=("its content could not be read: see the original",),
        machine=found.machine,
        report=found.report,
        loop_ids=found.loop_ids,
        authentication=found.authentication,
        defects=(f"could not be parsed: {why}",),
    )


def _parsed(raw: bytes) -> Message:
    root, defects = taken_apart(raw)
    parts = walked(root)
    headers = Headers(root)
    sender = addresses.sender(headers)
    return_path = _return_path(headers)
    shown = content_of(parts.leaves)
    machine = machine_of(root, headers, sender, return_path)
    if machine is Machine.AUTO_REPLY and return_path == "" and sender.address is None:
        machine = Machine.BOUNCE if looks_like_a_bounce(headers, shown.text) else machine
    reply_to = next(iter(addresses.listed(headers, "reply-to")), None)
    if reply_to is not None and reply_to.address == sender.address:
        reply_to = None
    return Message(
        message_id=message_id(headers),
        in_reply_to=headers.ids("in-reply-to"),
        references=headers.ids("references"),
        sender=sender,
        reply_to=reply_to,
        to=addresses.listed(headers, "to"),
        cc=addresses.listed(headers, "cc"),
        delivered_to=_delivered_to(headers),
        return_path=return_path,
        subject=headers.text("subject", SUBJECT),
        date=date_of(headers),
        text=shown.text,
        html=shown.html,
        notes=shown.notes,
        files=shown.files,
        machine=machine,
        report=report_of(root, headers, shown.text) if machine is Machine.BOUNCE else None,
        loop_ids=tuple(line(one, 100) for one in headers.raw("x-helpdesk-loop")[:LOOPS]),
        authentication=_authentication(headers),
        defects=(*defects, *parts.defects),
    )


def _return_path(headers: Headers) -> str | None:
    if not headers.has("return-path"):
        return None
    return addresses.plain(headers.first("return-path").strip("<> ")) or ""


def _delivered_to(headers: Headers) -> tuple[str, ...]:
    """Where it was to go, the strongest sign first."""
    found: list[str] = []
    for name in RECIPIENT_HEADERS:
        for raw in headers.raw(name):
            one = addresses.plain(raw.strip("<> "))
            found += [one] if one else [each.address for each in addresses.listed(headers, name)]
    found += [one.address for name in ("to", "cc") for one in addresses.listed(headers, name)]
    for raw in headers.raw("received")[:RECEIVED]:
        said = _FOR.search(raw)
        one = addresses.plain(said[1]) if said else None
        if one:
            found.append(one)
    return tuple(dict.fromkeys(found))


def _authentication(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Server and results, from the top: the topmost is the last to have been added."""
    found: list[tuple[str, str]] = []
    for raw in headers.raw("authentication-results")[:RESULTS]:
        server, _, results = raw.partition(";")
        found.append((line(server.strip().partition(" ")[0], 250).lower(), line(results, 2000)))
    return tuple(found)
