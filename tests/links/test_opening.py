"""What a magic link opens, when much happens to it at once, and when its ticket is merged away."""

import asyncio
from itertools import pairwise

import pytest

from actions import magic_links, ways_in
from actions.refusals import LinkExpired, TooManyAttempts
from actions.unit_of_work import unit_of_work
from models.people import Contact
from models.sessions import Session
from models.sql import is_postgres
from models.tickets import Ticket
from resolvers.ids import encode, local_id
from tests.links.test_links import anonymous, link_to, opened, ticket_of
from tests.support.live import connected
from tests.support.site import CLIENT, Client, Site

HERE = "192.0.2.1"
THEIRS = "{ tickets { edges { node { subject } } } }"
FEED = "subscription ($id: ID!) { ticketEvents(ticketId: $id) { __typename } }"
REVOKED = "... on MagicLinksRevoked { count }"


async def subjects(client: Client) -> list[str]:
    found = (await client.run(THEIRS))["tickets"]["edges"]
    return [one["node"]["subject"] for one in found]


async def merged(site: Site, *ids: str) -> None:
    """Each into the next."""
    bruno = await site.sign_in("bruno")
    for id, into in pairwise(ids):
        done = await bruno.do("ticketMerge", ticketId=id, intoId=into)
        assert done["__typename"] == "TicketMerged", done


async def test_revoked_while_it_is_opened(site: Site) -> None:
    """Whoever opens it has read it already, and waits for the contact's row."""
    link = await link_to(await ticket_of(site))
    if not is_postgres():
        pytest.skip("SQLite has one writer: they cannot meet")
    bruno = await site.sign_in("bruno")
    held, revoked = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        await Contact.filter(id=link.contact_id).update(blocked=False)
        held.set()
        await revoked.wait()

    holding = asyncio.create_task(unit_of_work(hold))
    await held.wait()
    opening = asyncio.create_task(ways_in.open_link(magic_links.token(link), HERE))
    await asyncio.sleep(0.3)
    done = await bruno.do("magicLinksRevoke", REVOKED, ticketId=encode("Ticket", link.ticket_id))
    assert done["count"] == 1
    revoked.set()
    await holding
    with pytest.raises(LinkExpired):
        await opening
    assert not await Session.filter(magic_link_id=link.id, ended_at=None).exists()


async def test_merged_it_opens_the_target(site: Site) -> None:
    first, second, third = [await ticket_of(site, subject=one) for one in ("A", "B", "C")]
    link = await link_to(first)
    client = await opened(site, link)
    assert await subjects(client) == ["A"]
    async with connected(site.host, CLIENT, client.token) as connection:
        await merged(site, first, second, third)
        assert await subjects(client) == ["C"], "of a session that was open already"
        feed = await connection.subscribe(FEED, id=third)
        assert (await feed.next())["__typename"] == "TicketSnapshot", "and of a connection"
    done = await anonymous(site).do(
        "magicLinkOpen",
        "... on MagicLinkOpened { ticket { number } }",
        token=magic_links.token(link),
    )
    assert done["ticket"]["number"] == local_id(third, "Ticket")
    assert (await client.do("messagePost", ticketId=third, body="more"))["__typename"] == (
        "MessagePosted"
    )


async def test_revoking_ends_what_leads_to_it(site: Site) -> None:
    first, second, other = [await ticket_of(site, subject=one) for one in ("A", "B", "Other")]
    client = await opened(site, await link_to(first))
    stays = await opened(site, await link_to(other))
    await merged(site, first, second)
    bruno = await site.sign_in("bruno")
    done = await bruno.do("magicLinksRevoke", REVOKED, ticketId=second)
    assert done["count"] == 1
    assert (await client.post(THEIRS)).status_code == 401
    assert await subjects(stays) == ["Other"]


async def test_a_circle_of_merges_opens_nothing(site: Site) -> None:
    first, second = await ticket_of(site), await ticket_of(site)
    link = await link_to(first)
    for one, other in ((first, second), (second, first)):
        id, into = local_id(one, "Ticket"), local_id(other, "Ticket")
        await Ticket.filter(id=id).update(merged_into_id=into)
    done = await anonymous(site).do("magicLinkOpen", token=magic_links.token(link))
    assert done["__typename"] == "LinkExpired"


@pytest.mark.usefixtures("database")
async def test_strangers_do_not_share_their_tries() -> None:
    for number in range(12):
        with pytest.raises(LinkExpired):
            await ways_in.open_link("1.broken", f"192.0.2.{number}")
    for _ in range(9):
        with pytest.raises(LinkExpired):
            await ways_in.open_link("1.broken", "192.0.2.0")
    with pytest.raises(TooManyAttempts):
        await ways_in.open_link("1.broken", "192.0.2.0")


async def test_a_link_has_few_sessions_at_a_time(site: Site) -> None:
    link = await link_to(await ticket_of(site))
    clients = [await opened(site, link) for _ in range(ways_in.SESSIONS_MOST + 2)]
    assert await Session.filter(magic_link_id=link.id, ended_at=None).count() == (
        ways_in.SESSIONS_MOST
    )
    statuses = [(await one.post(THEIRS)).status_code for one in clients]
    assert statuses == [401, 401] + [200] * ways_in.SESSIONS_MOST
