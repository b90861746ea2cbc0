"""Talks to an OAuth2 provider's token endpoint (RFC 6749); nothing it sends or gets is logged."""

import asyncio
import contextlib
import re
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import orjson

from actions.mailbox_grants import NewTokens
from mail.credentials import Reauthorise
from mail.hosts import addresses
from mail.wire import Unreachable

PATIENCE_S = 10.0
"""For all of it, from the name to the last byte."""
ANSWER_LIMIT = 64 * 1024
"""Bytes; tokens of some providers have four thousand."""
LIFETIME = timedelta(hours=1)
"""Of a token whose answer does not say (RFC 6749, 5.1: expires_in is RECOMMENDED)."""
DEAD = frozenset({"invalid_grant", "interaction_required", "consent_required"})
"""What says that only a person can mend it: the second and third are Microsoft's."""
OK = 200
SAID_LIMIT = 300
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
"""What no database takes, or nobody reads."""


class TokenServerTrouble(Unreachable, ConnectionError):
    """The provider does not answer, or answers wrongly; the grant may be as good as ever."""


async def request(url: str, form: dict[str, str]) -> NewTokens:
    """POST a grant. Raises Reauthorise when it is dead, else TokenServerTrouble."""
    host = _host(url)
    try:
        async with asyncio.timeout(PATIENCE_S):
            status, content = await _post(url, form)
    except TimeoutError:
        raise TokenServerTrouble(f"{host} does not answer in {PATIENCE_S:.0f} s.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        why = str(error) or type(error).__name__
        raise TokenServerTrouble(f"{host} cannot be reached: {_clean(why)}") from None
    if len(content) > ANSWER_LIMIT:
        raise TokenServerTrouble(f"{host} answers with more than any token takes.")
    return read(status, content, host)


async def _post(url: str, form: dict[str, str]) -> tuple[int, bytes]:
    """To the first address checked that answers, under the server's own name."""
    to = httpx.URL(url)
    port = to.port or (443 if to.scheme == "https" else 80)
    *others, last = await addresses(to.host, port)
    patience = httpx.Timeout(PATIENCE_S, connect=PATIENCE_S / (len(others) + 1))
    async with httpx.AsyncClient(timeout=patience, trust_env=False) as client:
        for address in others:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await _answer(client, to, address, form)
        return await _answer(client, to, last, form)


async def _answer(
    client: httpx.AsyncClient, to: httpx.URL, address: str, form: dict[str, str]
) -> tuple[int, bytes]:
    """Its status and what it says, which is cut off just past the limit."""
    asked = client.build_request(
        "POST",
        to.copy_with(host=address),
        data=form,
        headers={
            "Host": to.netloc.decode(),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
        extensions={"sni_hostname": to.host},
    )
    answer = await client.send(asked, stream=True)
    try:
        content = bytearray()
        async for part in answer.aiter_raw():
            content += part
            if len(content) > ANSWER_LIMIT:
                break
        return answer.status_code, bytes(content)
    finally:
        await answer.aclose()


def read(status: int, content: bytes, host: str) -> NewTokens:
    """The tokens of an answer (RFC 6749, 5). Raises Reauthorise, TokenServerTrouble."""
    said = _json(content)
    error = str(said.get("error", ""))
    if error in DEAD:
        raise Reauthorise(f"{host} says {_said(said)}")
    if error:
        raise TokenServerTrouble(f"{host} says {_said(said)}")
    token = said.get("access_token")
    if status != OK or not isinstance(token, str) or not token:
        raise TokenServerTrouble(f"{host} answered {status} without a token.")
    refresh = said.get("refresh_token")
    return NewTokens(token, _lifetime(said), refresh if isinstance(refresh, str) else "")


def _lifetime(said: dict[str, Any]) -> timedelta:
    """Some send the seconds as text."""
    try:
        seconds = int(said.get("expires_in") or 0)
    except (TypeError, ValueError):
        seconds = 0
    return timedelta(seconds=seconds) if 0 < seconds < 10**8 else LIFETIME


def _said(said: dict[str, Any]) -> str:
    """The error in the provider's words; Microsoft's go on for lines, with ids in them."""
    described = str(said.get("error_description", "")).partition("\n")[0].strip()
    error = str(said["error"])
    return _clean(f"{error}: {described}" if described else error)


def _clean(text: str) -> str:
    return _UNSEEN.sub(" ", text)[:SAID_LIMIT].strip()


def _json(content: bytes) -> dict[str, Any]:
    try:
        found: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
