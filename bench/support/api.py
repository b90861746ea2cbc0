"""A client of a GraphQL API over HTTP, on one connection that stays: as light as can be."""

import asyncio
import time
from types import TracebackType
from typing import Any

import orjson

from bench.support.processes import BenchError

PATIENCE_S = 120
IDLE_S = 3.0
"""After which the server may hang up any moment: uvicorn does after five."""
JSON = "Content-Type: application/json\r\nAccept: application/json\r\n"


class Api:
    """One caller. Answers come in the order of the questions: one at a time."""

    def __init__(self, port: int, path: str = "/graphql", token: str | None = None) -> None:
        self._port = port
        self._path = path
        self._token = token

    async def __aenter__(self) -> "Api":
        await self._connect()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def _connect(self) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._used = time.monotonic()

    async def run(self, query: str, **variables: object) -> dict[str, Any]:
        """The data; raises BenchError for an answer with errors."""
        body = orjson.dumps({"query": query, "variables": variables})
        answer = orjson.loads(await self.ask("POST", self._path, body))
        if "errors" in answer:
            raise BenchError(f"refused: {answer['errors']}")
        data: dict[str, Any] = answer["data"]
        return data

    async def do(self, mutation: str, fields: str = "", **given: object) -> dict[str, Any]:
        """The result of `mutation(input: …)`; raises BenchError for a refusal."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        data = await self.run(
            f"mutation ($input: {kind}!) {{ {mutation}(input: $input) {{"
            f" __typename ... on UserError {{ message }} {fields} }} }}",
            input=given,
        )
        result: dict[str, Any] = data[mutation]
        if "message" in result:
            raise BenchError(f"{mutation}: {result}")
        return result

    async def ask(self, method: str, target: str, body: bytes = b"") -> bytes:
        """The body of the answer; raises BenchError for a refusal."""
        if time.monotonic() - self._used > IDLE_S:
            self._writer.close()
            await self._connect()
        credential = f"Authorization: Bearer {self._token}\r\n" if self._token else ""
        self._writer.write(
            f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{credential}"
            f"{JSON if body else ''}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        async with asyncio.timeout(PATIENCE_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            _, found, length = head.partition("content-length:")
            if not found:
                raise BenchError(f"an answer without a length: {head}")
            answer = await self._reader.readexactly(int(length.partition("\r\n")[0]))
        self._used = time.monotonic()
        if not head.startswith("http/1.1 2"):
            raise BenchError(f"{target}: {head.partition(' ')[2][:3]}, {answer[:500]!r}")
        return answer
