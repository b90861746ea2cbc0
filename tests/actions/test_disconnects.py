"""Clients that go away in the middle of a mutation leave nothing locked behind."""

import asyncio
from urllib.parse import urlsplit

import orjson

from actions.unit_of_work import settle
from models.documents import Document
from models.records import IdempotencyKey
from models.sql import connection, is_postgres
from tests.actions import stage
from tests.support.site import Client, Site, gid

NOTE = """mutation ($id: ID!, $body: String!, $key: String!) {
  ticketAddNote(input: {ticketId: $id, body: $body, idempotencyKey: $key}) { __typename } }"""
LOCK = "mutation ($id: ID!) { replyLockAcquire(input: {ticketId: $id}) { __typename } }"


async def cut(client: Client, pause: int, query: str, **variables: str) -> None:
    """Send a request, wait a little, and cut the line without reading the answer."""
    host = urlsplit(f"http://{client.host}")
    _, writer = await asyncio.open_connection(host.hostname, host.port)
    body = orjson.dumps({"query": query, "variables": variables})
    head = (
        f"POST {client.path} HTTP/1.1\r\nHost: {client.host}\r\n"
        f"Authorization: Bearer {client.token}\r\nContent-Type: application/json\r\n"
        f"Accept: application/graphql-response+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    for _ in range(pause):
        await asyncio.sleep(0.002)
    writer.transport.abort()


async def test_150_of_them(site: Site) -> None:
    ids = [await stage.opened() for _ in range(3)]
    clients = [await site.sign_in(name) for name in ("anna", "bruno", "admin")]
    await asyncio.gather(
        *(
            cut(clients[n % 3], n % 40, LOCK, id=gid("Ticket", ids[n % 2]))
            if n % 5 == 0
            else cut(clients[n % 3], n % 40, NOTE, id=gid("Ticket", ids[2]), body="n", key=f"{n}")
            for n in range(150)
        )
    )
    query = "query ($id: ID!) { ticket(id: $id) { number } }"
    for client in clients:
        assert (await client.run(query, id=gid("Ticket", ids[2])))["ticket"]["number"]
    answers = await asyncio.gather(
        *(
            client.do("ticketAddNote", ticketId=gid("Ticket", ids[2]), body="x")
            for client in clients
        )
    )
    assert {one["__typename"] for one in answers} == {"TicketNoted"}
    await settle()
    row, entries = await stage.row(ids[2]), await stage.timeline(ids[2])
    assert [one.number for one in entries] == list(range(1, row.seq + 1))
    assert await IdempotencyKey.all().count() == row.seq - 4  # whole units or nothing of them
    assert await Document.all().count() == 0
    if is_postgres():
        idle = """SELECT count(*) AS n FROM pg_stat_activity
            WHERE datname = current_database() AND state LIKE 'idle in transaction%'"""
        assert (await connection().execute_query_dict(idle))[0]["n"] == 0
