"""Every write of a ticket: `tickets.reply(…, by=operator)`."""

from actions.tickets.assigning import Assigned, assign, take_next
from actions.tickets.conversing import post
from actions.tickets.deleting import delete, restore
from actions.tickets.merging import merge
from actions.tickets.moving import change_category, change_level, transfer
from actions.tickets.opening import open_by_contact, open_for
from actions.tickets.outcome import Moved, Posted
from actions.tickets.rating import rate
from actions.tickets.replying import add_note, close, reply
from actions.tickets.resending import resend
from actions.tickets.updating import update

__all__ = [
    "Assigned",
    "Moved",
    "Posted",
    "add_note",
    "assign",
    "change_category",
    "change_level",
    "close",
    "delete",
    "merge",
    "open_by_contact",
    "open_for",
    "post",
    "rate",
    "reply",
    "resend",
    "restore",
    "take_next",
    "transfer",
    "update",
]
