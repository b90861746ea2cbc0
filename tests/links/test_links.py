"""Magic links and password resets over the API: one ticket, and no further."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actions import magic_links
from actions.keys import ring
from actions.unit_of_work import settle
from models.desk import Department
from models.enums import Turn
from models.magic_links import MagicLink, PasswordReset
from models.mail_enums import MailKind
from models.mails import OutboundMail
from models.people import Contact
from models.sessions import Session
from models.tickets import Ticket
from resolvers.ids import encode, local_id
from tests.mail import boxes
from tests.support.live import connected
from tests.support.site import CLIENT, Client, Failed, Site, category

OPENED = "... on MagicLinkOpened { token expiresAt ticket { id number } }"
FEED = """subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename
  ... on TicketSnapshot { ticket { id } } } }"""
CHANGED = "subscription { ticketChanged { id subject } }"


async def ticket_of(site: Site, name: str = "sara", subject: str = "Mine") -> str:
    client = await site.sign_in(name)
    done = await client.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }", subject=subject, body="words",
        categoryId=await category(client, "Rinnovo permesso"),
    )  # fmt: skip
    id: str = done["ticket"]["id"]
    return id


async def link_to(id: str) -> MagicLink:
    ticket = await Ticket.get(id=local_id(id, "Ticket"))
    return await magic_links.issue(ticket.contact_id, ticket.id)


async def opened(site: Site, link: MagicLink) -> Client:
    anonymous = Client(site.http, site.host, CLIENT, None)
    done = await anonymous.do("magicLinkOpen", OPENED, token=magic_links.token(link))
    assert done["__typename"] == "MagicLinkOpened", done
    return Client(site.http, site.host, CLIENT, done["token"])


def anonymous(site: Site) -> Client:
    return Client(site.http, site.host, CLIENT, None)


async def test_a_link_reaches_its_ticket_and_no_other(site: Site) -> None:
    mine, other, colleagues = (
        await ticket_of(site), await ticket_of(site, subject="Other"),
        await ticket_of(site, "samuel", "Colleague's"),
    )  # fmt: skip
    client = await opened(site, await link_to(mine))
    ask = "query ($id: ID!) { ticket(id: $id) { id subject } node(id: $id) { id } }"
    assert (await client.run(ask, id=mine))["ticket"]["subject"] == "Mine"
    for hidden in (other, colleagues):
        assert await client.run(ask, id=hidden) == {"ticket": None, "node": None}
    listed = await client.run("{ tickets { totalCount edges { node { id } } } }")
    assert listed["tickets"] == {"totalCount": 1, "edges": [{"node": {"id": mine}}]}
    found = await client.run('{ tickets(search: "other") { totalCount } }')
    assert found["tickets"]["totalCount"] == 0
    assert (await client.do("messagePost", ticketId=mine, body="more"))["__typename"] == (
        "MessagePosted"
    )
    refused = await client.do("messagePost", ticketId=other, body="more")
    assert refused["__typename"] == "NotFound"
    with pytest.raises(Failed, match="one ticket"):
        await client.do("ticketOpen", subject="New", body="x")
    sara = await site.sign_in("sara")
    assert (await sara.run("{ tickets { totalCount } }"))["tickets"]["totalCount"] == 3


async def test_its_feeds_tell_of_nothing_else(site: Site) -> None:
    mine, other = await ticket_of(site), await ticket_of(site, subject="Other")
    client = await opened(site, await link_to(mine))
    sara = await site.sign_in("sara")
    async with client.live() as connection:
        feed = await connection.subscribe(FEED, id=mine)
        assert (await feed.next())["__typename"] == "TicketSnapshot"
        hidden = await connection.subscribe(FEED, id=other)
        frame: dict[str, Any] = await hidden.next()
        assert frame["__typename"] == "AccessRevoked"
        changed = await connection.subscribe(CHANGED)
        await changed.quiet(0.5)  # nothing says when it is in force
        await sara.do("messagePost", ticketId=other, body="x")
        await sara.do("messagePost", ticketId=mine, body="x")
        assert (await changed.next())["id"] == mine
        assert await changed.quiet() == []


async def test_revoked_it_ends_at_once(site: Site) -> None:
    mine = await ticket_of(site)
    link = await link_to(mine)
    client = await opened(site, link)
    bruno = await site.sign_in("bruno")
    async with client.live() as connection:
        feed = await connection.subscribe(FEED, id=mine)
        await feed.next()
        done = await bruno.do(
            "magicLinksRevoke", "... on MagicLinksRevoked { count }", ticketId=mine
        )
        assert done["count"] == 1
        assert await connection.closed() == 4403
    assert (await client.post("{ viewer { id } }")).status_code == 401
    token = magic_links.token(link)
    done = await anonymous(site).do("magicLinkOpen", token=token)
    assert done["__typename"] == "LinkExpired"
    again = await magic_links.issue(link.contact_id, link.ticket_id)
    assert again.id != link.id, "a new mail brings a link that works"


@pytest.mark.parametrize(
    "how", ["expired", "blocked", "deleted", "another's", "forged", "nonsense", "empty"]
)
async def test_what_opens_nothing(site: Site, how: str) -> None:
    mine = await ticket_of(site)
    link = await link_to(mine)
    token = magic_links.token(link)
    if how == "expired":
        past = datetime.now(UTC) - timedelta(seconds=1)
        await MagicLink.filter(id=link.id).update(expires_at=past)
    elif how == "blocked":
        await Contact.filter(id=link.contact_id).update(blocked=True)
    elif how == "deleted":
        await Ticket.filter(id=link.ticket_id).update(deleted_at=datetime.now(UTC))
    elif how == "another's":
        giulia = await Contact.get(email="giulia@demo.test")
        await Ticket.filter(id=link.ticket_id).update(contact_id=giulia.id)
    else:
        token = {"forged": f"{link.id + 1}{token[token.index('.') :]}", "empty": ""}.get(how, "x.y")
    done = await anonymous(site).do("magicLinkOpen", token=token)
    assert done["__typename"] == "LinkExpired"
    assert not await Session.filter(magic_link_id=link.id).exists()


async def test_guessing_is_slowed(site: Site) -> None:
    tries = [
        await anonymous(site).do("magicLinkOpen", token=f"{number}.{'a' * 16}")
        for number in range(12)
    ]
    kinds = [one["__typename"] for one in tries]
    assert kinds[0] == "LinkExpired"
    assert kinds[-1] == "TooManyAttempts"


async def test_a_session_ends_with_its_link(site: Site) -> None:
    link = await link_to(await ticket_of(site))
    soon = datetime.now(UTC) + timedelta(minutes=3)
    await MagicLink.filter(id=link.id).update(expires_at=soon)
    await opened(site, link)
    session = await Session.get(magic_link_id=link.id)
    assert session.expires_at <= soon
    await MagicLink.filter(id=link.id).update(expires_at=soon + timedelta(days=9))
    await opened(site, link)
    later = await Session.filter(magic_link_id=link.id).order_by("-id").first()
    assert later is not None
    assert later.expires_at < datetime.now(UTC) + timedelta(minutes=31)


async def test_a_closed_ticket_is_read_and_not_written(site: Site) -> None:
    mine = await ticket_of(site)
    client = await opened(site, await link_to(mine))
    await Ticket.filter(id=local_id(mine, "Ticket")).update(
        turn=Turn.CLOSED, closed_at=datetime.now(UTC)
    )
    assert (await client.run("{ tickets { totalCount } }"))["tickets"]["totalCount"] == 1
    done = await client.do("messagePost", ticketId=mine, body="x")
    assert done["__typename"] == "TicketAlreadyClosed"


async def test_a_password_is_set_once_by_link(site: Site) -> None:
    await boxes.mailbox("immigrazione@demo.test", department="Immigrazione")
    sara = await site.sign_in("sara")
    done = await anonymous(site).do("passwordResetRequest", email="sara@demo.test")
    assert done["__typename"] == "PasswordResetRequested"
    await settle()
    (mail,) = await OutboundMail.filter(kind=MailKind.PASSWORD_RESET)
    url = ring().decrypt(mail.input["secret_url"])
    token = url.rpartition("/")[2]
    assert re.fullmatch(r"[\w-]{43}", token)
    assert token not in str(await OutboundMail.all().values())
    weak = await anonymous(site).do("passwordSet", token=token, password="short")
    assert weak["__typename"] == "InvalidInput"
    new = "correct horse battery"
    done = await anonymous(site).do("passwordSet", token=token, password=new)
    assert done["__typename"] == "PasswordIsSet"
    assert (await sara.post("{ viewer { id } }")).status_code == 401, "other sessions have ended"
    signed = await anonymous(site).do("signIn", email="sara@demo.test", password=new)
    assert signed["__typename"] == "SignedIn"
    for used in (token, "x" * 43, ""):
        done = await anonymous(site).do("passwordSet", token=used, password=new)
        assert done["__typename"] == "LinkExpired"
    await PasswordReset.all().update(used_at=None, expires_at=datetime.now(UTC))
    done = await anonymous(site).do("passwordSet", token=token, password=new)
    assert done["__typename"] == "LinkExpired"


async def test_a_contact_deleted_takes_links_along(site: Site) -> None:
    """Nothing of them stays that could be opened."""
    department = await Department.get(name="Immigrazione")
    assert department.id
    link = await link_to(await ticket_of(site))
    assert encode("Ticket", link.ticket_id)
    async with connected(site.host, CLIENT, (await opened(site, link)).token) as connection:
        admin = await site.sign_in("admin")
        sara = await Contact.get(email="sara@demo.test")
        await admin.do("contactBlock", contactId=encode("Contact", sara.id))
        assert await connection.closed() == 4403
