"""What "unread" means: a post by somebody else after my read mark."""

from dataclasses import dataclass

from models.sql import Statement


def unread_sql(operator_id: int, to: Statement) -> str:
    """As SQL over alias `t`."""
    return unread_by(to.add(operator_id))


def unread_by(me: str) -> str:
    """The same by SQL that says whose."""
    return f"""EXISTS (
        SELECT 1 FROM timeline_entry e WHERE e.ticket_id = t.id AND e.kind <> 'SYSTEM_EVENT'
        AND (e.operator_id IS NULL OR e.operator_id <> {me})
        AND e.number > COALESCE((SELECT r.up_to FROM read_mark r
            WHERE r.ticket_id = t.id AND r.operator_id = {me}), 0))"""


@dataclass(frozen=True)
class Unread:
    """The same as the text of a condition, equal for the same operator."""

    operator_id: int

    def __call__(self, to: Statement) -> str:
        return unread_sql(self.operator_id, to)
