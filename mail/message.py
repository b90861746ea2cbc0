"""A mail as the desk understands it: what `parse` returns and `route` reads. No I/O."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Address:
    """One mailbox of a header: decoded name, plain `local@domain` in lower case."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Sender:
    """Who From says wrote it."""

    address: str | None
    """None when there is no one address that can be trusted to be what it looks like."""
    name: str = ""
    shown: str = ""
    """The header as people should see it, when it has defects; else empty."""


@dataclass(frozen=True)
class File:
    """An attachment, or an inline image."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""
    """Without < >; of one that the HTML shows in its place."""
    inline: bool = False


class Machine(StrEnum):
    """What kind of machine wrote it, if one did."""

    BOUNCE = "BOUNCE"
    """A report that mail could not be delivered, or will be late (RFC 3464, or by its looks)."""
    READ_RECEIPT = "READ_RECEIPT"
    """RFC 8098."""
    AUTO_REPLY = "AUTO_REPLY"
    """Auto-Submitted other than no (RFC 3834), or one of its older cousins."""
    LIST = "LIST"
    """A mailing list's (List-Id, Precedence: list): people write there, machines pass it on."""
    BULK = "BULK"
    """Precedence bulk or junk."""


@dataclass(frozen=True)
class DeliveryReport:
    """What a bounce says (RFC 3464), as far as it can be made out."""

    original_ids: tuple[str, ...] = ()
    """Message-IDs of what was not delivered, without < >, the likeliest first."""
    recipients: tuple[str, ...] = ()
    action: str = ""
    """`failed`, `delayed`, `delivered`, `relayed`, `expanded`; empty when it does not say."""
    status: str = ""
    """Like `5.1.1`."""
    diagnostic: str = ""

    returned_ids: tuple[str, ...] = ()
    """Those of `original_ids` that stand in the mail it gives back, or in what is left of it."""

    @property
    def permanent(self) -> bool:
        """Whether nobody will try again: by the action, whatever the status (RFC 3464, 2.3.3).

        Without one, not a transient status.
        """
        if self.action:
            return self.action == "failed"
        return not (self.status or self.diagnostic.lstrip()).startswith("4")

    @property
    def arrived(self) -> bool:
        """It tells that all is well."""
        return self.action in {"delivered", "relayed", "expanded"}


@dataclass(frozen=True)
class Vouched:
    """What one server says of the sender's domain (Authentication-Results, RFC 8601)."""

    server: str
    """Lower case."""
    dmarc: str = ""
    """`pass`, `fail` …; empty when it says nothing, or two things."""
    domain: str = ""
    """Whose it vouches for: header.from, lower case."""


@dataclass(frozen=True)
class Message:
    """All of a mail that matters; every text is valid Unicode without NUL."""

    message_id: str = ""
    """Without < >; empty for none that can be used."""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    """In the order of the header, the last 50 at most; without < >."""
    sender: Sender = Sender(None)
    reply_to: Address | None = None
    """Only when it differs from the sender's address."""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    """Addresses it came in by, the strongest header first (mail.md, 2.1.7), To and Cc among them;
    each once, lower case, with its +token."""
    return_path: str | None = None
    """The envelope sender as the server noted it; empty for <>; None when it did not."""
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    """What a person reads: the text part, else made from the HTML; never empty if there was any."""
    html: str = ""
    """Safe HTML for the timeline, quotes folded in <details>; never empty if `text` is not. Images
    of the mail itself have `cid:` sources; remote ones are placeholders."""
    notes: tuple[str, ...] = ()
    """What the reader should know: encrypted, an invitation, parts left out …"""
    files: tuple[File, ...] = ()
    machine: Machine | None = None
    report: DeliveryReport | None = None
    """Of a bounce."""
    loop_ids: tuple[str, ...] = ()
    """Every X-Helpdesk-Loop."""
    authentication: tuple[Vouched, ...] = ()
    """As the servers wrote it, from the top."""
    hops: int = 0
    """Servers that noted it passed them (Received)."""
    defects: tuple[str, ...] = field(default=())
    """What was wrong with it, for the log."""
