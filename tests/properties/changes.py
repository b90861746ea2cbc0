"""Random changes of organisation and tickets, through the desk's mutations, by an administrator."""

from collections.abc import Callable
from random import Random
from typing import Any

from models.desk import CategoryGrant, Department
from models.enums import Level, Right, TicketSharing
from models.people import Contact
from models.tickets import Ticket
from resolvers.ids import encode
from tests.models.organisations import Organisation
from tests.properties.asking import Asker, Question

Change = tuple[str, dict[str, Any]]
"""A mutation and its input."""


class Desk:
    """What there is to choose from."""

    def __init__(
        self, random: Random, made: Organisation, tickets: list[int], contacts: list[int]
    ) -> None:
        self._random = random
        self._made = made
        self._tickets = tickets
        self._contacts = contacts

    def ticket(self) -> str:
        return self._one("Ticket", self._tickets)

    def contact(self) -> str:
        return self._one("Contact", self._contacts)

    def operator(self) -> str:
        return self._one("Operator", list(self._made.operators))

    def group(self) -> str:
        return self._one("Group", list(self._made.groups))

    def role(self) -> str:
        return self._one("Role", list(self._made.roles))

    def department(self) -> str:
        return self._one("Department", list(self._made.departments))

    def category(self) -> str:
        return self._one("Category", self._made.categories)

    def any_of(self, *values: Any) -> Any:
        return self._random.choice(values)

    def some(self, values: list[str]) -> list[str]:
        return [one for one in values if self._random.random() < 0.7]

    def _one(self, kind: str, ids: list[int]) -> str:
        return encode(kind, self._random.choice(ids))


RIGHTS = [one.name for one in (Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.TICKETS_DELETE,
                               Right.CONTACTS_VIEW, Right.SETTINGS_VIEW)]  # fmt: skip
ORGANISATION: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "settingsUpdate": lambda d: {
        "ticketSharing": d.any_of(*(one.name for one in TicketSharing)),
        "restrictToDepartments": d.any_of(True, False),
    },
    "departmentUpdate": lambda d: {
        "departmentId": d.department(),
        **d.any_of(
            {"addOperatorIds": [d.operator()]}, {"removeOperatorIds": [d.operator()]},
            {"addGroupIds": [d.group()]}, {"addPublicGroupIds": [d.group()]},
            {"parentId": d.department()}, {"limitedView": True},
        ),
    },
    "categoryGrantAdd": lambda d: {
        "operatorId": d.operator(), "categoryId": d.category(),
        "level": d.any_of(*(one.name for one in Level)),
    },
    "categoryUpdate": lambda d: {
        "categoryId": d.category(), **d.any_of({"departmentId": d.department()}, {"archived": True})
    },
    "groupUpdate": lambda d: {
        "groupId": d.group(),
        "addMembers": [
            d.any_of(
                {"operatorId": d.operator()}, {"groupId": d.group()},
                {"roleId": d.role(), "withSubordinates": True},
            )
        ],
    },
    "operatorUpdate": lambda d: {"operatorId": d.operator(), "roleId": d.role()},
    "operatorDeactivate": lambda d: {"operatorId": d.operator()},
    "roleUpdate": lambda d: {"roleId": d.role(), "parentId": d.any_of(None, d.role())},
    "profileUpdate": lambda d: {
        # The organisation's profiles have their roles' numbers.
        "profileId": d.role().replace("Role", "Profile"), "rights": d.some(RIGHTS),
    },
    "contactMerge": lambda d: {"contactId": d.contact(), "intoId": d.contact()},
    "contactUpdate": lambda d: {
        "contactId": d.contact(), "organisationId": d.any_of(None, encode("Organisation", 1))
    },
}  # fmt: skip
TICKET: dict[str, Callable[[Desk], dict[str, Any]]] = {
    "ticketAssign": lambda d: {"assigneeId": d.any_of(None, d.operator(), d.group())},
    "ticketChangeLevel": lambda d: {"level": d.any_of(*(one.name for one in Level))},
    "ticketChangeCategory": lambda d: {"categoryId": d.category(), "note": "moved word"},
    "ticketTransfer": lambda d: {"departmentId": d.department()},
    "magicLinksRevoke": lambda _d: {},
    "ticketUpdate": lambda d: {"subject": "Another word", "addTags": ["tag"]},
    "ticketAddNote": lambda d: {"body": "a note", "mentionIds": [d.operator()]},
    "ticketReply": lambda d: {"body": "a word of reply"},
    "ticketClose": lambda _: {},
    "ticketDelete": lambda _: {},
    "ticketRestore": lambda _: {},
    "ticketMerge": lambda d: {"intoId": d.ticket()},
}


def change(random: Random, desk: Desk) -> Change:
    """One of them."""
    if random.random() < 0.5:
        name = random.choice(sorted(ORGANISATION))
        return name, ORGANISATION[name](desk)
    if random.random() < 0.1:
        return "ticketOpen", {
            "subject": "On with it", "body": "again", "contactId": desk.contact(),
            "categoryId": desk.category(), "followUpOfId": desk.any_of(None, desk.ticket()),
        }  # fmt: skip
    name = random.choice(sorted(TICKET))
    return name, {"ticketId": desk.ticket(), **TICKET[name](desk)}


async def changed(random: Random, made: Organisation, by: Asker, number: int) -> list[str]:
    """So many changes, one after another; how each was answered. Refusals change nothing."""
    answers: list[str] = []
    for _ in range(number):
        tickets = [one.id for one in await Ticket.all().only("id").order_by("id")]
        contacts = [one.id for one in await Contact.filter(merged_into_id=None).order_by("id")]
        name, input = change(random, Desk(random, made, tickets, contacts))
        answer = await by.answer(mutation(name, input))
        assert not answer.get("errors"), (name, input, answer)
        answers.append(answer["data"][name]["__typename"])
    return answers


def mutation(name: str, input: dict[str, Any]) -> Question:
    """It, asking for what its refusals say."""
    kind = f"{name[0].upper()}{name[1:]}Input"
    document = (
        f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ __typename"
        " ... on UserError { message } } }"
    )
    return Question(document, {"input": input})


async def ids_of_places(made: Organisation) -> dict[str, list[int]]:
    """Kinds and numbers of what tickets belong to, for questions about them."""
    grants = await CategoryGrant.filter(category_id__in=made.categories).order_by("id")
    assert await Department.exists(id__in=list(made.departments))
    return {
        "Department": sorted(made.departments),
        "Category": sorted(made.categories),
        "Group": sorted(made.groups),
        "Operator": sorted(made.operators)[:4],
        "Role": sorted(made.roles)[:2],
        "Profile": sorted(made.roles)[:1],
        "Grant": [one.id for one in grants][:2] or [0],
        "Token": [0],
        "Mailbox": [0],
    }
