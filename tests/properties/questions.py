"""Everything the desk's queries can be asked: each field, each argument, each kind of node."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from app.permissions_page import rules
from models.enums import Right
from resolvers.ids import encode
from schema.rules import Needs
from tests.properties.asking import Question
from tests.properties.selecting import PAGE, Selection
from tests.schema.walking import SCHEMAS, fields_of

SCHEMA = SCHEMAS["desk"]
RULES: dict[tuple[str, str], Needs | None] = {(type_, name): rule for type_, name, rule in rules()}
SPAN = '{from: "2026-01-31T00:00:00Z", to: "2036-01-31T00:00:00Z"}'

FILTERS = (
    "turn: [OPERATOR, CLOSED]", "departmentId: [$department]", "categoryId: [$category]",
    "level: BASE", "assignee: {operatorId: $operator}", "assignee: {groupId: $group}",
    "assignee: {me: true, myGroups: true}", "assignee: {nobody: true}", "contactId: $contact",
    "source: [CLIENT_AREA]", "priority: [URGENT]", "severity: [MAJOR]", 'tag: ["tag"]',
    f"createdAt: {SPAN}", f"updatedAt: {SPAN}", f"lastPostAt: {SPAN}", f"closedAt: {SPAN}",
    "unread: true", 'search: "word sub"', "organisationId: [$organisation]",
    "hasAttachments: true", "open: false",
)  # fmt: skip
ORDERS = [
    f"{{field: {field}, direction: {'DESC' if place % 2 else 'ASC'}}}"
    for place, field in enumerate(
        ("CREATED_AT", "UPDATED_AT", "LAST_POST_AT", "LAST_CONTACT_POST_AT",
         "LAST_OPERATOR_REPLY_AT", "FIRST_REPLY_AT", "CLOSED_AT", "PRIORITY", "NUMBER")
    )
]  # fmt: skip

DEEP, BRIEF = 1, 0
ROOTS: dict[str, list[tuple[str, int]]] = {
    "auditLog": [
        ("(first: 30)", DEEP),
        ("(filter: {subjectId: $contact})", BRIEF),
        ('(filter: {byId: $operator, kind: "contact.merge"})', BRIEF),
        ('(filter: {since: "2026-01-31T00:00:00Z", until: "2036-01-31T00:00:00Z"})', BRIEF),
    ],
    "profiles": [("", DEEP)],
    "roles": [("", DEEP)],
    "apiTokens": [("", DEEP)],
    "settings": [("", DEEP)],
    "organisations": [("(first: 5)", DEEP), ('(search: "c")', BRIEF)],
    "contactGroups": [("", DEEP)],
    "groups": [("", DEEP)],
    "explainAccess": [("(operatorId: $operator, ticketId: $ticket, action: REPLY)", DEEP)],
    "outboundMails": [("", DEEP), ('(filter: {mailboxId: "x", state: SENT, kind: REPLY})', BRIEF)],
    "inboundMails": [("", DEEP), ('(filter: {mailboxId: "x", state: QUARANTINED})', BRIEF)],
    "mailTemplates": [("", DEEP), ("(departmentId: $department)", BRIEF)],
    "ticketsInLimbo": [("", DEEP)],
    "notifications": [("", DEEP)],
    "mailboxes": [("", DEEP)],
    "mailbox": [("(id: $mailbox)", DEEP)],
    "mailProviderPresets": [("", DEEP)],
    "deskAlerts": [("", DEEP)],
    "viewer": [("", 2)],
    "ticket": [("(id: $ticket)", 2), ("(number: $number)", BRIEF)],
    "tickets": [
        ("", DEEP),
        *((f"(filter: {{{one}}})", BRIEF) for one in FILTERS),
        *((f"(orderBy: {one}, first: 4)", BRIEF) for one in ORDERS),
    ],
    "ticketCounters": [("", DEEP), *((f"(filter: {{{one}}})", DEEP) for one in FILTERS[:4])],
    "contact": [("(id: $contact)", 2)],
    "contacts": [("", DEEP), ('(search: "a")', BRIEF)],
    "departments": [("", DEEP), ("(for: MANAGE)", BRIEF)],
    "categories": [("", DEEP), ("(for: CHANGE)", BRIEF), ("(for: MANAGE)", BRIEF)],
    "operator": [("(id: $operator)", DEEP)],
    "operators": [("(first: 10)", DEEP), ('(search: "a", active: true)', BRIEF)],
    "drafts": [("", DEEP)],
    "deletedTickets": [("", DEEP)],
}
"""How each field is asked; `node` and further pages are asked below."""
OF_TICKETS = {"ticket"}
"""Asked of every ticket there is, and of one that never was."""
TYPES = {"number": "Int!"}
NODES = {
    "Ticket": "Ticket", "Document": "Document", "Contact": "Contact", "Grant": "CategoryGrant",
    "Token": "ApiToken", "Role": "Role", "Profile": "Profile", "Operator": "Operator",
    "Group": "OperatorGroup", "Organisation": "Organisation", "ContactGroup": "ContactGroup",
    "Department": "Department", "Category": "Category", "Notification": "Notification",
    "Audit": "AuditEntry", "Mailbox": "Mailbox",
}  # fmt: skip
"""What the first word of a global id says; an entry's may be of four types."""
MANY = 12
"""Nodes asked with one request, where there are many of a kind."""
ENTRIES = ("ContactMessage", "OperatorReply", "InternalNote", "SystemEvent")


def selection(held: frozenset[Right], *, own: bool = False) -> Selection:
    """What somebody with these rights may ask for; `own`, of themselves too."""
    return Selection(SCHEMA, _admitted(held, own=own))


def _admitted(held: frozenset[Right], *, own: bool) -> Callable[[str, str], bool]:
    def is_so(type_: str, field: str) -> bool:
        rule = RULES.get((type_, field))
        return rule is None or rule.right in (None, *held) or (own and rule.own)

    return is_so


def root(name: str, arguments: str, depth: int, held: frozenset[Right]) -> str:
    """A query of one root field."""
    target = str(fields_of(SCHEMA.type_map["Query"])[name].type).strip("[]!")
    chosen = selection(held, own=name == "viewer")
    if target.endswith("Connection"):
        inner = chosen.page(target, depth)
    else:
        inner = chosen.of(target, depth)
    return chosen.document(_operation(f"{name}{arguments} {inner}"))


def _operation(body: str) -> str:
    names = sorted(set(re.findall(r"\$(\w+)", body)))
    declared = ", ".join(f"${name}: {TYPES.get(name, 'ID!')}" for name in names)
    return f"query ({declared}) {{ {body} }}" if names else f"{{ {body} }}"


def node(types: tuple[str, ...], held: frozenset[Right]) -> str:
    """A node that may be any of these, with what is around it."""
    chosen = selection(held)
    return chosen.document(_operation(f"node(id: $id) {chosen.any_of([*types], DEEP)}"))


def nodes(types: tuple[str, ...], held: frozenset[Right]) -> str:
    """Several nodes that may be any of these, each by itself."""
    chosen = selection(held)
    inner = chosen.any_of([*types], BRIEF)
    return chosen.document(
        _operation(" ".join(f"n{n}: node(id: $id{n}) {inner}" for n in range(MANY)))
    )


def pages(name: str) -> str:
    """One page of a list, by whatever cursor."""
    arguments = {"first": "Int", "after": "String"}
    if backwards(name):
        arguments |= {"last": "Int", "before": "String"}
    declared = ", ".join(f"${one}: {type_}" for one, type_ in arguments.items())
    passed = ", ".join(f"{one}: ${one}" for one in arguments)
    return (
        f"query ({declared}) {{ {name}({passed}) {{ {PAGE} edges {{ cursor node {{ id }} }} }} }}"
    )


def backwards(name: str) -> bool:
    """Whether this list can be read from its end."""
    return "last" in fields_of(SCHEMA.type_map["Query"])[name].args


def lists() -> list[str]:
    """Root fields that come in pages."""
    fields = fields_of(SCHEMA.type_map["Query"])
    return [name for name, one in fields.items() if str(one.type).endswith("Connection!")]


def documents(held: frozenset[Right]) -> set[str]:
    """All documents that are asked with."""
    found = {root(name, *one, held) for name, all_ in ROOTS.items() for one in all_}
    found |= {node((type_,), held) for type_ in NODES.values()}
    found |= {nodes(ENTRIES, held), nodes(("Document",), held)}
    return found | {pages(name) for name in lists()}


def questions(held: frozenset[Right], ids: dict[str, list[int]]) -> list[Question]:
    """All of them, about these ids by kind; `ids` has an Entry too."""
    first = {kind.lower(): encode(kind, some[0]) for kind, some in ids.items()}
    found: list[Question] = []
    for name, all_ in ROOTS.items():
        for arguments, depth in all_:
            document = root(name, arguments, depth, held)
            tickets = ids["Ticket"] if name in OF_TICKETS else [ids["Ticket"][0]]
            found.extend(
                _asking(document, {**first, "ticket": encode("Ticket", id), "number": id})
                for id in tickets
            )
    for kind, some in ids.items():
        if kind in ("Entry", "Document"):
            document = nodes(ENTRIES if kind == "Entry" else ("Document",), held)
            for start in range(0, len(some), MANY):
                those = [*some[start : start + MANY], *[0] * MANY][:MANY]
                named = {f"id{n}": encode(kind, id) for n, id in enumerate(those)}
                found.append(Question(document, named))
            continue
        document = node((NODES[kind],), held)
        found.extend(Question(document, {"id": encode(kind, id)}) for id in some)
    return found


def _asking(document: str, known: dict[str, Any]) -> Question:
    names: Iterable[str] = re.findall(r"\$(\w+):", document)
    return Question(document, {name: known[name] for name in names})
