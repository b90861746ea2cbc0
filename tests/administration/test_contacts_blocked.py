"""A blocked contact neither signs in nor posts, from that moment on; their tickets stay."""

import asyncio

from actions import tickets
from actions.refusals import NotFound
from actions.tickets.requests import ContactOpen, Post
from models.callers import ContactCaller
from models.circles import circle_of
from models.people import Contact
from models.sessions import Session
from models.timeline import TimelineEntry
from resolvers.ids import decode
from tests.administration.staff import lines, opened
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of, id_of, numbers
from tests.support.site import Client, Site

BLOCKED = "... on ContactBlocked { contact { blocked } }"
SIGN_IN = """mutation { signIn(input: {email: "%s@demo.test", password: "demo-demo-demo"})
  { __typename } }"""


async def typename(by: Client, name: str) -> str:
    return (await by.run(SIGN_IN % name))["signIn"]["__typename"]


async def test_shut_out_at_once_and_let_in_again(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    sara, tab, samuel = [await site.sign_in(one) for one in ("sara", "sara", "samuel")]
    id = await gid_of("Contact", "Sara")
    theirs = await opened(sara)
    anonymous = site.anonymous(sara.path)
    async with watching(samuel, theirs) as colleague, tab.live() as connection:
        async with watching(sara, theirs):
            done = await anna.do("contactBlock", BLOCKED, contactId=id)
            assert done["contact"] == {"blocked": True}
            assert await connection.closed() == 4403
        for who in (sara, tab):
            assert (await who.post("{ __typename }")).status_code == 401
        assert await typename(anonymous, "sara") == "InvalidCredentials"
        await colleague.nothing_came()
        await colleague.equals_a_fresh_query()
    assert len(await numbers(admin)) == 1
    again = await anna.do("contactBlock", BLOCKED, contactId=id)
    assert again["contact"] == {"blocked": True}
    opened_for = await anna.do("ticketReply", ticketId=theirs, body="Buongiorno", lastSeenEntry=1)
    assert opened_for["__typename"] == "TicketReplied", "the desk may still write"
    free = await anna.do("contactUnblock", contactId=id)
    assert free["__typename"] == "ContactUnblocked"
    assert (await sara.post("{ __typename }")).status_code == 401, "what ended stays so"
    assert await typename(anonymous, "sara") == "SignedIn"
    (blocked,), (unblocked,) = await lines("contact.block"), await lines("contact.unblock")
    assert blocked["changes"] == [["blocked", "no", "yes"]]
    assert unblocked["changes"] == [["blocked", "yes", "no"]]
    assert await Session.filter(contact_id=decode(id)[1], ended_at=None).count() == 1


async def test_what_was_under_way_is_refused(site: Site) -> None:
    """As if the request had been admitted a moment before."""
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    theirs = decode(await opened(mario))[1]
    row = await Contact.get(name="Mario")
    by = ContactCaller(row, 0, await circle_of(row.id))
    await admin.do("contactBlock", contactId=await gid_of("Contact", "Mario"))
    post = Post(ticket_id=theirs, body="dopo")
    open_ = ContactOpen(subject="S", body="B", category_id=await id_of("Category", "ISEE"))
    for attempt in (tickets.post(post, by), tickets.open_by_contact(open_, by)):
        (answer,) = await asyncio.gather(attempt, return_exceptions=True)
        assert isinstance(answer, NotFound)
    assert await TimelineEntry.all().count() == 1
