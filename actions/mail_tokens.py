"""What our mails carry so that their answers find home: Message-IDs and reply addresses, signed."""

import re
import secrets

from actions.keys import Purpose, ring

_MESSAGE_ID = re.compile(r"t([0-9]{1,18})\.([0-9a-f]{32})\.([a-z2-7]{16})@[^@\s]+", re.IGNORECASE)
_TOKEN = re.compile(r"([^+@\s]+)\+t([0-9]{1,18})\.([a-z2-7]{16})@([^@\s]+)", re.IGNORECASE)


def mint_message_id(ticket_id: int, domain: str) -> str:
    """A new Message-ID without < > (RFC 5322, 3.6.4); ticket 0 for a mail of no ticket."""
    unique = secrets.token_hex(16)
    signature = ring().sign(Purpose.MESSAGE_ID, f"{ticket_id}.{unique}")
    return f"t{ticket_id}.{unique}.{signature}@{domain}"


def ticket_of_message_id(message_id: str) -> int | None:
    """The ticket of an id we minted, 0 for none; None for one that is not ours."""
    found = _MESSAGE_ID.fullmatch(message_id)
    if found is None:
        return None
    ticket, unique, signature = found.groups()
    ours = ring().verify(Purpose.MESSAGE_ID, f"{ticket}.{unique.lower()}", signature)
    return int(ticket) if ours else None


def reply_address(ticket_id: int, address: str) -> str:
    """The address with the ticket's token after a plus (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    signature = ring().sign(Purpose.REPLY_ADDRESS, f"{ticket_id}@{address.lower()}")
    return f"{local}+t{ticket_id}.{signature}@{domain}"


def ticket_of_reply_address(address: str) -> tuple[int, bool] | None:
    """The ticket an address has a token of, and whether we signed it; None without a token."""
    found = _TOKEN.fullmatch(address)
    if found is None:
        return None
    local, ticket, signature, domain = found.groups()
    text = f"{ticket}@{local}@{domain}".lower()
    return int(ticket), ring().verify(Purpose.REPLY_ADDRESS, text, signature)


def bare(address: str) -> str:
    """The address without what stands after a plus."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
