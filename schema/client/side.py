"""Which side of a conversation."""

from enum import Enum

from schema.core import described


class Side(Enum):
    """Who speaks."""

    CONTACT = "contact"
    DESK = "desk"


described(Side, "Which side wrote.", CONTACT="The contact or a colleague.", DESK="The desk.")
