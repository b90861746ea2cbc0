"""A ticket that is not seen does not exist: every way to ask is answered as if it never was."""

from typing import Any

import orjson

from tests.journeys.documents import documents_of
from tests.journeys.toolbar import everything
from tests.support.site import DESK, Client, Site, gid

NEVER = gid("Ticket", 999_999)
LOOK = """
query ($id: ID!, $number: Int!) {
  byId: ticket(id: $id) { id subject }
  byNumber: ticket(number: $number) { id subject }
  node(id: $id) { id }
}"""
NOTHING = {"byId": None, "byNumber": None, "node": None}


async def knows_nothing(who: Client, site: Site, ticket: dict[str, Any]) -> None:
    """Neither the ticket nor its document is there, nor a feed."""
    await unknown(who, ticket)
    await _no_file(who, site, ticket["document"])


async def unknown(who: Client, ticket: dict[str, Any]) -> None:
    """By id, by number, as a node, as a page, as a feed: nothing."""
    mine, never = {k: ticket[k] for k in ("id", "number")}, {"id": NEVER, "number": 999_999}
    assert await _alike(who, LOOK, [mine, never]) == NOTHING
    page = documents_of(who).page
    await _alike(who, page, [{"id": ticket["id"]}, {"id": NEVER}])
    await _no_feed(who, ticket["id"])


async def may_do_nothing(who: Client, admin: Client, ticket_id: str) -> None:
    """Each mutation answers NotFound, to the byte as for a ticket that never was."""
    unseen, never = await everything(admin, ticket_id), await everything(admin, NEVER)
    for name, input in unseen.items():
        kind = f"{name[0].upper()}{name[1:]}Input"
        document = (
            f"mutation ($input: {kind}!) {{ {name}(input: $input)"
            " { __typename ... on UserError { message } } }"
        )
        data = await _alike(who, document, [{"input": input}, {"input": never[name]}])
        assert data[name]["__typename"] == "NotFound", (name, data)


async def seen_in_lists(who: Client, word: str) -> set[int]:
    """The numbers of all tickets in their list, which count and search agree with."""
    filter = "filter: {search: $word}" if who.path == DESK else "search: $word"
    data = await who.run(
        "query ($word: String!) { all: tickets(first: 100) { ...page }"
        f" found: tickets({filter}, first: 100) {{ ...page }} }}"
        " fragment page on TicketConnection { totalCount edges { node { number } } }",
        word=word,
    )
    numbers = {
        name: [edge["node"]["number"] for edge in page["edges"]] for name, page in data.items()
    }
    assert data["all"]["totalCount"] == len(numbers["all"]) == len(set(numbers["all"]))
    assert data["found"]["totalCount"] == len(numbers["found"])
    assert set(numbers["found"]) == set(numbers["all"])
    return set(numbers["all"])


async def _alike(who: Client, document: str, variables: list[dict[str, Any]]) -> dict[str, Any]:
    """The answers' data: they are the same, to the byte but for what is left to spend."""
    answers = [await who.post(document, **given) for given in variables]
    contents: list[bytes] = []
    for answer in answers:
        body = orjson.loads(answer.content)
        left = body["extensions"]["cost"]["left"]
        contents.append(answer.content.replace(f'"left":{left}'.encode(), b""))
    assert contents[0] == contents[1]
    assert answers[0].status_code == answers[1].status_code
    return orjson.loads(answers[0].content)["data"]


async def _no_file(who: Client, site: Site, document: str) -> None:
    headers = {"Authorization": f"Bearer {who.token}"}
    unseen = await site.http.get(f"/files/{document}", headers=headers)
    never = await site.http.get(f"/files/{gid('Document', 999_999)}", headers=headers)
    assert unseen.status_code == never.status_code == 404
    assert unseen.content == never.content


async def _no_feed(who: Client, ticket_id: str) -> None:
    """Revoked as the first frame, and the end; one that never was answers the same."""
    for id in (ticket_id, NEVER):
        async with who.live() as live:
            feed = await live.subscribe(documents_of(who).feed, id=id, after=None)
            assert await feed.next() == {"__typename": "AccessRevoked", "ticketId": id}
            await feed.completed()
