"""Search: number, subject, contact and bodies, by beginnings of words, alike on both databases."""

from typing import Any

from models.people import Contact
from tests.resolvers.desk import gid_of, numbers
from tests.support.site import Client, Site, category

MINE = "query ($s: String) { tickets(search: $s, first: 100) { edges { node { number } } } }"
OPENED = "... on TicketOpened { ticket { id number } }"


async def opened(by: Client, subject: str, body: str) -> dict[str, Any]:
    rinnovo = await category(by, "Rinnovo permesso")
    done = await by.do("ticketOpen", OPENED, subject=subject, body=body, categoryId=rinnovo)
    return done["ticket"]


async def mine(by: Client, search: str) -> list[int]:
    found = await by.run(MINE, s=search)
    return [edge["node"]["number"] for edge in found["tickets"]["edges"]]


async def test_what_is_searched_and_how(site: Site) -> None:
    mario, giulia, anna = [await site.sign_in(n) for n in ("mario", "giulia", "anna")]
    await Contact.filter(email="mario@demo.test").update(name="Mario Rossi-Perù")
    one = await opened(mario, "Perché il RINNOVO?", "<p>L'impronta <b>dig</b>itale, ß Straße</p>")
    two = await opened(giulia, "Élan 中文 кириллица", "<p>codice-fiscale: a_b RSSMRA80A01</p>")
    first, second = one["number"], two["number"]
    await mario.do("messagePost", ticketId=one["id"], body="<p>passaporto</p>")
    await anna.do("ticketReply", ticketId=one["id"], body="<p>appuntamento lunedì</p>")
    await anna.do("ticketAddNote", ticketId=one["id"], body="<p>sospetto passaporto falso</p>")
    both = sorted([first, second])
    for search, expected in {
        str(first): [first],
        f"#{second}": [second],
        "perche": [first],
        "PERCHÉ": [first],
        "perché": [first],
        "rinn": [first],
        "innovo": [],
        "impronta": [first],
        "l impronta": [first],
        "digitale": [first],
        "STRASSE": [first],
        "straß": [first],
        "elan": [second],
        "中文": [second],
        "中": [second],
        "КИРИЛЛ": [second],
        "codice fiscale": [second],
        "fiscale codice": [second],
        "a_b": [second],
        "rssmra80a01": [second],
        "rossi": [first],
        "peru": [first],
        "mario@demo.test": [first],
        "demo": both,
        "passaporto": [first],
        "appuntamento LUNEDI": [first],
        "sospetto": [first],
        "rinnovo sospetto": [first],
        "rinnovo codice": [],
        "nothing": [],
        "?": [],
        "'": [],
        "%": [],
        "_": [],
        "!": [],
        "--;": [],
        "\U0001f4a5": [],
        "": both,
        "   \n\t": both,
        "\0": [],
        "rin\0novo": [],
        "\U0010ffff": [],
        "p" * 40: [],
        " ".join(f"w{n}" for n in range(100)): [],
    }.items():
        assert sorted(await numbers(anna, search=search)) == expected, search


async def test_a_word_longer_than_is_kept_is_found(site: Site) -> None:
    mario = await site.sign_in("mario")
    long = "x" * 39 + "yz"
    one = await opened(mario, long, "text")
    for search in (long, long[:41], long[:40], long[:39], "x"):
        assert await mine(mario, search) == [one["number"]]
    assert await mine(mario, "x" * 40) == []


async def test_a_new_subject_is_found(site: Site) -> None:
    mario, anna = await site.sign_in("mario"), await site.sign_in("anna")
    one = await opened(mario, "before", "text")
    await anna.do("ticketUpdate", ticketId=one["id"], subject="afterwards")
    assert await numbers(anna, search="afterw") == [one["number"]]
    assert await mine(mario, "afterw") == [one["number"]]


async def test_contacts_never_find_what_they_cannot_read(site: Site) -> None:
    mario, giulia, anna = [await site.sign_in(n) for n in ("mario", "giulia", "anna")]
    one = await opened(mario, "subject", "<p>body</p>")
    await anna.do("ticketAddNote", ticketId=one["id"], body="<p>segreto body</p>")
    await anna.do("ticketUpdate", ticketId=one["id"], addTags=["etichetta"])
    await anna.do(
        "ticketChangeLevel",
        ticketId=one["id"],
        level="BASE",
        note="motivazione",
    )
    assert await numbers(anna, search="segreto") == [one["number"]]
    for search in ("segreto", "seg", "etichetta", "motivazione", "anna", "immigrazione", "base"):
        assert await mine(mario, search) == [], search
    for search in ("body", "subject", "mario", str(one["number"])):
        assert await mine(mario, search) == [one["number"]], search
        assert await mine(giulia, search) == [], search
    await anna.do("ticketReply", ticketId=one["id"], body="<p>segreto</p>")
    assert await mine(mario, "segreto") == [one["number"]]


async def test_open_and_closed_of_a_contact(site: Site) -> None:
    mario, anna = await site.sign_in("mario"), await site.sign_in("anna")
    one = await opened(mario, "one", "text")
    other = await opened(mario, "other", "text")
    await anna.do("ticketClose", ticketId=one["id"])
    query = "query ($o: Boolean) { tickets(open: $o) { totalCount edges { node { number } } } }"
    for is_open, expected in ((True, [other]), (False, [one]), (None, [one, other])):
        found = (await mario.run(query, o=is_open))["tickets"]
        assert found["totalCount"] == len(expected)
        came = [edge["node"]["number"] for edge in found["edges"]]
        assert came == [each["number"] for each in expected]


async def test_what_is_gone_is_not_found(site: Site) -> None:
    mario, bruno = await site.sign_in("mario"), await site.sign_in("bruno")
    one = await opened(mario, "pioggia", "text")
    assert (await bruno.do("ticketDelete", ticketId=one["id"]))["__typename"] == "TicketDeleted"
    assert await numbers(bruno, search="pioggia") == []
    assert await mine(mario, "pioggia") == []
    await bruno.do("ticketRestore", ticketId=one["id"])
    assert await mine(mario, "pioggia") == [one["number"]]
    assert await numbers(bruno, search="pioggia", contactId=await gid_of("Contact", "Sara")) == []
