"""No statement per row: as many for a hundred rows as for one, whatever is asked of them."""

from typing import Any

from models.drafts import Draft, ReadMark
from models.enums import DraftKind, EntryKind, Turn
from models.people import Contact, Organisation
from models.tickets import Ticket
from models.timeline import TimelineEntry
from schema.client import SCHEMA as CLIENT
from schema.desk import SCHEMA as DESK
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import entry, id_of, written
from tests.support.site import Client, Site, gid
from tests.support.statements import counted

SIZES = (1, 10, 100)
PERSON = "__typename ... on Operator { id name } ... on Contact { id name organisation { name } }"
FILE = "id name size mediaType sha256 createdAt internal downloadUrl"
ENTRY = f"""
id number createdAt turnAfter author {{ {PERSON} ... on Automation {{ name }} }}
... on Post {{ body bodyText attachments {{ name downloadUrl }} }}
... on ContactMessage {{ source verified automatic mail {{ sender }} }}
... on OperatorReply {{ delivery }}
... on InternalNote {{ mentions {{ name email active }} }}
... on SystemEvent {{ kind note changes {{ field from to }} }}"""
AUTHOR = "author { __typename ... on Operator { name } }"
TICKET = f"""
id number subject turn level priority severity source tags createdAt updatedAt closedAt
contact {{ name organisation {{ name }} }}
department {{ name parent {{ name }} }}
category {{ name selectable parent {{ name }} department {{ name }} }}
assignee {{ ... on Operator {{ name }} ... on OperatorGroup {{ name }} }}
lastEntryNumber lastPostExcerpt attachmentCount unread allowedActions feedCursor
lastPost {{ {AUTHOR} attachments {{ name }} ... on OperatorReply {{ delivery }} }}
lock {{ token operator {{ name }} }} viewers {{ since }}
timeline(last: 1) {{ totalCount edges {{ node {{ {AUTHOR} }} }} }}
attachments(first: 1) {{ totalCount edges {{ node {{ downloadUrl }} }} }}
draft {{ body }}
followUpOf {{ number }} followUps {{ contact {{ name }} }} mergedInto {{ number }}
lastContactPostAt lastOperatorReplyAt firstReplyAt rating {{ positive }}"""
LIST = f"""query ($n: Int) {{ tickets(first: $n) {{
    totalCount edges {{ cursor node {{ {TICKET} }} }} }} }}"""
ONE = f"""query ($id: ID!, $n: Int) {{ ticket(id: $id) {{
    timeline(first: $n) {{ totalCount edges {{ cursor node {{ {ENTRY} }} }} }}
    attachments(first: $n) {{ totalCount edges {{ cursor node {{ {FILE} }} }} }} }} }}"""
MESSAGE = "id number createdAt side fromMe authorName authorAvatar body bodyText"
MINE_FIELDS = f"""
id number subject turn createdAt updatedAt closedAt category {{ name description }} feedCursor
rating {{ positive }}
messages(last: 1) {{ totalCount edges {{ node {{ {MESSAGE} attachments {{ name }} }} }} }}
attachments(first: 1) {{ totalCount edges {{ node {{ name downloadUrl fromDesk }} }} }}"""
MINE = f"""query ($n: Int) {{ tickets(first: $n) {{
    totalCount edges {{ cursor node {{ {MINE_FIELDS} }} }} }} }}"""
MY_ONE = f"""query ($id: ID!, $n: Int) {{ ticket(id: $id) {{
    messages(first: $n) {{ edges {{ node {{ {MESSAGE} attachments {{ name downloadUrl }} }} }} }}
    attachments(first: $n) {{ edges {{ node {{ name downloadUrl }} }} }} }} }}"""


async def costs(by: Client, query: str, path: str, **variables: Any) -> set[int]:
    """The numbers of statements for a page of 1, 10 and 100; `path` leads to the edges counted."""
    least: set[int] = set()
    for size in SIZES:
        came: list[int] = []
        found: Any = None
        for _ in range(4):  # other tasks of the server may send some of their own
            with counted() as statements:
                found = await by.run(query, n=size, **variables)
            came.append(len(statements))
        for key in path.split("."):
            found = found[key]
        assert len(found["edges"]) == size
        least.add(min(came))
    return least


async def many_tickets(assignee: dict[str, int], contact_id: int | None = None) -> None:
    """A hundred, each with something of everything."""
    rinnovo = await id_of("Category", "Rinnovo permesso")
    bruno = await id_of("Operator", "Bruno")
    acme = await Organisation.get(name="Acme")
    await Contact.bulk_create(
        Contact(id=900 + n, name=f"C{n}", organisation_id=acme.id, created_at=NOON)
        for n in range(100)
    )
    before, after = ticket(turn=Turn.CLOSED), ticket()
    await saved(before, after)
    tickets = [
        ticket(
            contact_id=contact_id or 900 + n,
            category_id=rinnovo,
            chosen_category_id=rinnovo,
            department_id=await id_of("Department", "Immigrazione"),
            last_post_number=1,
            seq=1,
            visible_seq=1,
            updated_at=NOON.replace(year=2027),
            visible_at=NOON.replace(year=2027),
            follow_up_of_id=before.id,
            merged_into_id=after.id,
            lock_holder_id=bruno,
            lock_expires=NOON.replace(year=2099),
            **assignee,
        )
        for n in range(100)
    ]
    await saved(*tickets)
    await saved(*(ticket(follow_up_of_id=one.id, contact_id=one.contact_id) for one in tickets))
    reply = EntryKind.OPERATOR_REPLY
    await written(*(entry(one, reply, 1, visible_number=1) for one in tickets))
    anna = await id_of("Operator", "Anna")
    await ReadMark.bulk_create(
        ReadMark(operator_id=anna, ticket_id=one.id, up_to=n % 2) for n, one in enumerate(tickets)
    )
    await Draft.bulk_create(
        Draft(operator_id=anna, ticket_id=one.id, kind=DraftKind.REPLY, body="draft", saved_at=NOON)
        for one in tickets
    )


async def test_the_ticket_list_with_everything(site: Site) -> None:
    anna = await site.sign_in("anna")
    await many_tickets({"assignee_operator_id": await id_of("Operator", "Dino")})
    of_operators = await costs(anna, LIST, "tickets")
    assert len(of_operators) == 1
    await Ticket.filter(assignee_operator_id__isnull=False).update(
        assignee_operator_id=None, assignee_group_id=await id_of("Group", "Sportello")
    )
    anna = await site.sign_in("anna")
    assert len(await costs(anna, LIST, "tickets")) == 1


async def test_a_timeline_with_everything(site: Site) -> None:
    for kind in EntryKind:
        anna = await site.sign_in("anna")  # anew: a session's points are soon spent
        one = ticket()
        await saved(one)
        await written(*(entry(one, kind, n) for n in range(1, 101)))
        id = gid("Ticket", one.id)
        assert len(await costs(anna, ONE, "ticket.timeline", id=id)) == 1, kind


async def test_a_contacts_list_and_conversation(site: Site) -> None:
    mario = await site.sign_in("mario")
    me = await id_of("Contact", "Mario")
    await many_tickets({}, me)
    assert len(await costs(mario, MINE, "tickets")) == 1
    one = ticket(contact_id=me)
    await saved(one)
    entries: list[TimelineEntry] = [
        entry(one, EntryKind.OPERATOR_REPLY, n, visible_number=n) for n in range(1, 101)
    ]
    await written(*entries)
    assert len(await costs(mario, MY_ONE, "ticket.messages", id=gid("Ticket", one.id))) == 1


def test_everything_is_everything() -> None:
    """A field added to a ticket or an entry is to be counted too."""
    for schema, types, asked in (
        (DESK, ["Ticket"], TICKET),
        (DESK, ["ContactMessage", "OperatorReply", "InternalNote", "SystemEvent"], ENTRY),
        (DESK, ["Document"], FILE),
        (CLIENT, ["Ticket"], MINE_FIELDS),
        (CLIENT, ["Message"], MESSAGE + " attachments"),
    ):
        words = set(asked.replace("(", " ").split())
        for name in types:
            fields = getattr(schema.core.type_map[name], "fields")  # noqa: B009
            assert set(fields) <= words, name
