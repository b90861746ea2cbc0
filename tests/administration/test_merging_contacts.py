"""Two contacts become one: tickets, documents, messages and log follow, and nothing is lost."""

import asyncio
from typing import Any

from actions import tickets
from actions.refusals import NotFound
from actions.tickets.requests import Post
from models.callers import ContactCaller
from models.documents import Document, Upload
from models.enums import EntryKind
from models.people import Contact
from models.records import EventRecord
from models.tickets import Ticket
from models.timeline import TimelineEntry
from resolvers.ids import decode
from tests.administration.staff import INVALID, lines, opened, paths_of
from tests.journeys.page import watching
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import entry, gid_of, id_of, numbers, written
from tests.support.site import Client, Site, category, gid

MERGED = f"... on ContactMerged {{ contact {{ id name email }} }} {INVALID}"


async def merge(by: Client, one: str, into: str) -> dict[str, Any]:
    return await by.do("contactMerge", MERGED, contactId=one, intoId=into)


async def test_everything_follows(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    mario, giulia = await site.sign_in("mario"), await site.sign_in("giulia")
    one, into = await gid_of("Contact", "Mario"), await gid_of("Contact", "Giulia")
    id = await opened(mario)
    file = await site.upload(mario, "carta.txt", b"carta")
    await mario.do("messagePost", ticketId=id, body="ecco", uploadIds=[file])
    unused = await site.upload(mario, "altra.txt", b"altra")
    await admin.do("contactUpdate", contactId=one, language="en")
    await saved(ticket(contact_id=decode(one)[1], deleted_at="2026-01-31T12:00:00Z"))
    before = await Ticket.get(id=decode(id)[1])
    async with (
        watching(anna, id) as page, watching(admin, id) as other, mario.live() as connection
    ):  # fmt: skip
        async with watching(mario, id):
            done = await merge(admin, one, into)
            assert done["contact"] == {"id": into, "name": "Giulia", "email": "giulia@demo.test"}
            assert await connection.closed() == 4403
        for each in (page, other):
            await each.until(lambda one: "TicketChanged" in one.frames)
            await each.equals_a_fresh_query()
            assert "EntryChanged" in each.frames, "who wrote it"
    assert (await mario.post("{ __typename }")).status_code == 401
    theirs = await giulia.run(
        "query ($id: ID!) { tickets { totalCount } ticket(id: $id) { messages { edges { node {"
        " fromMe authorName attachments { name } } } } } }", id=id,
    )  # fmt: skip
    assert theirs["tickets"]["totalCount"] == 1
    assert [edge["node"] for edge in theirs["ticket"]["messages"]["edges"]] == [
        {"fromMe": True, "authorName": "Giulia", "attachments": []},
        {"fromMe": True, "authorName": "Giulia", "attachments": [{"name": "carta.txt"}]},
    ]
    after = await Ticket.get(id=before.id)
    assert (after.seq, after.visible_seq, after.updated_at, after.visible_at) == (
        before.seq, before.visible_seq, before.updated_at, before.visible_at,
    )  # fmt: skip
    assert await Ticket.filter(contact_id=decode(into)[1]).count() == 2
    for model in (Ticket, Document, TimelineEntry):
        assert not await model.exists(contact_id=decode(one)[1])
    posted = await giulia.do("messagePost", ticketId=id, body="di nuovo", uploadIds=[unused])
    assert posted["__typename"] == "MessagePosted"
    assert (await Upload.get(id=unused)).document_id
    assert len(await numbers(admin, search="giulia")) == 1
    subjects = {one.subject for one in await EventRecord.filter(kind__startswith="contact.")}
    assert subjects == {f"Contact:{decode(into)[1]}"}
    assert await lines("contact.merge") == [
        {"name": "Giulia", "changes": [["merged", None, "Mario <mario@demo.test>"]]}
    ]
    assert not await EventRecord.exists(caller=f"contact:{decode(one)[1]}")


async def test_the_one_is_gone_and_its_address_leads_on(site: Site) -> None:
    admin = await site.sign_in("admin")
    mario, giulia, sara = [await gid_of("Contact", n) for n in ("Mario", "Giulia", "Sara")]
    await merge(admin, mario, giulia)
    await merge(admin, giulia, sara)
    row = await Contact.get(email="mario@demo.test")
    assert row.merged_into_id == decode(sara)[1], "no chains"
    assert (row.blocked, row.name, row.password_hash) == (True, "", "")
    gone = await admin.run(
        "query ($id: ID!) { node(id: $id) { id } contact(id: $id) { id }"
        " contacts { totalCount edges { node { name } } }"
        ' found: contacts(search: "mario") { totalCount } }', id=mario,
    )  # fmt: skip
    assert gone["node"] is gone["contact"] is None
    assert gone["found"] == {"totalCount": 0}
    assert gone["contacts"] == {
        "totalCount": 2, "edges": [{"node": {"name": "Sara"}}, {"node": {"name": "Samuel"}}],
    }  # fmt: skip
    for wrong, into in (
        (sara, sara), (sara, mario), (sara, giulia), (sara, "garbage"),
        (sara, gid("Contact", 999)), (sara, gid("Organisation", 1)),
    ):  # fmt: skip
        assert paths_of(await merge(admin, wrong, into)) == ["intoId"]
    for wrong in (mario, giulia, "garbage", gid("Contact", 999)):
        assert (await merge(admin, wrong, sara))["__typename"] == "NotFound"
    where = await category(admin, "ISEE")
    for who in ({"contactEmail": "mario@demo.test"}, {"contactId": mario}):
        answer = await admin.do(
            "ticketOpen", "... on TicketOpened { ticket { contact { name } } }",
            subject="S", body="B", categoryId=where, **who,
        )  # fmt: skip
        assert answer["ticket"]["contact"] == {"name": "Sara"}
    deleted = await admin.do("contactDelete", INVALID, contactId=sara)
    assert paths_of(deleted) == ["contactId"]


async def test_words_in_a_colleagues_ticket_follow_too(site: Site) -> None:
    admin, samuel = await site.sign_in("admin"), await site.sign_in("samuel")
    id = await opened(await site.sign_in("sara"))
    await samuel.do("messagePost", ticketId=id, body="anch'io")
    async with watching(admin, id) as page:
        await merge(admin, await gid_of("Contact", "Samuel"), await gid_of("Contact", "Mario"))
        await page.until(lambda one: "EntryChanged" in one.frames)
        await page.equals_a_fresh_query()
    assert (await Ticket.get(id=decode(id)[1])).contact_id == await id_of("Contact", "Sara")
    authors = [one.contact_id for one in await TimelineEntry.all().order_by("number")]
    assert authors == [await id_of("Contact", "Sara"), await id_of("Contact", "Mario")]


async def test_it_tells_as_much_of_none_as_of_many(site: Site) -> None:
    admin, bruno = await site.sign_in("admin"), await site.sign_in("bruno")
    await admin.do(
        "profileUpdate", profileId=await gid_of("Profile", "bruno"),
        rights=["CONTACTS_VIEW", "CONTACTS_DELETE"],
    )  # fmt: skip
    giulia = await gid_of("Contact", "Giulia")
    one, other = [await Contact.create(email=f"{n}@x.it", created_at="2026-01-01T00:00:00Z")
                  for n in "ab"]  # fmt: skip
    many = [ticket(contact_id=one.id) for _ in range(50)]
    await saved(*many)
    await written(*(entry(each, EntryKind.CONTACT_MESSAGE, 1) for each in many))
    answers = [await merge(bruno, gid("Contact", who.id), giulia) for who in (one, other)]
    assert answers[0] == answers[1]
    assert {each["changes"][0][2] for each in await lines("contact.merge")} == {
        "<a@x.it>", "<b@x.it>",
    }  # fmt: skip
    assert await Ticket.filter(contact_id=decode(giulia)[1]).count() == 50


async def test_at_once_nothing_is_lost(site: Site) -> None:
    """Swapped merges, a ring of them, posts and new tickets on the way: no deadlock, no error."""
    admin = await site.sign_in("admin")
    where = await category(admin, "Rinnovo permesso")
    clients = {name: await site.sign_in(name) for name in ("mario", "giulia", "sara", "samuel")}
    ids = {name: await gid_of("Contact", name.capitalize()) for name in clients}
    theirs = {name: await opened(by) for name, by in clients.items()}
    rows = {name: await Contact.get(email=f"{name}@demo.test") for name in clients}

    async def post(name: str) -> str:
        by = ContactCaller(rows[name], 0, frozenset({rows[name].id}))
        try:
            await tickets.post(Post(decode(theirs[name])[1], f"da {name}"), by)
        except NotFound:
            return "NotFound"
        return "MessagePosted"

    async def open_(name: str) -> str:
        answer = await admin.do(
            "ticketOpen", subject="S", body="B", categoryId=where,
            contactEmail=f"{name}@demo.test",
        )  # fmt: skip
        return answer["__typename"]

    async def joined(one: str, into: str) -> str:
        return (await merge(admin, ids[one], ids[into]))["__typename"]

    answers = await asyncio.gather(
        joined("mario", "giulia"), joined("giulia", "mario"), joined("sara", "samuel"),
        joined("samuel", "mario"), joined("giulia", "sara"),
        *(post(name) for name in clients), *(open_(name) for name in clients),
    )  # fmt: skip
    assert set(answers[:5]) <= {"ContactMerged", "NotFound", "InvalidInput"}
    assert "ContactMerged" in answers[:5]
    posted = answers[5:9].count("MessagePosted")
    assert answers[9:] == ["TicketOpened"] * 4
    merged = await Contact.filter(merged_into_id__isnull=False)
    survivors = {one.id for one in await Contact.filter(merged_into_id=None)}
    assert {one.merged_into_id for one in merged} <= survivors
    assert await Ticket.all().count() == 8
    assert {one.contact_id for one in await Ticket.all()} <= survivors
    said = await TimelineEntry.filter(kind=EntryKind.CONTACT_MESSAGE)
    assert len(said) == 4 + posted
    assert {one.contact_id for one in said} <= survivors
