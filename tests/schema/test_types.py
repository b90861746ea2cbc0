"""What clients rely on: unions without conflicts, types that know themselves, refusals shown."""

from itertools import combinations
from typing import Any

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType

from resolvers import refusals
from resolvers.refusals import Refusal
from schema.client.mutation import REFUSALS as CLIENT_REFUSALS
from schema.desk.refusals import REFUSALS as DESK_REFUSALS
from schema.messages import CATALOGUES
from schema.refusals import Refusals
from tests.schema.walking import SCHEMAS, fields_of, members, own_types, unions

BOTH = pytest.mark.parametrize("name", ["desk", "client"])
OF_SIDE = {"desk": DESK_REFUSALS, "client": CLIENT_REFUSALS}


def shown(refusals_: Refusals) -> set[str]:
    """The GraphQL types refusals become."""
    return {
        getattr(member.graphql_type, "__strawberry_definition__").name  # noqa: B009
        for member in refusals_.members.values()
    }


@BOTH
def test_no_union_holds_one_name_of_two_types(name: str) -> None:
    """A client that asks for both is refused: fields of one name must have one type.

    `Node` alone may: it holds everything, and nobody asks all of that for one id.
    """
    schema = SCHEMAS[name]
    interfaces = [one for one in own_types(schema) if isinstance(one, GraphQLInterfaceType)]
    abstract = [*unions(schema), *(one for one in interfaces if one.name != "Node")]
    conflicts: list[str] = []
    for one in abstract:
        for left, right in combinations(members(schema, one), 2):
            mine, theirs = fields_of(left), fields_of(right)
            conflicts += [
                f"{one.name}: {left.name}.{field}: {mine[field].type}, "
                f"{right.name}.{field}: {theirs[field].type}"
                for field in mine.keys() & theirs.keys()
                if str(mine[field].type) != str(theirs[field].type)
            ]
    assert conflicts == []


@BOTH
def test_message_is_reserved_for_user_errors(name: str) -> None:
    schema = SCHEMAS[name]
    errors = {one.name for one in members(schema, schema.type_map["UserError"])}
    in_unions = {one.name for union in unions(schema) for one in members(schema, union)}
    with_message = {
        one.name
        for one in own_types(schema)
        if "message" in fields_of(one) and one.name in in_unions
    }
    assert with_message - {"MessageAdded"} == errors & in_unions
    assert not {"MessageAdded"} & {
        one.name for one in members(schema, schema.type_map["UserError"])
    }


@BOTH
def test_concrete_types_know_their_rows(name: str) -> None:
    """Without `is_type_of` an abstract field would have to guess."""
    schema = SCHEMAS[name]
    unknown: list[str] = []
    for one in own_types(schema):
        if isinstance(one, GraphQLObjectType) and one.interfaces:
            unknown += [] if getattr(one, "is_type_of") else [one.name]  # noqa: B009
    assert unknown == []


@BOTH
def test_every_result_is_one_success_and_refusals_that_are_shown(name: str) -> None:
    schema = SCHEMAS[name]
    refused = shown(OF_SIDE[name])
    used: set[str] = set()
    assert schema.mutation_type is not None
    for mutation, field in fields_of(schema.mutation_type).items():
        result = schema.type_map[str(field.type).strip("!")]
        assert result.name == mutation[0].upper() + mutation[1:] + "Result"
        names = [one.name for one in members(schema, result)]
        errors = {
            one.name
            for one in members(schema, result)
            if "UserError" in {interface.name for interface in one.interfaces}
        }
        used |= errors
        assert errors <= refused, mutation
        successes = set(names) - errors - {"TicketOutOfSight"}
        # Who asks for a lock that nobody has holds it, as if acquired.
        also = {"ReplyLockHeld"} if mutation == "replyLockRequest" else set[str]()
        assert len(successes - also) == 1, mutation
        assert names[0] in successes, mutation
        for argument in field.args.values():
            kind = mutation[0].upper() + mutation[1:] + "Input!"
            assert str(argument.type) == kind
    assert used == refused


def test_every_refusal_is_shown_to_operators_and_said_in_every_language() -> None:
    every = {
        one
        for one in vars(refusals).values()
        if isinstance(one, type) and issubclass(one, Refusal) and one is not Refusal
    }
    contacts_alone = {refusals.LinkExpired, refusals.TicketStillOpen, refusals.RatingClosed}
    assert set(DESK_REFUSALS.members) == every - contacts_alone
    assert contacts_alone <= set(CLIENT_REFUSALS.members) <= every
    for catalogue in CATALOGUES.values():
        assert set(catalogue) == every
        assert all(text.endswith(".") for text in catalogue.values())
    english, italian = (CATALOGUES[language] for language in ("en", "it"))
    assert not set(english.values()) & set(italian.values())


INTERNAL = (
    "note", "level", "lock", "assignee", "tag", "priority", "severity", "draft", "viewers",
    "event", "timeline", "entry", "department", "internal", "operator", "mention", "source",
    "unread", "delivery", "merged", "creator", "group", "sight", "action", "organisation",
)  # fmt: skip
KNOWN = {
    "Query.departments",
    "Subscription.ticketEvents",
    "TicketOpenInput.departmentId",
    "Turn.OPERATOR",
}
"""Where to write, where there are no categories; what happens on a ticket; whose turn it is."""


def test_nothing_internal_is_there_for_contacts_to_ask_for() -> None:
    schema = SCHEMAS["client"]
    found: set[str] = set()
    for one in own_types(schema):
        names: set[Any] = set(fields_of(one)) | set(getattr(one, "values", {}))
        for field in fields_of(one).values():
            names |= set(getattr(field, "args", {}))
        found |= {
            f"{one.name}.{name}" for name in names if any(word in name.lower() for word in INTERNAL)
        }
    assert found == KNOWN
    kinds = {one.name for one in own_types(schema)}
    assert not kinds & {
        "Operator", "OperatorGroup", "InternalNote", "SystemEvent", "TimelineEntry", "ReplyLock",
        "Draft", "Viewer", "Level", "Priority", "Severity", "TicketSource", "TicketAction",
        "Organisation", "Automation", "TicketFilter",
    }  # fmt: skip
