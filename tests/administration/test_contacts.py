"""Contacts over the API: made, changed, found, deleted, refused."""

import asyncio
import base64
import json
from typing import Any

import pytest

from models.desk import Department
from models.people import Contact, ContactGroup, Organisation
from models.records import EventRecord
from tests.administration.staff import DENIED, INVALID, lines, opened, paths_of, program, refused
from tests.models.tickets import saved, ticket
from tests.resolvers.desk import gid_of, id_of, numbers
from tests.support.site import Client, Failed, Site, category, gid

WRONG = f"{INVALID} {DENIED}"
FIELDS = "id name email language blocked organisation { name } contactGroup { name }"
CREATED = f"... on ContactCreated {{ contact {{ {FIELDS} createdAt }} }} {WRONG}"
UPDATED = f"... on ContactUpdated {{ contact {{ {FIELDS} }} }} {WRONG}"
FIND = "query ($s: String) { contacts(search: $s) { totalCount edges { node { name } } } }"
CONTACT = "query ($id: ID!) { contact(id: $id) { id } }"
LETTERS = "".join(chr(code) for code in range(0x430, 0x450)) + "".join(
    chr(code) for code in range(0x101, 0x138, 2)
)


async def contact(by: Client, **input: Any) -> str:
    made = await by.do("contactCreate", CREATED, **input)
    assert made["__typename"] == "ContactCreated", made
    return made["contact"]["id"]


async def test_made_changed_and_deleted(site: Site) -> None:
    admin = await site.sign_in("admin")
    vip = await ContactGroup.create(name="VIP")
    acme = await gid_of("Organisation", "Acme")
    input = {
        "name": " Olga  Rossi ", "email": " Olga@Example.ORG ", "language": "ru",
        "organisationId": acme, "contactGroupId": gid("ContactGroup", vip.id),
        "idempotencyKey": "olga",
    }  # fmt: skip
    once, twice = [await admin.do("contactCreate", CREATED, **input) for _ in range(2)]
    assert once == twice
    made = once["contact"]
    id = made.pop("id")
    assert made.pop("createdAt")
    assert made == {
        "name": "Olga Rossi", "email": "olga@example.org", "language": "ru", "blocked": False,
        "organisation": {"name": "Acme"}, "contactGroup": {"name": "VIP"},
    }  # fmt: skip
    other = await admin.do("contactCreate", CREATED, **{**input, "name": "Anna"})
    assert other["__typename"] == "IdempotencyConflict"
    plain = await admin.do("contactCreate", CREATED, name="Telefono")
    assert (plain["contact"]["email"], plain["contact"]["language"]) == (None, "en")
    changed = await admin.do(
        "contactUpdate", UPDATED, contactId=id, email="o@example.org", language="it",
        organisationId=None, contactGroupId=None,
    )  # fmt: skip
    assert changed["contact"] == {
        "id": id, "name": "Olga Rossi", "email": "o@example.org", "language": "it",
        "blocked": False, "organisation": None, "contactGroup": None,
    }  # fmt: skip
    same = await admin.do("contactUpdate", UPDATED, contactId=id, email="O@example.org")
    assert same["contact"] == changed["contact"]
    for expected in ("ContactDeleted", "NotFound"):
        assert (await admin.do("contactDelete", contactId=id))["__typename"] == expected
    assert (await lines("contact.update")) == [
        {
            "name": "Olga Rossi",
            "changes": [
                ["email", "olga@example.org", "o@example.org"], ["language", "ru", "it"],
                ["organisation", "Acme", None], ["contactGroup", "VIP", None],
            ],
        }
    ]  # fmt: skip
    subjects = {one.subject for one in await EventRecord.filter(kind__startswith="contact.")}
    assert len(subjects) == 2
    assert (await lines("contact.delete")) == [{"name": "Olga Rossi", "changes": []}]
    again = await contact(admin, email="o@example.org")
    assert again != id


async def test_what_cannot_be(site: Site) -> None:
    admin = await site.sign_in("admin")
    mario = await gid_of("Contact", "Mario")
    gone = await Contact.create(
        email="gone@demo.test", merged_into_id=1, blocked=True, created_at="2026-01-01T00:00:00Z"
    )
    for wrong, paths in (
        ({}, ["name"]),
        ({"name": " \0 "}, ["name"]),
        ({"name": None}, ["name"]),
        ({"name": "x" * 201}, ["name"]),
        ({"email": ""}, ["email", "name"]),
        ({"name": "A", "email": "nobody"}, ["email"]),
        ({"name": "A", "email": "a\0@b.it"}, ["email"]),
        ({"name": "A", "email": "x" * 250 + "@b.it"}, ["email"]),
        ({"email": "MARIO@demo.test"}, ["email"]),
        ({"email": "gone@demo.test"}, ["email"]),
        ({"name": "A", "language": "de"}, ["language"]),
        ({"name": "A", "language": ""}, ["language"]),
        ({"name": "A", "language": None}, ["language"]),
        ({"name": "A", "organisationId": mario}, ["organisationId"]),
        (
            {"name": "A", "organisationId": "garbage", "contactGroupId": gid("ContactGroup", 9)},
            ["organisationId", "contactGroupId"],
        ),
        ({"name": "A", "idempotencyKey": ""}, ["idempotencyKey"]),
    ):
        assert paths_of(await admin.do("contactCreate", CREATED, **wrong)) == paths, wrong
    for wrong, paths in (
        ({"name": "", "email": None}, ["name"]),
        ({"email": "sara@demo.test"}, ["email"]),
        ({"email": "gone@demo.test"}, ["email"]),
        ({"name": "y" * 300, "language": "xx"}, ["name", "language"]),
    ):
        answer = await admin.do("contactUpdate", UPDATED, contactId=mario, **wrong)
        assert paths_of(answer) == paths, wrong
    nobody = (gid("Contact", 999), gid("Contact", gone.id), gid("Operator", 1), "garbage", "")
    for id in nobody:
        for mutation in ("Update", "Block", "Unblock", "Delete"):
            answer = await admin.do(f"contact{mutation}", contactId=id)
            assert answer["__typename"] == "NotFound"
        assert await admin.run(CONTACT, id=id) == {"contact": None}
    node = await admin.run("query ($id: ID!) { node(id: $id) { id } }", id=nobody[1])
    assert node == {"node": None}
    row = await Contact.get(name="Mario")
    assert (row.email, row.language) == ("mario@demo.test", "it")
    assert not await EventRecord.filter(kind__startswith="contact.").exists()


async def test_who_may(site: Site) -> None:
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    mario = await gid_of("Contact", "Mario")
    fresh = await contact(anna, name="Nuovo")
    await refused(await anna.do("contactDelete", WRONG, contactId=fresh), "contacts.delete")
    await refused(
        await anna.do("contactMerge", WRONG, contactId=fresh, intoId=mario), "contacts.delete"
    )
    blind, _ = await program(anna, "CONTACTS_WRITE")
    for mutation in ("Update", "Block", "Unblock"):
        answer = await blind.do(f"contact{mutation}", contactId=mario)
        assert answer["__typename"] == "NotFound", "what is not viewed is not there"
    reader, _ = await program(anna, "CONTACTS_VIEW", "TICKETS_VIEW")
    for mutation, input in (
        ("contactCreate", {"name": "A"}), ("contactBlock", {"contactId": mario}),
        ("organisationCreate", {"name": "A"}), ("contactDelete", {"contactId": mario}),
    ):  # fmt: skip
        with pytest.raises(Failed) as failed:
            await reader.do(mutation, **input)
        assert failed.value.code == "FORBIDDEN"
    profile = await gid_of("Profile", "operator")
    await admin.do("profileUpdate", profileId=profile, rights=["CONTACTS_VIEW", "TICKETS_VIEW"])
    for mutation, input in (
        ("contactCreate", {"name": "A"}), ("contactUpdate", {"contactId": mario, "name": "A"}),
        ("contactBlock", {"contactId": mario}), ("contactUnblock", {"contactId": "garbage"}),
    ):  # fmt: skip
        await refused(await anna.do(mutation, DENIED, **input), "contacts.write")
    assert (await Contact.get(name="Mario")).blocked is False


async def test_who_is_in_use_is_not_deleted(site: Site) -> None:
    admin, sara, samuel = [await site.sign_in(one) for one in ("admin", "sara", "samuel")]
    mario = await Contact.get(name="Mario")
    await saved(ticket(contact_id=mario.id, deleted_at="2026-01-31T12:00:00Z"))
    theirs = await opened(sara)
    await samuel.do("messagePost", ticketId=theirs, body="anch'io")
    told = {
        json.dumps(await admin.do("contactDelete", INVALID, contactId=gid("Contact", one.id)))
        for one in await Contact.filter(name__in=["Mario", "Sara", "Samuel"])
    }
    assert len(told) == 1, "a deleted ticket, an open one, a word in a colleague's: alike"
    assert paths_of(json.loads(told.pop())) == ["contactId"]
    giulia = await site.sign_in("giulia")
    address = await Contact.create(
        email="g2@demo.test", merged_into_id=await id_of("Contact", "Giulia"), blocked=True,
        created_at=mario.created_at,
    )  # fmt: skip
    async with giulia.live() as connection:
        done = await admin.do("contactDelete", contactId=await gid_of("Contact", "Giulia"))
        assert done["__typename"] == "ContactDeleted"
        assert await connection.closed() == 4403
    assert not await Contact.exists(id=address.id)
    assert (await giulia.post("{ __typename }")).status_code == 401


async def test_tickets_are_found_by_the_new_name(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    for _ in range(2):
        await opened(mario)
    await opened(await site.sign_in("giulia"))
    every = await numbers(admin)
    assert await numbers(admin, search="zanardi") == []
    id = await gid_of("Contact", "Mario")
    await admin.do("contactUpdate", contactId=id, name="Mario Zanardi", email="mz@studio.example")
    for word in ("zanardi", "studio", "mario zanardi"):
        assert len(await numbers(admin, search=word)) == 2, word
    assert len(every) == 3
    mine = await mario.run('{ tickets(search: "zanardi") { totalCount } }')
    assert mine == {"tickets": {"totalCount": 2}}


async def test_people_a_department_meets_first(site: Site) -> None:
    admin = await site.sign_in("admin")
    group = await ContactGroup.create(name="Nuovi")
    await Department.filter(name="Fiscale").update(
        default_language="ru", default_contact_group_id=group.id
    )
    for email, name, expected in (
        ("x@demo.test", "ISEE", ("ru", group.id)),
        ("y@demo.test", "Rinnovo permesso", ("en", None)),
        ("mario@demo.test", "ISEE", ("it", None)),
    ):
        await admin.do(
            "ticketOpen", subject="S", body="B", contactEmail=email,
            categoryId=await category(admin, name),
        )  # fmt: skip
        row = await Contact.get(email=email)
        assert (row.language, row.contact_group_id) == expected


async def test_one_address_at_once(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    where = await category(anna, "Rinnovo permesso")
    for n in range(3):
        email = f"n{n}@demo.test"
        made, other, by_ticket = await asyncio.gather(
            admin.do("contactCreate", CREATED, name="A", email=email),
            anna.do("contactCreate", CREATED, name="B", email=email),
            anna.do("ticketOpen", subject="S", body="B", contactEmail=email, categoryId=where),
        )
        assert by_ticket["__typename"] == "TicketOpened"
        for one in (made, other):
            assert one["__typename"] in ("ContactCreated", "InvalidInput"), one
        assert await Contact.filter(email=email).count() == 1


async def test_search_knows_every_letter_and_takes_no_forged_place(site: Site) -> None:
    anna = await site.sign_in("anna")
    await contact(anna, name=LETTERS.upper())
    await contact(anna, name="a]b[c*d?e^f-g")
    await Organisation.create(name="Ёлка")
    for search, count in (
        (LETTERS, 1), (LETTERS.upper(), 1), (LETTERS[3:50].swapcase(), 1), (LETTERS[::-1], 0),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 254))), 0), ("[C", 1), ("C*D", 1), ("c*e", 0),
        ("?", 1), ("B[C*D?E^F-G", 1), ("]", 1), ("^f-", 1), ("[a-z]", 0), ("\ufffd", 0),
    ):  # fmt: skip
        found = (await anna.run(FIND, s=search))["contacts"]
        assert found["totalCount"] == len(found["edges"]) == count, search
    organisations = "query ($s: String, $c: String) { organisations(search: $s, after: $c) { %s } }"
    found = await anna.run(organisations % "edges { node { name } }", s="ёЛК")
    assert found["organisations"]["edges"] == [{"node": {"name": "Ёлка"}}]
    for key in ("\ud800", "a\udfff", 5, None):
        raw = json.dumps(["organisation", key, 1])
        cursor = base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")
        with pytest.raises(Failed, match="no cursor of this list") as failed:
            await anna.run(organisations % "totalCount edges { cursor }", c=cursor)
        assert failed.value.code == "BAD_REQUEST"
