"""Who is asking: an operator, a contact, or the desk's own automation."""

from dataclasses import dataclass
from functools import cached_property

from models.conditions import Condition, Every, Is, IsIn
from models.enums import Right
from models.people import Contact, Operator
from models.sight import Sight


@dataclass(frozen=True)
class OperatorCaller:
    """A signed-in operator with the rules that bind them."""

    operator: Operator
    session_id: int
    sight: Sight
    scopes: frozenset[Right] | None = None
    """What an API token may use of the operator's rights; None for a person's session."""

    @property
    def id(self) -> int:
        """The operator's id."""
        return self.operator.id

    @property
    def key(self) -> str:
        """Stable name of the account, for idempotency and ownership."""
        return f"operator:{self.operator.id}"

    @cached_property
    def condition(self) -> Condition:
        """Which tickets they see."""
        return self.sight.condition()


@dataclass(frozen=True)
class ContactCaller:
    """A signed-in contact; `circle` is themselves and colleagues whose organisation shares."""

    contact: Contact
    session_id: int
    circle: frozenset[int]
    only_ticket: int | None = None
    """Of who came by a magic link: it reaches this ticket alone, while it is theirs."""

    @property
    def id(self) -> int:
        """The contact's id."""
        return self.contact.id

    @property
    def key(self) -> str:
        """Stable name of the account, for idempotency and ownership."""
        return f"contact:{self.contact.id}"

    @cached_property
    def condition(self) -> Condition:
        """Which tickets they see."""
        return reach(self.circle, self.only_ticket)


def reach(circle: frozenset[int], only_ticket: int | None = None) -> Condition:
    """The tickets of a circle of contacts, or that one of them."""
    theirs = (Is("deleted_at", None), IsIn("contact_id", circle))
    return Every(theirs if only_ticket is None else (*theirs, Is("id", only_ticket)))


@dataclass(frozen=True)
class Automation:
    """A rule, a deadline, a machine's mail: no gates, no lock."""

    name: str

    @property
    def key(self) -> str:
        """Stable name, for logs."""
        return f"automation:{self.name}"


Caller = OperatorCaller | ContactCaller
