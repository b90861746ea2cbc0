"""The audit log: who changed what of the desk."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry import Parent

from models.enums import Right
from models.paging import Page
from models.records import EventRecord
from models.timeline import FieldChange as Change
from resolvers import audit
from resolvers.ids import encode
from schema.core import Info, global_id
from schema.desk.node import Node
from schema.desk.people import Actor
from schema.desk.timeline import FieldChange
from schema.paging import After, Before, Connection, First, Last, request
from schema.rules import right


@strawberry.type(description="One change of the desk.")
class AuditEntry(Node):
    id: strawberry.ID = global_id("Audit")
    at: datetime = strawberry.field(description="When.")
    kind: str = strawberry.field(description="What was done: `department.update`, `token.create` …")

    @strawberry.field(graphql_type=Actor | None, description="Who did it.")
    async def by(self, record: Parent[EventRecord], info: Info) -> Any:
        return await audit.author(info.context.loaders, record)

    @strawberry.field(description="What was changed: its global id, though it may be gone.")
    def subject_id(self, record: Parent[EventRecord]) -> strawberry.ID:
        return strawberry.ID(encode(*audit.subject(record)))

    @strawberry.field(description="What it was called then.")
    def subject_name(self, record: Parent[EventRecord]) -> str | None:
        return record.data.get("name")

    @strawberry.field(graphql_type=list[FieldChange], description="Field by field.")
    def changes(self, record: Parent[EventRecord]) -> list[Change]:
        return audit.changes(record)

    @classmethod
    def is_type_of(cls, row: object, _info: Info) -> bool:
        return isinstance(row, EventRecord)


@strawberry.input(description="Which lines of the audit log; all that is given must hold.")
class AuditFilter:
    subject_id: strawberry.ID | None = strawberry.field(default=None, description="Of this.")
    by_id: strawberry.ID | None = strawberry.field(default=None, description="By this operator.")
    kind: str | None = strawberry.field(default=None, description="Of this kind.")
    since: datetime | None = strawberry.field(default=None, description="Not before.")
    until: datetime | None = strawberry.field(default=None, description="Before.")

    def wanted(self) -> audit.AuditFilter:
        return audit.AuditFilter(self.subject_id, self.by_id, self.kind, self.since, self.until)


@strawberry.type(description="What was changed of the desk.")
class AuditQueries:
    @strawberry.field(
        graphql_type=Connection[AuditEntry],
        extensions=[right(Right.SETTINGS_VIEW)],
        description="Every change of the desk, the latest first; of contacts for who sees those.",
    )
    async def audit_log(
        self,
        info: Info,
        filter: Annotated[
            AuditFilter | None, strawberry.argument(description="Which lines.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Page[EventRecord]:
        wanted = filter.wanted() if filter else audit.AuditFilter()
        page = request(first, after, last, before)
        return await audit.audit_log(await info.context.operator(), wanted, page)
