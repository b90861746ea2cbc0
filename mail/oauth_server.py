"""Talks to an OAuth2 provider's token endpoint (RFC 6749); nothing it sends or gets is logged."""

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
LIFETIME = timedelta(hours=1)
"""Of a token whose answer does not say (RFC 6749, 5.1: expires_in is RECOMMENDED)."""
DEAD = frozenset({"invalid_grant", "interaction_required", "consent_required"})
"""What says that only a person can mend it: the second and third are Microsoft's."""
OK = 200
SAID_LIMIT = 300


class TokenServerTrouble(Unreachable, ConnectionError):
    """The provider does not answer, or answers wrongly; the grant may be as good as ever."""


async def request(url: str, form: dict[str, str]) -> NewTokens:
    """POST a grant. Raises Reauthorise when it is dead, else TokenServerTrouble."""
    try:
        answer = await _post(url, form)
    except (httpx.HTTPError, OSError) as error:
        why = str(error) or type(error).__name__
        raise TokenServerTrouble(f"{_host(url)} cannot be reached: {why}") from None
    return read(answer.status_code, answer.content, _host(url))


async def _post(url: str, form: dict[str, str]) -> httpx.Response:
    """To the very address that was checked, under the server's own name."""
    to = httpx.URL(url)
    port = to.port or (443 if to.scheme == "https" else 80)
    found = await addresses(to.host, port)
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:
        sent = client.build_request(
            "POST",
            to.copy_with(host=found[0]),
            data=form,
            headers={"Host": to.netloc.decode(), "Accept": "application/json"},
            extensions={"sni_hostname": to.host},
        )
        return await client.send(sent)


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
    return (f"{error}: {described}" if described else error)[:SAID_LIMIT]


def _json(content: bytes) -> dict[str, Any]:
    try:
        found: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = None
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _host(url: str) -> str:
    return urlsplit(url).hostname or url
