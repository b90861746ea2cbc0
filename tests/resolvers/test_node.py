"""Global ids: every type by its id, and nothing else, as if it had never been."""

import base64

from models.enums import EntryKind
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.models.tickets import NOON, saved, ticket
from tests.resolvers.desk import document, entry, gid_of, id_of
from tests.support.site import CLIENT, Client, Site, gid
from tests.support.statements import counted

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
MISSING = 4_242_424
ENTRIES = {
    EntryKind.CONTACT_MESSAGE: "ContactMessage",
    EntryKind.OPERATOR_REPLY: "OperatorReply",
    EntryKind.INTERNAL_NOTE: "InternalNote",
    EntryKind.SYSTEM_EVENT: "SystemEvent",
}
GARBAGE = [
    "",
    "x",
    "Ticket:1",
    "\0",
    "é",
    "💥",
    "x" * 100_000,
    *(
        base64.urlsafe_b64encode(text.encode()).decode()
        for text in (
            "Ticket",
            "Ticket:",
            "Ticket:x",
            "Ticket:-1",
            "Ticket:0",
            "Ticket:1.0",
            "Ticket: 1",
            "Ticket:\u0661",
            "Ticket:²",
            f"Ticket:{2**63}",
            f"Ticket:{'9' * 5_000}",
            "Ticket\0:1",
            "ticket:1",
            "Draft:1",
            "Session:1",
            ":1",
            f"Message:{2**63 - 1}",
        )
    ),
    base64.b64encode(b"\xff\xfe:1").decode(),
]


async def written(one: Ticket) -> dict[EntryKind, TimelineEntry]:
    """Of each kind an entry, with a file."""
    visible = 0
    made: dict[EntryKind, TimelineEntry] = {}
    for number, kind in enumerate(EntryKind, 1):
        seen = kind in (EntryKind.CONTACT_MESSAGE, EntryKind.OPERATOR_REPLY)
        visible += seen
        made[kind] = entry(one, kind, number, visible_number=visible if seen else None)
    await TimelineEntry.bulk_create(made.values())
    for each in made.values():
        await document(each).save(force_create=True)
    return made


async def typename(by: Client, id: str) -> str | None:
    """The type behind an id; its own id is the one asked for."""
    node = (await by.run(NODE, id=id))["node"]
    assert node is None or node["id"] == id
    return node["__typename"] if node else None


async def cost(by: Client, id: str) -> int:
    """The statements of a request; the least of three, for other tasks may send some of theirs."""
    await typename(by, id)
    least: list[int] = []
    for _ in range(3):
        with counted() as statements:
            await typename(by, id)
        least.append(len(statements))
    return min(least)


async def documents_of(one: TimelineEntry) -> list[str]:
    found = await document(one).filter(entry_id=one.id)
    return [gid("Document", each.id) for each in found]


async def test_everything_at_the_desk_has_an_id(site: Site) -> None:
    anna = await site.sign_in("anna")
    one = ticket()
    await saved(one)
    assert await typename(anna, gid("Ticket", one.id)) == "Ticket"
    for kind, each in (await written(one)).items():
        assert await typename(anna, gid("Entry", each.id)) == ENTRIES[kind]
        for file in await documents_of(each):
            assert await typename(anna, file) == "Document"
    for kind, name, expected in (
        ("Contact", "Mario", "Contact"),
        ("Operator", "Dino", "Operator"),
        ("Group", "Sportello", "OperatorGroup"),
        ("Organisation", "Acme", "Organisation"),
        ("Department", "Fiscale", "Department"),
        ("Category", "ISEE", "Category"),
    ):
        assert await typename(anna, await gid_of(kind, name)) == expected
        assert await typename(anna, gid(kind, MISSING)) is None


async def test_garbage_is_nothing_on_both_sides(site: Site) -> None:
    for name in ("anna", "mario"):
        by = await site.sign_in(name)
        query = "query ($id: ID!) { node(id: $id) { id } ticket(id: $id) { id } }"
        for id in GARBAGE:
            assert await by.run(query, id=id) == {"node": None, "ticket": None}, id


async def test_an_id_of_another_type_is_nothing(site: Site) -> None:
    anna = await site.sign_in("anna")
    one = ticket(id=1)
    await saved(one)
    for kind in ("Contact", "Operator", "Entry", "Message"):
        query = "query ($id: ID!) { ticket(id: $id) { id } }"
        assert (await anna.run(query, id=gid(kind, 1)))["ticket"] is None
    query = "query ($id: ID!) { contact(id: $id) { id } }"
    assert (await anna.run(query, id=gid("Operator", 1)))["contact"] is None
    assert (await anna.run(query, id=gid("Contact", 1)))["contact"] is not None


async def test_what_is_not_seen_was_never_there(site: Site) -> None:
    """Nor does the number of statements tell."""
    carla = await site.sign_in("carla")
    hidden = ticket(category_id=await id_of("Category", "Rinnovo permesso"))
    deleted = ticket(deleted_at=NOON)
    await saved(hidden, deleted)
    for one in (hidden, deleted):
        entries = await written(one)
        for kind, ids in {
            "Ticket": [gid("Ticket", one.id)],
            "Entry": [gid("Entry", each.id) for each in entries.values()],
            "Document": [file for each in entries.values() for file in await documents_of(each)],
        }.items():
            never = await cost(carla, gid(kind, MISSING))
            for id in ids:
                assert await typename(carla, id) is None
            assert await cost(carla, ids[0]) == never, kind


async def test_contacts_have_ids_of_their_own_things(site: Site) -> None:
    mario, giulia = await site.sign_in("mario"), await site.sign_in("giulia")
    one = ticket(contact_id=await id_of("Contact", "Mario"))
    await saved(one)
    entries = await written(one)
    million = 1_000_000
    theirs = {
        gid("Ticket", one.id): "Ticket",
        gid("Message", one.id * million + 1): "Message",
        gid("Message", one.id * million + 2): "Message",
        await gid_of("Contact", "Mario"): "Contact",
    }
    internal: list[str] = [gid("Entry", each.id) for each in entries.values()]
    for kind, each in entries.items():
        seen = kind in (EntryKind.CONTACT_MESSAGE, EntryKind.OPERATOR_REPLY)
        for file in await documents_of(each):
            if seen or kind is EntryKind.SYSTEM_EVENT:
                theirs[file] = "Document"
            else:
                internal.append(file)
    for id, expected in theirs.items():
        assert await typename(mario, id) == expected, id
        assert await typename(giulia, id) is None, id
    internal += [gid("Message", one.id * million + n) for n in (0, 3)]
    internal += [await gid_of(kind, name) for kind, name in (
        ("Operator", "Anna"), ("Group", "Sportello"), ("Organisation", "Acme"),
        ("Department", "Fiscale"), ("Category", "ISEE"), ("Contact", "Sara"),
    )]  # fmt: skip
    for id in internal:
        assert await typename(mario, id) is None, id
    for kind in ("Ticket", "Message", "Document"):
        foreign = next(id for id, name in theirs.items() if name == kind)
        never = gid(kind, MISSING * (million if kind == "Message" else 1) + 1)
        assert await cost(giulia, foreign) == await cost(giulia, never), kind


async def test_the_areas_do_not_share_sessions(site: Site) -> None:
    mario = await site.sign_in("mario")
    answer = await Client(site.http, site.host, "/graphql", mario.token).post("{ viewer { id } }")
    assert answer.status_code == 401
    anna = await site.sign_in("anna")
    answer = await Client(site.http, site.host, CLIENT, anna.token).post("{ viewer { id } }")
    assert answer.status_code == 401
