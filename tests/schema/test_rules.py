"""Every way to tickets, contacts, documents and settings passes the rule, and says which."""

from pathlib import Path
from typing import Any

from graphql import GraphQLNamedType
from graphql.type import GraphQLSchema, is_abstract_type

from app.permissions_page import ROOTS, page, rules
from schema.rules import Needs
from tests.schema.walking import SCHEMAS, fields_of, members, own_types

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
DESK = SCHEMAS["desk"]

RULED = {
    "Ticket", "TimelineEntry", "Document", "Draft", "Contact", "ContactGroup", "Organisation",
    "Settings", "AuditEntry", "ApiToken", "Role", "Profile", "CategoryGrant", "CategoryCoverage",
    "AccessExplanation",
}  # fmt: skip
"""What nobody may come by but through a rule; subtypes and pages of these are meant too."""

FOLLOWS = {
    ("Ticket", "Contact"): "whoever sees a ticket sees whose it is",
    ("Ticket", "TimelineEntry"): "its history",
    ("Ticket", "Document"): "its files",
    ("Ticket", "Draft"): "the viewer's own, by their id",
    ("Ticket", "Ticket"): "among what the viewer sees: OwnLoaders",
    ("TimelineEntry", "Document"): "its files",
    ("TimelineEntry", "Contact"): "its author",
    ("Contact", "Organisation"): "theirs",
    ("Contact", "ContactGroup"): "theirs",
    ("Role", "Role"): "the one above",
    ("Role", "Profile"): "what it grants",
    ("AuditEntry", "Contact"): "an actor: contacts write no line of it",
    ("GroupMember", "Role"): "of OperatorGroup.members, which takes the right to see settings",
}
"""From a row that was seen by its own rule to what is seen with it."""

WITHIN = {"AccessGate": "of explainAccess, which takes the right to administer"}
"""Types that one ruled field alone leads to."""

OUTCOMES = ("Result", "Event")
"""Ends of names of unions whose members are what a mutation or a feed says after its own rule."""


def reached(schema: GraphQLSchema, type_: GraphQLNamedType) -> set[str]:
    """The ruled types that a field of this type leads to: itself, its subtypes, a page's rows."""
    names = {type_.name}
    if is_abstract_type(type_):
        names |= {one.name for one in members(schema, type_)}
    if type_.name.endswith(("Connection", "Edge")):
        names.add(type_.name.removesuffix("Connection").removesuffix("Edge"))
    names |= {
        interface.name
        for name in set(names)
        for interface in getattr(schema.type_map.get(name), "interfaces", ())
    }
    if "Timeline" in names:
        names.add("TimelineEntry")
    return names & RULED


def named(field: Any) -> GraphQLNamedType:
    """The type of a field, without list and non-null."""
    return DESK.type_map[str(field.type).strip("[]!")]


def outcomes() -> set[str]:
    """Types that only a mutation's result or a feed holds."""
    found: set[str] = set()
    for one in own_types(DESK):
        if is_abstract_type(one) and one.name.endswith(OUTCOMES) and one.name != "SystemEvent":
            found |= {member.name for member in members(DESK, one)}
    return found - RULED - {"SystemEvent"}


def test_every_root_field_says_its_rule() -> None:
    said = {(type_, field): rule for type_, field, rule in rules()}
    for root in ("Query", "Mutation"):
        for field in fields_of(DESK.type_map[root]):
            assert said[root, field] is not None, f"{root}.{field} has no rule"
    assert set(fields_of(DESK.type_map["Subscription"])) == {
        "ticketEvents",
        "ticketListEvents",
        "ticketCountersChanged",
    }, (  # fmt: skip
        "a new subscription asks for its scope in resolvers/feeds.py: then name it here"
    )


def test_whatever_leads_to_what_is_ruled_passes_a_rule() -> None:
    said = {(type_, field): rule for type_, field, rule in rules()}
    free: list[str] = []
    passing = outcomes() | set(ROOTS) | set(WITHIN)
    for one in own_types(DESK):
        if one.name in passing or one.name.endswith(("Connection", "Edge")):
            continue
        above = reached(DESK, one) or {one.name}
        for name, field in fields_of(one).items():
            if not hasattr(field, "args"):
                continue  # of an input
            for target in reached(DESK, named(field)):
                follows = any((parent, target) in FOLLOWS for parent in above)
                if not follows and not judges(said.get((one.name, name))):
                    free.append(f"{one.name}.{name} → {target}")
    assert free == []


def judges(rule: Needs | None) -> bool:
    """Whether the rule asks for anything at all."""
    return rule is not None and (rule.person or rule.scope is not None or rule.right is not None)


def test_root_fields_that_lead_there_ask_for_something() -> None:
    said = {(type_, field): rule for type_, field, rule in rules()}
    free = {
        name
        for name, field in fields_of(DESK.type_map["Query"]).items()
        if reached(DESK, named(field)) and not judges(said["Query", name])
    }
    assert free == {"node"}, "node judges each kind by the rule of its own query"


def test_the_page_is_the_codes() -> None:
    text = PAGE.read_text()
    assert page(text) == text, "run `make docs`"
    yes: list[Any] = [line for line in text.splitlines() if line.startswith("| `REPLY`")]
    assert len(yes) == 1
