"""What tests of resolvers share: the example's ids, posts past every rule, lists by number."""

from itertools import count
from typing import Any

from models.desk import Category, Department
from models.documents import Document
from models.enums import DeliveryState, EntryKind, SystemEventKind, TicketSource
from models.hierarchy import OperatorGroup, Profile, Role
from models.people import Contact, Operator, Organisation
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.models.tickets import NOON
from tests.support.site import Client, gid

TYPES = {
    "filter": "TicketFilter",
    "orderBy": "TicketOrder",
    "first": "Int",
    "after": "String",
    "last": "Int",
    "before": "String",
}
ALIASES = 14
PAGE = """{
  totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { number } }
}"""
KINDS: dict[str, Any] = {
    "Category": Category,
    "Contact": Contact,
    "Department": Department,
    "Group": OperatorGroup,
    "Operator": Operator,
    "Profile": Profile,
    "Role": Role,
    "Organisation": Organisation,
}
_ids = count(5_000_000)


async def id_of(kind: str, name: str) -> int:
    """The number of something of the example."""
    return (await KINDS[kind].get(name=name)).id


async def gid_of(kind: str, name: str) -> str:
    """Its global id."""
    return gid(kind, await id_of(kind, name))


async def pages(by: Client, *asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Pages of ticket lists for these arguments, several with one request."""
    came: list[dict[str, Any]] = []
    for start in range(0, len(asked), ALIASES):
        some = asked[start : start + ALIASES]
        given = {f"{name}{n}": value for n, one in enumerate(some) for name, value in one.items()}
        kinds = ", ".join(f"${name}: {TYPES[name.rstrip('0123456789')]}" for name in given)
        fields = [
            f"a{n}: tickets({', '.join(f'{name}: ${name}{n}' for name in one)}) {PAGE}"
            for n, one in enumerate(some)
        ]
        data = await by.run(f"query ({kinds}) {{ {' '.join(fields)} }}", **given)
        came += data.values()
    return came


def numbers_of(page: dict[str, Any]) -> list[int]:
    """The numbers of the tickets on a page."""
    return [edge["node"]["number"] for edge in page["edges"]]


async def numbers(by: Client, **filter: Any) -> list[int]:
    """The numbers of the tickets that fulfil a filter."""
    (page,) = await pages(by, {"filter": filter})
    return numbers_of(page)


def entry(ticket: Ticket, kind: EntryKind, number: int, **columns: Any) -> TimelineEntry:
    """A line of a timeline, not yet saved: by the first contact or the first operator."""
    of_kind: dict[EntryKind, dict[str, Any]] = {
        EntryKind.CONTACT_MESSAGE: {
            "contact_id": ticket.contact_id,
            "source": TicketSource.CLIENT_AREA,
        },
        EntryKind.OPERATOR_REPLY: {"operator_id": 1, "delivery": DeliveryState.NOT_SENT},
        EntryKind.INTERNAL_NOTE: {"operator_id": 1, "mentions": [1]},
        EntryKind.SYSTEM_EVENT: {
            "operator_id": 1,
            "event": SystemEventKind.UPDATED,
            "changes": [["subject", "old", "new"]],
        },
    }
    return TimelineEntry(
        **{
            "id": next(_ids),
            "ticket_id": ticket.id,
            "number": number,
            "kind": kind,
            "created_at": NOON,
            "turn_after": ticket.turn,
            "body": "<p>text</p>",
            "body_text": "text",
            **of_kind[kind],
            **columns,
        }
    )


def document(of: TimelineEntry, **columns: Any) -> Document:
    """A file given with an entry, not yet saved."""
    return Document(
        **{
            "id": next(_ids),
            "contact_id": 1,
            "ticket_id": of.ticket_id,
            "entry_id": of.id,
            "name": "file.pdf",
            "size": 5_000_000_000,
            "media_type": "application/pdf",
            "sha256": "0" * 64,
            "storage_key": f"none/{next(_ids)}",
            "internal": of.kind is EntryKind.INTERNAL_NOTE,
            "from_desk": of.operator_id is not None,
            "created_at": NOON,
            **columns,
        }
    )


async def written(*entries: TimelineEntry) -> None:
    """Insert them, each with a file."""
    await TimelineEntry.bulk_create(entries)
    await Document.bulk_create(document(one) for one in entries)
