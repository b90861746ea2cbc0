"""Whatever a contact asks, nothing of others comes, nor of what the desk keeps to itself."""

from typing import Any

from graphql import GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLUnionType

from models.documents import Document
from models.enums import EntryKind, Level, Priority, Severity, SystemEventKind
from models.people import Organisation
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import document, entry, id_of
from tests.schema.walking import SCHEMAS, fields_of, members
from tests.support.databases import freshen
from tests.support.site import Client, Site, gid

SCHEMA = SCHEMAS["client"]
MINE = ("subject-mine", "body-mine", "file-mine", "answer-mine", "answer-file")
SECRET = (
    "note-secret", "note-file", "event-secret", "tag-secret", "old-secret", "new-secret",
    "ADVANCED", "URGENT", "CRITICAL", "anna@demo.test", "Sportello", "withdrawn-file",
)  # fmt: skip


def everything(type_: GraphQLNamedType, depth: int) -> str:
    """All fields of a type that need no argument, some levels deep."""
    if isinstance(type_, GraphQLUnionType | GraphQLInterfaceType):
        kinds = [f"... on {one.name} {everything(one, depth)}" for one in members(SCHEMA, type_)]
        # One name may be of two types in two members of Node: each is asked for alone.
        return "{ __typename " + " ".join(kinds) + " }"
    chosen = ["__typename"]
    for name, field in fields_of(type_).items():
        target = SCHEMA.type_map[str(field.type).strip("[]!")]
        if not isinstance(target, GraphQLObjectType):
            chosen.append(name)
        elif depth > 0:
            page = "(first: 5)" if "first" in field.args else ""
            chosen.append(f"{name}{page} {everything(target, depth - 1)}")
    return "{ " + " ".join(chosen) + " }"


def asked(name: str, depth: int = 2) -> str:
    return everything(SCHEMA.type_map[name], depth)


async def all_of_it(by: Client, ids: list[str], number: int) -> str:
    """Every answer a contact can get about these ids, as it is sent."""
    came: list[str] = []
    queries: list[tuple[str, dict[str, Any]]] = [
        (f"{{ viewer {asked('Contact')} }}", {}),
        (f"{{ categories {asked('Category')} departments {asked('Department')} }}", {}),
        (f"{{ tickets(first: 5) {asked('TicketConnection', 4)} }}", {}),
        (f"query ($n: Int) {{ ticket(number: $n) {asked('Ticket', 3)} }}", {"n": number}),
    ]
    search = "query ($s: String) { tickets(search: $s) { edges { node { subject } } } }"
    queries.extend((search, {"s": word}) for word in (*MINE, *SECRET))
    for id in ids:
        queries.append((f"query ($id: ID) {{ ticket(id: $id) {asked('Ticket', 3)} }}", {"id": id}))
        for kind in ("Ticket", "Message", "Document", "Contact"):
            node = f"node(id: $id) {{ __typename ... on {kind} {asked(kind, 3)} }}"
            queries.append((f"query ($id: ID!) {{ {node} }}", {"id": id}))
    for query, variables in queries:
        answer = await by.post(query, **variables)
        assert "errors" not in answer.json(), answer.text
        came.append(answer.text)
    return "\n".join(came)


async def conversation() -> tuple[Ticket, list[TimelineEntry], list[Document]]:
    """Mario's, with everything in it that he may read, and everything that he may not."""
    one = ticket(
        contact_id=await id_of("Contact", "Mario"),
        subject="subject-mine",
        tags=["tag-secret"],
        level=Level.ADVANCED,
        priority=Priority.URGENT,
        severity=Severity.CRITICAL,
        assignee_group_id=await id_of("Group", "Sportello"),
        category_id=await id_of("Category", "ISEE"),
        visible_seq=2,
        seq=4,
    )
    await saved(one)
    entries = [
        entry(one, EntryKind.CONTACT_MESSAGE, 1, body="body-mine", visible_number=1),
        entry(one, EntryKind.INTERNAL_NOTE, 2, body="note-secret", body_text="note-secret"),
        entry(
            one,
            EntryKind.SYSTEM_EVENT,
            3,
            event=SystemEventKind.CATEGORY_CHANGED,
            changes=[["category", "old-secret", "new-secret"]],
            note="event-secret",
        ),
        entry(one, EntryKind.OPERATOR_REPLY, 4, body="answer-mine", visible_number=2),
    ]
    await TimelineEntry.bulk_create(entries)
    files = [
        document(entries[0], name="file-mine", contact_id=one.contact_id),
        document(entries[1], name="note-file", contact_id=one.contact_id),
        document(entries[3], name="answer-file", contact_id=one.contact_id),
        document(entries[3], name="withdrawn-file", contact_id=one.contact_id, internal=True),
    ]
    await Document.bulk_create(files)
    return one, entries, files


def ids_of(one: Ticket, entries: list[TimelineEntry], files: list[Document]) -> list[str]:
    """Every id somebody might guess."""
    return [
        gid("Ticket", one.id),
        gid("Contact", one.contact_id),
        *(gid("Entry", each.id) for each in entries),
        *(gid("Message", one.id * 1_000_000 + n) for n in range(5)),
        *(gid("Document", each.id) for each in files),
    ]


async def test_mine_is_all_i_may_read(site: Site) -> None:
    mario = await site.sign_in("mario")
    made = await conversation()
    text = await all_of_it(mario, ids_of(*made), made[0].id)
    assert {word for word in MINE if word not in text} == set()
    assert {word for word in SECRET if word in text} == set()


async def test_others_find_nothing_of_it(site: Site) -> None:
    await Organisation.filter(name="Acme").update(shares_tickets=True)
    made = await conversation()
    await freshen()
    for name in ("giulia", "sara"):
        by = await site.sign_in(name)
        text = await all_of_it(by, ids_of(*made), made[0].id)
        assert {word for word in (*MINE, *SECRET) if word in text} == set()
        assert gid("Ticket", made[0].id) not in text
        assert "mario@demo.test" not in text


async def test_what_colleagues_share(site: Site) -> None:
    made = await conversation()
    await Ticket.filter(id=made[0].id).update(contact_id=await id_of("Contact", "Sara"))
    samuel = await site.sign_in("samuel")
    text = await all_of_it(samuel, ids_of(*made), made[0].id)
    assert {word for word in MINE if word not in text} == set()
    assert {word for word in SECRET if word in text} == set()
    await Organisation.filter(name="Acme").update(shares_tickets=False)
    await freshen()
    text = await all_of_it(samuel, ids_of(*made), made[0].id)
    assert {word for word in MINE if word in text} == set()


async def test_nothing_visible_counts_what_is_hidden(site: Site) -> None:
    """Numbers and cursors of a conversation are the same with notes and events in it."""
    mario = await site.sign_in("mario")
    query = """query ($id: ID!) { ticket(id: $id) { messages(first: 9) {
        totalCount pageInfo { startCursor endCursor } edges { cursor node { number } } } } }"""
    contact = await id_of("Contact", "Mario")
    with_notes, without = ticket(contact_id=contact), ticket(contact_id=contact)
    await saved(with_notes, without)
    said = EntryKind.CONTACT_MESSAGE
    await TimelineEntry.bulk_create([
        entry(with_notes, said, 1, visible_number=1),
        entry(with_notes, EntryKind.INTERNAL_NOTE, 2),
        entry(with_notes, EntryKind.SYSTEM_EVENT, 3),
        entry(with_notes, said, 4, visible_number=2),
        entry(without, said, 1, visible_number=1),
        entry(without, said, 2, visible_number=2),
    ])  # fmt: skip
    seen = [await mario.run(query, id=gid("Ticket", one.id)) for one in (with_notes, without)]
    assert seen[0] == seen[1]
