"""What is to be done with a mail: from the message and what the desk knows, without I/O.

The order matters. Our own mails go first, or two desks would thank each other for ever; machines
before threads, for a bounce carries our ids like an answer does; who may speak before what is said.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mail.message import Machine, Message

TICKETS_HOURLY = 20
"""A contact opens by mail; what comes beyond goes into one ticket that stands for all."""
_TAG = re.compile(r"\[#([0-9]{1,18})\]")
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|wg|fw|fwd|r|i|rif|sv|vs|отв|на|пер)\s*(?:\[[0-9]+\])?\s*:\s*)+", re.IGNORECASE
)


@dataclass(frozen=True)
class Known:
    """A ticket a mail may belong to."""

    id: int
    contact_id: int
    closed: bool
    subject: str
    department_id: int | None


@dataclass(frozen=True)
class Facts:
    """What the desk knows that matters for one mail."""

    departments: Mapping[str, int] = field(default_factory=dict[str, int])
    """Every address served by this mailbox, lower case, and whose it is."""
    default_department_id: int | None = None
    ours: frozenset[str] = frozenset()
    """Every address of the desk."""
    archived: bool = False
    """It is old mail from a file: the desk's own is part of it."""
    instances: frozenset[str] = frozenset()
    """Our names in X-Helpdesk-Loop."""
    own_message: bool = False
    """The mail's own Message-ID is one that we minted."""
    duplicate: bool = False
    """The same id and bytes are in this mailbox already."""
    contact_id: int | None = None
    """Whose address From has."""
    blocked: bool = False
    circle: frozenset[int] = frozenset()
    """Contacts on whose tickets they may write: themselves, and colleagues who share."""
    from_operator: bool = False
    """From has an operator's address: they are a contact like any other."""
    verdict: str = ""
    """What the server we believe says of the sender: `pass`, `fail`, or nothing."""
    by_address: Known | None = None
    """The ticket of a token in an address it came to."""
    forged_token: bool = False
    """There was a token we did not sign."""
    by_id: Known | None = None
    """The ticket of an id in In-Reply-To or References."""
    by_subject: Known | None = None
    bounced_id: str = ""
    """Of a mail of ours that a bounce tells of."""
    opened_lately: int = 0
    """Tickets the sender opened by this mailbox within the hour."""
    standing: Known | None = None
    """The open ticket that stands for too many."""


@dataclass(frozen=True)
class NewTicket:
    """A conversation begins."""

    department_id: int | None
    reason: str = ""
    follow_up_of: Known | None = None
    machine: bool = False
    """Written by a machine: nobody is told, nothing is answered."""
    listed: bool = False
    """Passed on by a list: nothing is answered."""
    throttled: bool = False
    """It will stand for those that follow."""


@dataclass(frozen=True)
class Append:
    """A message in a conversation."""

    ticket: Known
    reason: str
    proven: bool = False
    """By a token that the contact alone was given."""
    machine: bool = False
    throttled: bool = False


@dataclass(frozen=True)
class DeskWords:
    """Old mail of the desk itself, in a conversation."""

    ticket: Known


@dataclass(frozen=True)
class Bounce:
    """A report on a mail of ours, or of nobody's."""

    message_id: str
    permanent: bool
    diagnostic: str
    ticket: Known | None


@dataclass(frozen=True)
class Ignore:
    """Nothing follows from it."""

    reason: str


@dataclass(frozen=True)
class Duplicate:
    """It is in already."""


@dataclass(frozen=True)
class Quarantine:
    """Somebody has to look."""

    reason: str
    department_id: int | None
    ticket: Known | None = None
    """Where it wants to go."""


Decision = NewTicket | Append | DeskWords | Bounce | Ignore | Duplicate | Quarantine


def route(message: Message, facts: Facts) -> Decision:
    """The one decision for a mail."""
    if facts.own_message or facts.instances.intersection(message.loop_ids):
        return Ignore("a loop: the desk's own mail")
    if facts.duplicate:
        return Duplicate()
    if message.machine is Machine.BOUNCE:
        return _bounce(message, facts)
    if message.sender.address in facts.ours:
        return _own(facts)
    if facts.blocked:
        return Ignore("the contact is blocked")
    if message.machine in {Machine.AUTO_REPLY, Machine.READ_RECEIPT, Machine.BULK}:
        return _machine(message, facts)
    if facts.verdict == "fail":
        return Quarantine("the sender's domain disowns it (DMARC)", department(message, facts))
    return _person(message, facts)


def _own(facts: Facts) -> Decision:
    if facts.archived and facts.by_id is not None:
        return DeskWords(facts.by_id)
    return Ignore("from one of the desk's own addresses")


def _bounce(message: Message, facts: Facts) -> Decision:
    report = message.report
    return Bounce(
        facts.bounced_id,
        permanent=report.permanent if report is not None else True,
        diagnostic=report.diagnostic or report.status if report is not None else "",
        ticket=facts.by_id,
    )


def _machine(message: Message, facts: Facts) -> Decision:
    """Kept with what it answers, if whoever it is from has a part in that; else by itself."""
    thread = facts.by_address or facts.by_id
    if thread is not None and thread.contact_id in facts.circle:
        return Append(thread, "a machine's answer", machine=True)
    if thread is not None:
        return Quarantine(
            "a machine's answer from somebody who has no part in it",
            thread.department_id,
            thread,
        )
    kind = (message.machine or Machine.BULK).value.lower().replace("_", " ")
    return NewTicket(department(message, facts), f"a machine's: {kind}", machine=True)


def _person(message: Message, facts: Facts) -> Decision:
    listed = message.machine is Machine.LIST
    for thread, reason, proven in (
        (facts.by_address, "by the token in its address", True),
        (facts.by_id, "by the mail it answers", False),
    ):
        if thread is None:
            continue
        if thread.contact_id not in facts.circle:
            return Quarantine(
                "answers a conversation of somebody else", thread.department_id, thread
            )
        return _into(thread, reason, message, facts, proven=proven)
    tagged = facts.by_subject
    if tagged is not None and tagged.contact_id in facts.circle:
        return _into(tagged, "by the number in its subject", message, facts)
    return _new(message, facts, listed=listed)


def _into(
    thread: Known, reason: str, message: Message, facts: Facts, *, proven: bool = False
) -> Decision:
    """A closed ticket is never opened again."""
    if not thread.closed:
        return Append(thread, reason, proven=proven)
    department_id = thread.department_id or department(message, facts)
    return NewTicket(department_id, f"{reason}; that ticket is closed", follow_up_of=thread)


def _new(message: Message, facts: Facts, *, listed: bool) -> Decision:
    if facts.opened_lately >= TICKETS_HOURLY:
        reason = f"more than {TICKETS_HOURLY} tickets within an hour"
        if facts.standing is not None:
            return Append(facts.standing, reason, machine=True, throttled=True)
        return NewTicket(department(message, facts), reason, machine=True, throttled=True)
    reason = "from a list" if listed else "a token that is not ours" if facts.forged_token else ""
    return NewTicket(department(message, facts), reason, listed=listed)


def department(message: Message, facts: Facts) -> int | None:
    """Whose it is: the first address it came by that is a department's of this mailbox."""
    addressed = departments(message, facts)
    return addressed[0] if addressed else facts.default_department_id


def departments(message: Message, facts: Facts) -> list[int]:
    """All departments it is addressed to, the one that gets it first."""
    found = (facts.departments.get(bare(one)) for one in message.delivered_to)
    return list(dict.fromkeys(one for one in found if one is not None))


def bare(address: str) -> str:
    """The address without what stands after a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def tagged(subject: str) -> int | None:
    """The number in `[#123]`, the last if there are several."""
    found = _TAG.findall(subject)
    return int(found[-1]) if found else None


def stripped(subject: str) -> str:
    """A subject without Re:, its kin, and our tag: to tell whether it was changed."""
    return " ".join(_PREFIX.sub("", _TAG.sub("", subject)).casefold().split())


def changed_subject(message: Message, thread: Known) -> bool:
    """Whether an answer has another subject than what it answers."""
    said = stripped(message.subject)
    return bool(said) and said != stripped(thread.subject)


def verdict(authentication: Iterable[tuple[str, str]], server: str) -> str:
    """What the server we believe says of the sender (RFC 8601), the topmost word counting."""
    if not server:
        return ""
    for name, results in authentication:
        if name != server.lower():
            continue
        found = re.search(r"\bdmarc\s*=\s*([a-z]+)", results.lower())
        if found is not None:
            return {"pass": "pass", "fail": "fail"}.get(found[1], "")
    return ""
