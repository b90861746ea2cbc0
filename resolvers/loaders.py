"""Rows by key, batched: one statement per kind and event, however many rows are shown."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tortoise.models import Model

from models import rows
from models.categories import ContactChoices, Coverage, contact_choices
from models.conditions import Condition
from models.desk import (
    Category,
    Department,
    Desk,
)
from models.drafts import Draft
from models.enums import DraftKind
from models.hierarchy import OperatorGroup, Profile, Role
from models.mailboxes import Mailbox
from models.people import Contact, ContactGroup, Operator, Organisation
from models.sights import places_of
from models.sql import Statement, rows as query
from models.tickets import Ticket
from models.unread import unread_sql
from resolvers import batches, mail_batches
from resolvers.nested import NestedLists
from resolvers.sharing import Batched, SharedLoader
from resolvers.together import Together

ModelT = TypeVar("ModelT", bound=Model)


class Loaders:
    """What everybody who may see the ticket sees alike: shared by all viewers of a change."""

    operators = Batched(batches.by_id(Operator))
    contacts = Batched(batches.by_id(Contact))
    organisations = Batched(batches.by_id(Organisation))
    contact_groups = Batched(batches.by_id(ContactGroup))
    departments = Batched(batches.by_id(Department))
    categories = Batched(batches.by_id(Category))
    groups = Batched(batches.by_id(OperatorGroup))
    roles = Batched(batches.by_id(Role))
    profiles = Batched(batches.by_id(Profile))
    places = Batched(places_of)
    """By operator id."""
    api_tokens = Batched(batches.api_tokens)
    """By operator id, the latest first."""
    documents = Batched(batches.documents)
    """By entry id."""
    entries = Batched(batches.entries)
    """By (ticket id, number)."""
    children_of = Batched(batches.children_of)
    """Categories by their parent's id."""
    grants_of_operators = Batched(batches.grants_by("operator_id"))
    grants_of_categories = Batched(batches.grants_by("category_id"))
    lines_of_groups = Batched(batches.lines_of_groups)
    operators_of_groups = Batched(batches.operators_of_groups)
    operators_of_departments = Batched(batches.operators_of_departments)
    groups_of_departments = Batched(batches.groups_of_departments)
    """By (department id, public)."""
    mails = Batched(mail_batches.of_entries)
    """That entries came by, by (ticket id, number)."""
    mailboxes = Batched(batches.by_id(Mailbox))
    mail_servers = Batched(mail_batches.servers)
    """By mailbox id, and so the next ones."""
    mail_folders = Batched(mail_batches.folders)
    mail_quotas = Batched(mail_batches.quotas)
    """Of today (UTC)."""
    departments_of_mailboxes = Batched(mail_batches.departments)
    """By (mailbox id, direction)."""

    def __init__(self) -> None:
        self.nested = NestedLists()
        self._epoch: asyncio.Task[str] | None = None
        self._choices: asyncio.Task[ContactChoices] | None = None

    async def epoch(self) -> str:
        """The desk's epoch, for cursors, loaded once: side by side fields wait."""
        if self._epoch is None:
            self._epoch = asyncio.create_task(_epoch())
        return await asyncio.shield(self._epoch)

    async def coverage(self, category: Category) -> Coverage:
        """The active operators who handle a category."""
        grants = await self.grants_of_categories.load(category.id)
        operators = await asyncio.gather(*(self.operators.load(one.operator_id) for one in grants))
        return Coverage.of(category, grants, [one for one in operators if one is not None])

    async def contact_choices(self) -> ContactChoices:
        """The tree of categories as contacts see it, loaded once: side by side fields wait."""
        if self._choices is None:
            self._choices = asyncio.create_task(contact_choices())
        return await asyncio.shield(self._choices)


class OwnLoaders:
    """What depends on who looks."""

    def __init__(self, seen: Condition, operator_id: int, together: Together | None = None) -> None:
        """`together` is what was loaded for everybody who is shown the same change."""
        self.nested = NestedLists(seen)
        self.tickets: SharedLoader[int, Ticket | None] = SharedLoader(load_fn=_seen_by_id(seen))
        self.follow_ups: SharedLoader[int, list[Ticket]] = SharedLoader(load_fn=_follow_ups(seen))
        self.unread: SharedLoader[int, bool] = SharedLoader(load_fn=_unread(operator_id, together))
        self.drafts: SharedLoader[int, Draft | None] = SharedLoader(
            load_fn=_drafts(operator_id, together)
        )


async def _epoch() -> str:
    return (await Desk.get(id=1)).epoch


def _seen_by_id(seen: Condition) -> Callable[[list[int]], Awaitable[Sequence[Ticket | None]]]:
    async def load(ids: list[int]) -> list[Ticket | None]:
        found = await rows.tickets_by_id(seen, frozenset(ids))
        return [found.get(id) for id in ids]

    return load


def _follow_ups(seen: Condition) -> Callable[[list[int]], Awaitable[Sequence[list[Ticket]]]]:
    async def load(ids: list[int]) -> list[list[Ticket]]:
        found: dict[int, list[Ticket]] = defaultdict(list)
        for ticket in await rows.follow_ups(seen, frozenset(ids)):
            found[ticket.follow_up_of_id or 0].append(ticket)
        return [found[id] for id in ids]

    return load


def _unread(
    operator_id: int, together: Together | None
) -> Callable[[list[int]], Awaitable[Sequence[bool]]]:
    async def load(ids: list[int]) -> list[bool]:
        if together is not None and together.covers(operator_id, ids):
            pairs = await together.unread()
            return [(operator_id, id) in pairs for id in ids]
        to = Statement()
        among = to.among("t.id", ids)
        sql = f"SELECT t.id FROM ticket t WHERE {among} AND {unread_sql(operator_id, to)}"
        found: set[Any] = {row["id"] for row in await query(sql, to)}
        return [id in found for id in ids]

    return load


def _drafts(
    operator_id: int, together: Together | None
) -> Callable[[list[int]], Awaitable[Sequence[Draft | None]]]:
    async def load(ids: list[int]) -> list[Draft | None]:
        if together is not None and together.covers(operator_id, ids):
            of_all = await together.drafts()
            return [of_all.get((operator_id, id)) for id in ids]
        drafts = await Draft.filter(
            operator_id=operator_id, ticket_id__in=ids, kind=DraftKind.REPLY
        )
        found = {draft.ticket_id: draft for draft in drafts}
        return [found.get(id) for id in ids]

    return load
