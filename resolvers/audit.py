"""The audit log: what was changed of the desk, by whom, when, from what, to what."""

from dataclasses import dataclass
from datetime import datetime

from models.callers import Automation, OperatorCaller
from models.conditions import Condition, Every, Is, Not, Related, Within
from models.enums import Right
from models.paging import Page, PageRequest, Sort
from models.people import Operator
from models.records import EventRecord
from models.sql import Statement, instances
from models.timeline import FieldChange
from resolvers.ids import decode
from resolvers.lists import rows_of
from resolvers.loaders import Loaders

ABOUT_CONTACTS = ("Contact", "Organisation", "ContactGroup")
LATEST_FIRST = Sort("audit", "t.id", lambda row: row.id, descending=True, unique=True)


@dataclass(frozen=True)
class AuditFilter:
    """Which lines; None for all."""

    subject_id: str | None = None
    by_id: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def condition(self, *, contacts: bool) -> Condition:
        """Lines of the desk: what happened to tickets is in their timelines, under their rule.

        Those on contacts are for those who may view contacts.
        """
        parts: list[Condition] = [Not(Is("subject", None))]
        if not contacts:
            parts.append(Related(lambda _: " AND ".join(map(_not_of, ABOUT_CONTACTS))))
        if self.subject_id is not None:
            kind, id = decode(self.subject_id)
            parts.append(Is("subject", f"{kind}:{id}"))
        if self.by_id is not None:
            kind, id = decode(self.by_id)
            parts.append(Is("caller", f"{kind.lower()}:{id}"))
        if self.kind is not None:
            parts.append(Is("kind", self.kind))
        if self.since is not None or self.until is not None:
            parts.append(Within("at", self.since, self.until))
        return Every(tuple(parts))


async def audit_log(
    by: OperatorCaller, wanted: AuditFilter, request: PageRequest
) -> Page[EventRecord]:
    """Lines of the audit log, the latest first."""
    condition = wanted.condition(contacts=by.sight.has(Right.CONTACTS_VIEW))
    return await rows_of(EventRecord, "event", condition, LATEST_FIRST, request)


async def entry(by: OperatorCaller, id: int) -> EventRecord | None:
    """A line of the audit log, for who may see it there."""
    if not by.sight.has(Right.SETTINGS_VIEW):
        return None
    every = AuditFilter().condition(contacts=by.sight.has(Right.CONTACTS_VIEW))
    to = Statement()
    condition = Every((Is("id", id), every)).sql(to)
    found = await instances(EventRecord, f"SELECT t.* FROM event t WHERE {condition}", to)
    return found[0] if found else None


async def author(loaders: Loaders, record: EventRecord) -> Operator | Automation | None:
    """Who changed it; None for somebody who is no longer known."""
    kind, _, name = record.caller.partition(":")
    return await loaders.operators.load(int(name)) if kind == "operator" else Automation(name)


def changes(record: EventRecord) -> list[FieldChange]:
    """What changed, in words."""
    return [FieldChange(*one) for one in record.data.get("changes", [])]


def subject(record: EventRecord) -> tuple[str, int]:
    """Kind and number of what was changed."""
    kind, _, id = (record.subject or ":0").partition(":")
    return kind, int(id)


def _not_of(kind: str) -> str:
    return f"t.subject NOT LIKE '{kind}:%'"
