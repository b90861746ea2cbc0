"""`ticketEvents` over Server-Sent Events: the same frames, resumed by the last event's id."""

import pytest

from tests.live.documents import CLIENT_SIDE, DESK_SIDE
from tests.live.stage import Stage, eventually, number_of
from tests.support.events import streamed

pytestmark = pytest.mark.usefixtures("quick_viewers")


async def test_a_reconnect_misses_nothing(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    desk, client = (
        (stage.site.http, DESK_SIDE.feed, bruno.client),
        (stage.site.http, CLIENT_SIDE.feed, mario.client),
    )
    for http, feed, who in (desk, client):
        async with streamed(http, who.path, feed, who.token, id=id) as events:
            snapshot = await events.until("TicketSnapshot")
        assert snapshot.id == snapshot.data["data"]["ticketEvents"]["cursor"]
        await mario.do("messagePost", ticketId=id, body="uno")
        await bruno.do("ticketReply", ticketId=id, body="due")
        async with streamed(http, who.path, feed, who.token, snapshot.id, id=id) as events:
            missed = [await events.next(), await events.next()]
            types = [one.data["data"]["ticketEvents"]["__typename"] for one in missed if one]
            assert len(set(types)) == 1, types
            assert types[0] in {"EntryAdded", "MessageAdded"}
            await events.until("TicketSnapshot")
            await mario.do("messagePost", ticketId=id, body="tre")
            live = await events.until(types[0])
            assert live.id == live.data["data"]["ticketEvents"]["cursor"]
    await eventually(lambda: not stage.live.hub._topics)


async def test_it_is_told_by_the_audience_of_websockets(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id = await stage.ticket(mario)
    feed = await bruno.watch(id)
    await feed.until("TicketSnapshot")
    who = bruno.client
    variables = {"id": id, "after": None}
    async with streamed(
        stage.site.http, who.path, DESK_SIDE.feed, who.token, **variables
    ) as events:
        await events.until("TicketSnapshot")
        await eventually(
            lambda: (
                [len(one) for one in stage.live.hub._topics[number_of(id)].audiences.values()]
                == [2]
            )
        )
        await mario.do("messagePost", ticketId=id, body="uno")
        told = await events.until("EntryAdded")
        assert told.data["data"]["ticketEvents"]["entry"]["number"] == 2


async def test_signing_out_ends_it(stage: Stage) -> None:
    mario, bruno = await stage.person("mario"), await stage.person("bruno")
    id, who = await stage.ticket(mario), bruno.client
    async with streamed(stage.site.http, who.path, DESK_SIDE.feed, who.token, id=id) as events:
        await events.until("TicketSnapshot")
        await who.run("mutation { signOut { __typename } }")
        while (event := await events.next()) is not None:
            assert event.name == "next"
    async with streamed(stage.site.http, who.path, DESK_SIDE.feed, who.token, id=id) as events:
        assert events.response.status_code == 401
