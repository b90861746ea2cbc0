"""The story: a contact writes, operators see it live, one answers; nobody else learns of it."""

from typing import Any

from tests.journeys.page import Page, watching
from tests.journeys.toolbar import changes
from tests.journeys.unseen import knows_nothing, may_do_nothing, seen_in_lists
from tests.support.site import Client, Site, category

PASSPORT = b"%PDF-1.4\npassaporto di Mario\n"
WORD = "permesso"
OPENED = """... on TicketOpened {
  ticket { id number messages { edges { node { attachments { id name downloadUrl } } } } }
}"""
REPLIED = "... on TicketReplied { ticket { turn lock { token } } reply { number } }"
LOCKED = "... on TicketLocked { lock { operator { name } token } }"
LOST = "... on LockLost { holder { operator { name } } }"
MOVED_ON = "... on ConversationMovedOn { missed { __typename number } }"


class Cast:
    """Everybody, signed in."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def arrive(self) -> None:
        """Mario with his password, the others with a session."""
        self.mario = await self.site.sign_in_with_password("mario")
        self.anna, self.bruno, self.carla, self.dino, self.admin, self.giulia = [
            await self.site.sign_in(name)
            for name in ("anna", "bruno", "carla", "dino", "admin", "giulia")
        ]


async def test_the_story(site: Site) -> None:
    cast = Cast(site)
    await cast.arrive()
    ticket = await mario_opens_a_ticket(cast)
    async with (
        watching(cast.anna, ticket["id"]) as anna,
        watching(cast.bruno, ticket["id"]) as bruno,
        watching(cast.mario, ticket["id"]) as mario,
    ):
        await everybody_who_may_has_the_first_message(anna, bruno, mario)
        await the_others_do_not_know_it_exists(cast, ticket)
        for who in (cast.carla, cast.dino):
            await may_do_nothing(who, cast.admin, ticket["id"])
        await anna_takes_the_lock_and_bruno_is_refused(cast, anna, bruno)
        token = await anna_replies(anna, bruno, mario)
        await bruno_writes_a_note_that_mario_does_not_get(anna, bruno, mario)
        await lines_drop_while_mario_answers(anna, bruno, mario)
        await anna_is_told_what_stands_in_her_way(anna, bruno, token)
        await anna_closes(anna, bruno, mario)
        await everyone_is_refused(cast, anna, bruno, mario)
        await mario_opens_a_follow_up(cast, anna, bruno, mario)
        for page in (anna, bruno, mario):
            await page.equals_a_fresh_query()
        await the_whole_log_is_told_again(anna, bruno, mario)
    await the_others_do_not_know_it_exists(cast, ticket)


async def mario_opens_a_ticket(cast: Cast) -> dict[str, Any]:
    """With an attachment, in Rinnovo permesso; beside one by Giulia that Dino sees."""
    for who in (cast.anna, cast.bruno, cast.dino, cast.mario):
        assert await seen_in_lists(who, WORD) == set()
    upload = await cast.site.upload(cast.mario, "passaporto.pdf", PASSPORT)
    opened = await cast.mario.do(
        "ticketOpen",
        OPENED,
        subject="Rinnovo del permesso",
        body="<p>Buongiorno, mi <b>scade</b> il permesso.</p>",
        categoryId=await category(cast.mario, "Rinnovo permesso"),
        uploadIds=[upload],
    )
    assert opened["__typename"] == "TicketOpened"
    ticket = opened["ticket"]
    (attachment,) = ticket["messages"]["edges"][0]["node"]["attachments"]
    assert attachment["name"] == "passaporto.pdf"
    assert (await cast.site.http.get(attachment["downloadUrl"])).content == PASSPORT
    other = await cast.giulia.do(
        "ticketOpen",
        OPENED,
        subject="ISEE e permesso",
        body="<p>Che cosa serve?</p>",
        categoryId=await category(cast.giulia, "ISEE"),
    )
    mine, hers = ticket["number"], other["ticket"]["number"]
    for who, numbers in (
        (cast.anna, {mine}),
        (cast.bruno, {mine}),
        (cast.carla, set[int]()),
        (cast.dino, {hers}),
        (cast.admin, {mine, hers}),
        (cast.mario, {mine}),
        (cast.giulia, {hers}),
    ):
        assert await seen_in_lists(who, WORD) == numbers
    return {"id": ticket["id"], "number": mine, "document": attachment["id"]}


async def everybody_who_may_has_the_first_message(anna: Page, bruno: Page, mario: Page) -> None:
    for page in (anna, bruno):
        (message,) = page.items
        assert (message["__typename"], message["number"]) == ("ContactMessage", 1)
        assert message["author"] == {"__typename": "Contact", "name": "Mario"}
        assert message["bodyText"] == "Buongiorno, mi scade il permesso."
        assert [file["name"] for file in message["attachments"]] == ["passaporto.pdf"]
    (message,) = mario.items
    assert (message["side"], message["fromMe"], message["number"]) == ("CONTACT", True, 1)
    assert {page.turn for page in (anna, bruno, mario)} == {"OPERATOR"}


async def the_others_do_not_know_it_exists(cast: Cast, ticket: dict[str, Any]) -> None:
    for who in (cast.carla, cast.dino, cast.giulia):
        await knows_nothing(who, cast.site, ticket)
        assert ticket["number"] not in await seen_in_lists(who, WORD)
    refused = await cast.giulia.do("messagePost", ticketId=ticket["id"], body="ciao")
    assert refused["__typename"] == "NotFound"


async def anna_takes_the_lock_and_bruno_is_refused(cast: Cast, anna: Page, bruno: Page) -> None:
    held = await anna.who.do(
        "replyLockAcquire",
        "... on ReplyLockHeld { lock { operator { name } token } }",
        ticketId=anna.ticket_id,
    )
    assert held["__typename"] == "ReplyLockHeld"
    assert held["lock"]["operator"]["name"] == "Anna"
    for page in (anna, bruno):
        await page.until(lambda page: page.lock_holder == "Anna")
    assert anna.lock_token == held["lock"]["token"]
    assert bruno.lock_token is None
    for mutation, input in (await changes(cast.admin)).items():
        refused = await bruno.who.do(mutation, LOCKED, ticketId=bruno.ticket_id, **input)
        assert refused["__typename"] == "TicketLocked", (mutation, refused)
        assert refused["lock"] == {"operator": {"name": "Anna"}, "token": None}
        assert "Anna" in refused["message"]
    await bruno.equals_a_fresh_query()


async def anna_replies(anna: Page, bruno: Page, mario: Page) -> str:
    """With the token, which is then worth nothing; she returns it."""
    token = anna.lock_token
    assert token is not None
    sent = await anna.who.do(
        "ticketReply",
        REPLIED,
        ticketId=anna.ticket_id,
        body="<p>Buongiorno Mario, porti il passaporto.</p>",
        lockToken=token,
        lastSeenEntry=anna.last["number"],
    )
    assert sent["__typename"] == "TicketReplied"
    assert sent["ticket"] == {"turn": "CONTACT", "lock": None}
    for page in (anna, bruno):
        reply = await page.reached(2)
        assert (reply["__typename"], reply["turnAfter"]) == ("OperatorReply", "CONTACT")
        assert reply["author"] == {"__typename": "Operator", "name": "Anna"}
        assert page.turn == "CONTACT"
        await page.until(lambda page: page.lock_holder is None)
    message = await mario.reached(2)
    assert (message["side"], message["fromMe"], message["authorName"]) == ("DESK", False, "Anna")
    assert message["bodyText"] == "Buongiorno Mario, porti il passaporto."
    assert mario.turn == "CONTACT"
    return token


async def bruno_writes_a_note_that_mario_does_not_get(anna: Page, bruno: Page, mario: Page) -> None:
    noted = await bruno.who.do("ticketAddNote", ticketId=bruno.ticket_id, body="<p>Segreto</p>")
    assert noted["__typename"] == "TicketNoted"
    for page in (anna, bruno):
        note = await page.reached(3)
        assert (note["__typename"], note["bodyText"]) == ("InternalNote", "Segreto")
        assert (note["turnAfter"], page.turn) == ("CONTACT", "CONTACT")
    await mario.nothing_came()
    await mario.equals_a_fresh_query()
    assert await seen_in_lists(mario.who, WORD) != set()
    found = await mario.who.run('{ tickets(search: "Segreto") { totalCount } }')
    assert found["tickets"]["totalCount"] == 0


async def lines_drop_while_mario_answers(anna: Page, bruno: Page, mario: Page) -> None:
    """Each feed, resumed, tells what was missed and no more; then goes on live."""
    for page in (anna, bruno, mario):
        await page.drop()
    await mario_writes(mario.who, mario.ticket_id, "<p>Ecco il passaporto.</p>")
    tagged = await bruno.who.do("ticketUpdate", ticketId=bruno.ticket_id, addTags=["urgente"])
    assert tagged["__typename"] == "TicketFieldsUpdated"
    for page in (anna, bruno):
        answer, event = await page.watch()
        assert (answer["__typename"], answer["turnAfter"]) == ("ContactMessage", "OPERATOR")
        assert (event["__typename"], event["kind"]) == ("SystemEvent", "UPDATED")
    (answer,) = await mario.watch()
    assert (answer["number"], answer["bodyText"]) == (3, "Ecco il passaporto.")
    for page in (anna, bruno, mario):
        assert page.turn == "OPERATOR"
        await page.drop()
        assert await page.watch() == []
    await mario_writes(mario.who, mario.ticket_id, "<p>E la marca da bollo.</p>")
    assert (await anna.reached(6))["__typename"] == "ContactMessage"
    assert (await bruno.reached(6))["turnAfter"] == "OPERATOR"
    assert (await mario.reached(4))["fromMe"]


async def mario_writes(mario: Client, ticket_id: str, body: str) -> None:
    posted = await mario.do("messagePost", ticketId=ticket_id, body=body)
    assert posted["__typename"] == "MessagePosted"


async def anna_is_told_what_stands_in_her_way(anna: Page, bruno: Page, stale: str) -> None:
    """A token that is worth nothing any more; then two messages she has not read."""
    unread = {"ticketId": anna.ticket_id, "body": "<p>Grazie</p>", "lastSeenEntry": 3}
    lost = await anna.who.do("ticketReply", LOST, lockToken=stale, **unread)
    assert (lost["__typename"], lost["holder"]) == ("LockLost", None)
    moved_on = await anna.who.do("ticketReply", MOVED_ON, **unread)
    assert moved_on["__typename"] == "ConversationMovedOn"
    assert moved_on["missed"] == [
        {"__typename": "ContactMessage", "number": number} for number in (4, 6)
    ]
    closing = await anna.who.do("ticketClose", MOVED_ON, **unread)
    assert closing["__typename"] == "ConversationMovedOn"
    for page in (anna, bruno):
        await page.equals_a_fresh_query()


async def anna_closes(anna: Page, bruno: Page, mario: Page) -> None:
    closed = await anna.who.do(
        "ticketClose",
        "... on TicketClosed { ticket { turn } }",
        ticketId=anna.ticket_id,
        lastSeenEntry=anna.last["number"],
    )
    assert (closed["__typename"], closed["ticket"]) == ("TicketClosed", {"turn": "CLOSED"})
    for page in (anna, bruno):
        event = await page.reached(7)
        assert (event["kind"], event["turnAfter"], page.turn) == ("CLOSED", "CLOSED", "CLOSED")
    await mario.until(lambda page: page.turn == "CLOSED")


async def everyone_is_refused(cast: Cast, anna: Page, bruno: Page, mario: Page) -> None:
    closed = "... on TicketAlreadyClosed { ticket { turn } }"
    for who in (anna.who, bruno.who, cast.admin):
        for mutation, input in (await changes(cast.admin)).items():
            refused = await who.do(mutation, closed, ticketId=anna.ticket_id, **input)
            assert refused["__typename"] == "TicketAlreadyClosed", (mutation, refused)
            assert refused["ticket"] == {"turn": "CLOSED"}
    refused = await mario.who.do("messagePost", closed, ticketId=mario.ticket_id, body="ancora?")
    assert refused["__typename"] == "TicketAlreadyClosed"
    for page in (anna, bruno, mario):
        await page.equals_a_fresh_query()


async def mario_opens_a_follow_up(cast: Cast, anna: Page, bruno: Page, mario: Page) -> None:
    """Linked both ways, in the same place; the closed ticket's page tells the operators alone."""
    opened = await mario.who.do(
        "ticketOpen",
        OPENED,
        subject="Ancora il permesso",
        body="<p>Non è arrivato.</p>",
        followUpOfId=mario.ticket_id,
    )
    assert opened["__typename"] == "TicketOpened"
    for page in (anna, bruno):
        event = await page.reached(8)
        assert (event["kind"], event["turnAfter"]) == ("FOLLOW_UP_OPENED", "CLOSED")
    await mario.nothing_came()
    place = "number level department { name } category { name }"
    linked = await cast.bruno.run(
        "query ($old: ID!, $new: ID!) {"
        f" old: ticket(id: $old) {{ {place} followUps {{ number }} followUpOf {{ number }} }}"
        f" new: ticket(id: $new) {{ {place} followUps {{ number }} followUpOf {{ number }} }} }}",
        old=mario.ticket_id,
        new=opened["ticket"]["id"],
    )
    old, new = linked["old"], linked["new"]
    assert (old["followUps"], old["followUpOf"]) == ([{"number": new["number"]}], None)
    assert (new["followUpOf"], new["followUps"]) == ({"number": old["number"]}, [])
    for field in ("level", "department", "category"):
        assert new[field] == old[field] is not None
    assert new["number"] == opened["ticket"]["number"]


async def the_whole_log_is_told_again(*pages: Page) -> None:
    """A feed resumed from each page's beginning tells the rest of it, once and in order."""
    for page in pages:
        again = page.from_the_beginning()
        assert await again.watch() == page.items[1:]
        await again.equals_a_fresh_query()
        await again.leave()
