"""What is read of a mail before anybody parses it: enough to find it again in the log."""

from dataclasses import dataclass
from datetime import datetime

from mail.parse import headed

LENGTH = 64 * 1024
"""Bytes of a mail in which its headers are looked for."""


@dataclass(frozen=True)
class Head:
    """Who wrote it, under what name, and when."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    date: datetime | None = None
    machine: str = ""
    """What kind of machine wrote it, as far as the head tells; empty for a person."""


def head_of(raw: bytes) -> Head:
    """From the headers alone; what cannot be made out is empty."""
    found = headed(raw[:LENGTH], "")
    return Head(
        found.message_id,
        found.sender.address or "",
        found.subject,
        found.date,
        found.machine.value if found.machine is not None else "",
    )
