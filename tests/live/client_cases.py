"""The same for every mutation of the client area."""

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


CLIENT_CASES: dict[str, MakeCase] = {
    "signIn": sign_in,
    "signOut": sign_out,
    "messagePost": post,
    "messagePost by a colleague": colleague_posts,
    "ticketOpen": open_follow_up,
}
