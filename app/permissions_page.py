"""The tables of docs/permissions.md, out of the rule and the schema: `make docs` writes them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tortoise import Tortoise

from app.database import config
from app.tables import filled, table
from models.callers import OperatorCaller
from models.enums import Level, Right, TicketAction, TicketSharing, TicketSource, Turn
from models.people import Operator
from models.sight import Sight
from models.tickets import Ticket
from resolvers.desk import allowed_actions
from schema import enums
from schema.desk import SCHEMA
from schema.rules import Needs

PAGE = Path("docs/permissions.md")
ROOTS = ("Query", "Mutation", "Subscription")
ME, OTHER, HERE = 1, 2, 1


def tables() -> dict[str, str]:
    """Every table of the page, by the name of its marks."""
    return {
        "rights": table(("right", ""), _rights()),
        "actions": table(("action", *(name for name, _ in SITUATIONS)), _actions()),
        "fields": table(("field", "needs"), _root_fields()),
        "guarded": table(("field", "needs"), _guarded_fields()),
    }


def page(text: str) -> str:
    """The page with its tables as they should be."""
    return filled(text, tables())


# --- what a profile may grant


def _rights() -> Iterator[tuple[str, str]]:
    definition: Any = getattr(enums.Right, "__strawberry_definition__")  # noqa: B009
    for value in definition.values:
        yield f"`{value.name}`", value.description


# --- what may be done with a ticket in sight: asked of the rule itself

_TICKET = {
    "id": 1, "contact_id": 1, "turn": Turn.OPERATOR, "source": TicketSource.CLIENT_AREA,
    "department_id": HERE, "creator_id": OTHER, "level": Level.BASE, "revision": 0,
}  # fmt: skip
_SIGHT = Sight(
    operator_id=ME,
    version=0,
    active=True,
    rights=frozenset({Right.TICKETS_VIEW, Right.TICKETS_WRITE, Right.TICKETS_DELETE}),
    restricted=True,
    sharing=TicketSharing.PUBLIC_WRITE,
    departments=frozenset({HERE}),
    public_departments=frozenset(),
    limited_departments=frozenset(),
    members_only_departments=frozenset(),
    groups=frozenset(),
    base=frozenset(),
    advanced=frozenset(),
    below=frozenset(),
    groups_below=frozenset(),
)


def _locked(ticket: Ticket, holder: int) -> Ticket:
    ticket.lock_holder_id, ticket.locked = holder, True
    ticket.lock_expires = datetime.now(UTC) + timedelta(seconds=45)
    return ticket


def _with(**columns: Any) -> Ticket:
    if Tortoise.apps is None:
        Tortoise.init_models(config("sqlite://:memory:")["apps"]["models"]["models"], "models")
    return Ticket(**{**_TICKET, **columns})


def _profile(*rights: Right) -> Sight:
    return replace(_SIGHT, rights=frozenset(rights))


_GUEST = replace(_SIGHT, departments=frozenset[int](), public_departments=frozenset({HERE}))
Situation = tuple[str, Callable[[], tuple[Sight, Ticket]]]
SITUATIONS: tuple[Situation, ...] = (
    ("`view`", lambda: (_profile(Right.TICKETS_VIEW), _with())),
    ("`view`, `write`", lambda: (_profile(Right.TICKETS_VIEW, Right.TICKETS_WRITE), _with())),
    ("and `delete`", lambda: (_SIGHT, _with())),
    ("`administer`", lambda: (_profile(Right.ADMINISTER), _with())),
    (
        "`PUBLIC_READ`, not theirs",
        lambda: (
            replace(_SIGHT, sharing=TicketSharing.PUBLIC_READ),
            _with(assignee_operator_id=OTHER),
        ),
    ),
    ("guest", lambda: (_GUEST, _with(creator_id=ME))),
    (
        "guest, limited view",
        lambda: (replace(_GUEST, limited_departments=frozenset({HERE})), _with(creator_id=ME)),
    ),
    ("locked by another", lambda: (_SIGHT, _locked(_with(), OTHER))),
    (
        "locked by another, `take_over_lock`",
        lambda: (
            replace(_SIGHT, rights=_SIGHT.rights | {Right.TAKE_OVER_LOCK}),
            _locked(_with(), OTHER),
        ),
    ),
    ("closed", lambda: (_SIGHT, _with(turn=Turn.CLOSED))),
    ("token: `tickets.view`", lambda: (_SIGHT.scoped(frozenset({Right.TICKETS_VIEW})), _with())),
)


def _actions() -> Iterator[tuple[str, ...]]:
    offered = [_allowed(*situation()) for _, situation in SITUATIONS]
    for action in TicketAction:
        if any(action in one for one in offered):
            yield (f"`{action.value}`", *("yes" if action in one else "no" for one in offered))


def _allowed(sight: Sight, ticket: Ticket) -> list[TicketAction]:
    if not sight.sees(ticket):
        raise LookupError("the page asks of tickets in sight alone")
    return allowed_actions(OperatorCaller(Operator(id=ME), 0, sight, None), ticket)


# --- what a field of the API needs


def rules() -> Iterator[tuple[str, str, Needs | None]]:
    """Every field of the desk schema with its type's name, its own, and its rule."""
    for name, type_ in sorted(SCHEMA.schema_converter.type_map.items()):
        fields: Iterable[Any] = getattr(type_.definition, "fields", ())
        for field in fields:
            found = [one for one in getattr(field, "extensions", ()) if isinstance(one, Needs)]
            yield (
                name,
                SCHEMA.config.name_converter.get_graphql_name(field),
                (found[0] if found else None),
            )


def _root_fields() -> Iterator[tuple[str, str]]:
    for type_, field, rule in rules():
        if type_ in ROOTS and rule is not None:
            yield f"`{type_}.{field}`", in_words(rule)
    for field in fields_of_feeds():
        yield f"`Subscription.{field}`", FEEDS.get(field, OF_TICKETS)


OF_TICKETS = "a token: the scope `tickets.view`; then row by row"
FEEDS = {"mailboxHealthChanged": f"the right `{enums.Right.SETTINGS_VIEW.value}`"}
"""What those need that are not of tickets."""


def fields_of_feeds() -> Iterator[str]:
    """Every subscription: they ask for their scope in `resolvers/feeds.py`."""
    yield from (
        "ticketEvents",
        "ticketListEvents",
        "ticketCountersChanged",
        "notificationAdded",
        "notificationCountersChanged",
        "mailboxHealthChanged",
    )


def _guarded_fields() -> Iterator[tuple[str, str]]:
    for type_, field, rule in rules():
        if type_ not in ROOTS and rule is not None:
            yield f"`{type_}.{field}`", in_words(rule)


def in_words(rule: Needs) -> str:
    """The rule as a person reads it."""
    parts: list[str] = []
    if rule.anonymous:
        parts.append("nothing")
    if rule.person:
        parts.append("a person's session, no token")
    if rule.scope is not None:
        parts.append(
            f"a token: the scope `{rule.scope.value}`; then row by row, or the action's rule"
        )
    if rule.right is not None:
        own = ", unless it is their own" if rule.own else ""
        parts.append(f"the right `{rule.right.value}`{own}")
    return "; ".join(parts) or "any operator"


def write() -> None:
    """Put the tables between their marks."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
