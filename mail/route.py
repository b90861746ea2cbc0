"""What is to be done with a mail: from the message and what the desk knows, without I/O.

The order matters. Our own mails go first, or two desks would thank each other for ever; machines
before threads, for a bounce carries our ids like an answer does; who may speak before what is said.
"""

import re
from itertools import takewhile

from actions.mail_tokens import bare
from mail.decisions import (
    Append,
    Bounce,
    Decision,
    DeskWords,
    Duplicate,
    Facts,
    Ignore,
    Known,
    NewTicket,
    Quarantine,
)
from mail.message import Machine, Message, Vouched

TICKETS_HOURLY = 20
"""A contact opens by mail; what comes beyond goes into one ticket that stands for all."""
_TAG = re.compile(r"\[#([0-9]{1,18})\]")
_PREFIX = re.compile(
    r"^\s*(?:(?:re|aw|wg|fw|fwd|r|i|rif|sv|vs|отв|на|пер)\s*(?:\[[0-9]+\])?\s*:\s*)+", re.IGNORECASE
)


def route(message: Message, facts: Facts) -> Decision:
    """The one decision for a mail."""
    if facts.own_message or facts.instances.intersection(message.loop_ids):
        return Ignore("a loop: the desk's own mail")
    if facts.duplicate:
        return Duplicate()
    if facts.blocked:
        return Ignore("the contact is blocked")
    own = is_among(message.sender.address, facts.ours)
    if facts.verdict == "fail" and (facts.archived or not own):
        return Quarantine("the sender's domain disowns it (DMARC)", department(message, facts))
    if message.machine is Machine.BOUNCE:
        return _bounce(message, facts)
    if own:
        return _own(message, facts)
    if is_automatic(message):
        return _machine(message, facts)
    return _person(message, facts)


def is_automatic(message: Message) -> bool:
    """Whether a machine wrote it; what lists pass on, people wrote."""
    return message.machine is not None and message.machine is not Machine.LIST


def _own(message: Message, facts: Facts) -> Decision:
    """Of an archive, the desk's words are those that nobody brought from elsewhere."""
    if not facts.archived or facts.by_id is None:
        return Ignore("from one of the desk's own addresses")
    if message.hops and facts.verdict != "pass":
        return Quarantine(
            "has one of the desk's addresses, and came from elsewhere",
            facts.by_id.department_id,
            facts.by_id,
        )
    return DeskWords(facts.by_id)


def _bounce(message: Message, facts: Facts) -> Decision:
    report = message.report
    diagnostic = report.diagnostic or report.status if report is not None else ""
    if report is not None and report.arrived:
        return Bounce("", permanent=False, diagnostic=f"it tells of no problem: {report.action}")
    if not facts.bounced_id and not facts.problem_waits:
        return Quarantine("a delivery problem of no mail of ours", department(message, facts))
    permanent = report.permanent if report is not None else True
    return Bounce(facts.bounced_id, permanent=permanent, diagnostic=diagnostic)


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
    new = NewTicket(department(message, facts), f"a machine's: {kind}", machine=True)
    return _throttled(new, facts)


def _person(message: Message, facts: Facts) -> Decision:
    for thread, reason in (
        (facts.by_address, "by the token in its address"),
        (facts.by_id, "by the mail it answers"),
    ):
        if thread is None:
            continue
        if thread.contact_id not in facts.circle:
            return Quarantine(
                "answers a conversation of somebody else", thread.department_id, thread
            )
        return _into(thread, reason, message, facts)
    tagged = facts.by_subject
    if tagged is not None and tagged.contact_id in facts.circle and _meant(tagged, message, facts):
        return _into(tagged, "by the number in its subject", message, facts)
    listed = message.machine is Machine.LIST
    reason = "from a list" if listed else "a token that is not ours" if facts.forged_token else ""
    return _throttled(NewTicket(department(message, facts), reason, listed=listed), facts)


def _meant(thread: Known, message: Message, facts: Facts) -> bool:
    """Whether it does not go to other departments than the ticket's: a number is a weak sign."""
    addressed = departments(message, facts)
    return not addressed or thread.department_id in addressed


def _into(thread: Known, reason: str, message: Message, facts: Facts) -> Decision:
    """A closed ticket is never opened again."""
    if not thread.closed:
        return Append(thread, reason)
    department_id = thread.department_id or department(message, facts)
    new = NewTicket(department_id, f"{reason}; that ticket is closed", follow_up_of=thread)
    return _throttled(new, facts)


def _throttled(new: NewTicket, facts: Facts) -> Decision:
    """That ticket, or the one that stands for too many."""
    if facts.opened_lately < TICKETS_HOURLY:
        return new
    reason = f"more than {TICKETS_HOURLY} tickets within an hour"
    if facts.standing is not None:
        return Append(facts.standing, reason, machine=True, throttled=True)
    return NewTicket(new.department_id, reason, machine=True, throttled=True)


def department(message: Message, facts: Facts) -> int | None:
    """Whose it is: the first address it came by that is a department's of this mailbox."""
    addressed = departments(message, facts)
    return addressed[0] if addressed else facts.default_department_id


def departments(message: Message, facts: Facts) -> list[int]:
    """All departments it is addressed to, the one that gets it first."""
    known = facts.departments
    found = (known.get(one, known.get(bare(one))) for one in message.delivered_to)
    return list(dict.fromkeys(one for one in found if one is not None))


def is_among(address: str | None, addresses: frozenset[str]) -> bool:
    """Whether it is one of these, as it is or without what stands after a plus."""
    return address is not None and (address in addresses or bare(address) in addresses)


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


def verdict(message: Message, server: str) -> str:
    """What the server we believe says of the sender (RFC 8601): `pass`, `fail`, or nothing.

    It may write several headers, on top of what came along: one that says "fail" counts wherever it
    stands, "pass" only among those that follow each other from the top. It passes whose domain it
    names, if From can be read in one way only.
    """
    if not server:
        return ""
    written = [one for one in message.authentication if one.server == server.lower()]
    if any(one.dmarc == "fail" for one in written):
        return "fail"
    top = takewhile(lambda one: one.server == server.lower(), message.authentication)
    said = next((one for one in top if one.dmarc), None)
    return "pass" if said is not None and said.dmarc == "pass" and _theirs(said, message) else ""


def _theirs(said: Vouched, message: Message) -> bool:
    domain = (message.sender.address or "").rpartition("@")[2]
    return bool(domain) and said.domain == domain and not message.sender.shown
