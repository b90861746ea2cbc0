"""The same for every mutation of the client area."""

from datetime import UTC, datetime, timedelta

from actions import magic_links
from actions.sessions import token_hash
from models.magic_links import PasswordReset
from models.people import Contact
from models.tickets import Ticket
from resolvers.ids import local_id
from tests.live.cases import ENTRY, Case, Cast, MakeCase
from tests.support.site import PASSWORD


async def sign_in(cast: Cast) -> Case:
    act = lambda: cast.sara.do("signIn", email="sara@demo.test", password=PASSWORD)  # noqa: E731
    return Case(await cast.ticket(), act, [], [])


async def sign_out(cast: Cast) -> Case:
    other = await cast.stage.person("sara")

    async def act() -> None:
        await other.client.run("mutation { signOut { __typename } }")
        assert await other.connection.closed() == 4403

    return Case(await cast.ticket(), act, [], [])


async def post(cast: Cast) -> Case:
    id = await cast.ticket()
    upload = await cast.stage.site.upload(cast.sara.client, "a.txt", b"ciao")
    act = lambda: cast.sara.do("messagePost", ticketId=id, body="ecco", uploadIds=[upload])  # noqa: E731
    return Case(id, act, ["MessageAdded"], [ENTRY])


async def colleague_posts(cast: Cast) -> Case:
    id = await cast.ticket()
    await cast.anna.do("ticketReply", ticketId=id, body="Venga")
    act = lambda: cast.samuel.do("messagePost", ticketId=id, body="vengo io")  # noqa: E731
    return Case(id, act, ["MessageAdded"], [ENTRY])


async def open_follow_up(cast: Cast) -> Case:
    id = await cast.closed()
    act = lambda: cast.stage.ticket(cast.sara, followUpOfId=id)  # noqa: E731
    return Case(id, act, [], [ENTRY])


async def link_open(cast: Cast) -> Case:
    id = await cast.ticket()
    ticket = await Ticket.get(id=local_id(id, "Ticket"))
    link = await magic_links.issue(ticket.contact_id, ticket.id)
    act = lambda: cast.sara.do("magicLinkOpen", token=magic_links.token(link))  # noqa: E731
    return Case(id, act, [], [])


async def link_request(cast: Cast) -> Case:
    act = lambda: cast.sara.do("magicLinkRequest", email="sara@demo.test")  # noqa: E731
    return Case(await cast.ticket(), act, [], [])


async def reset_request(cast: Cast) -> Case:
    act = lambda: cast.sara.do("passwordResetRequest", email="sara@demo.test")  # noqa: E731
    return Case(await cast.ticket(), act, [], [])


async def password_set(cast: Cast) -> Case:
    """Of somebody who watches nothing here."""
    contact = await Contact.get(email="giulia@demo.test")
    now = datetime.now(UTC)
    await PasswordReset.create(
        contact_id=contact.id, token_hash=token_hash(f"reset {now}"), created_at=now,
        expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    new = "correct horse battery"
    act = lambda: cast.sara.do("passwordSet", token=f"reset {now}", password=new)  # noqa: E731
    return Case(await cast.ticket(), act, [], [])


async def rate(cast: Cast) -> Case:
    id = await cast.closed()
    act = lambda: cast.sara.do("ticketRate", ticketId=id, positive=True, comment="brava")  # noqa: E731
    return Case(id, act, ["TicketChanged"], [ENTRY])


CLIENT_CASES: dict[str, MakeCase] = {
    "signIn": sign_in,
    "signOut": sign_out,
    "messagePost": post,
    "ticketRate": rate,
    "messagePost by a colleague": colleague_posts,
    "ticketOpen": open_follow_up,
    "magicLinkOpen": link_open,
    "magicLinkRequest": link_request,
    "passwordResetRequest": reset_request,
    "passwordSet": password_set,
}
