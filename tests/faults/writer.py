"""Who writes through failures: each post has a key, and is sent again until it is answered."""

import asyncio
from collections.abc import Callable
from random import Random
from secrets import token_hex

import httpx

from tests.support.site import CLIENT, Client

Seat = Callable[[Client], Client]
FIELDS = {
    "messagePost": "... on MessagePosted { posted { id } }",
    "ticketAddNote": "... on TicketNoted { note { id } }",
}


class Writer:
    """Posts messages as a contact, and notes as an operator, one after another."""

    def __init__(self, client: Client, id: str, dice: Random, seat: Seat | None = None) -> None:
        """`seat` says at which server to try again; without one it is always the same."""
        self.written: list[str] = []
        """The texts that were answered for, in order."""
        self._client, self._id, self._dice, self._seat = client, id, dice, seat
        self._mutation = "messagePost" if client.path == CLIENT else "ticketAddNote"

    async def post(self, text: str | None = None, key: str | None = None) -> None:
        """One more, exactly once."""
        text = text or f"{len(self.written)} {token_hex(4)}"
        key = key or token_hex(8)
        while True:
            client = self._seat(self._client) if self._seat else self._client
            try:
                done = await client.do(
                    self._mutation,
                    FIELDS[self._mutation],
                    ticketId=self._id,
                    body=f"<p>{text}</p>",
                    idempotencyKey=key,
                )
            except httpx.TransportError:
                await asyncio.sleep(0.05 + self._dice.random() / 10)
                continue
            assert "message" not in done, done
            self.written.append(text)
            return

    async def posts(self, count: int, pause_s: float = 0.0) -> None:
        """Many, with some pause between them."""
        for _ in range(count):
            await self.post()
            await asyncio.sleep(pause_s * 2 * self._dice.random())

    async def posts_of(self, text: str, count: int) -> None:
        """Long ones."""
        for _ in range(count):
            await self.post(f"{len(self.written)} {text}")

    async def posts_until(self, over: asyncio.Event, pause_s: float) -> None:
        """The same until it is over."""
        while not over.is_set():
            await self.posts(1, pause_s)
