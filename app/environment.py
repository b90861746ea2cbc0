"""Settings out of the environment: the only place that reads it, and what can be wrong with it."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.settings import PREFIX, Settings, SettingsError

REDIS_PREFIX = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
TOKEN_LENGTH = 16
NUMBERS = {"port": (1, 65535), "drain_s": (0, 300), "mail_idlers": (0, 2000)}
CHOICES = {
    "env": ("development", "production"),
    "mail": ("on", "off"),
    "log_format": ("console", "json"),
    "mail_private_hosts": ("", "yes", "no"),
    "log_level": ("debug", "info", "warning", "error"),
}
SECRET_LENGTH = 32


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings; an empty variable counts as not set.

    Raises SettingsError for all unknown names and all values that cannot be used, together.
    """
    given = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in (os.environ if environment is None else environment).items()
        if name.startswith(PREFIX) and value.strip()
    }
    known = [one.name for one in fields(Settings)]
    problems = [f"{_variable(name)} is no setting." for name in given if name not in known]
    if problems:
        problems.append(f"Known: {', '.join(_variable(name) for name in known)}.")
    texts = {name: value for name, value in given.items() if name in known}
    numbers: dict[str, int] = {}
    for name, (least, most) in NUMBERS.items():
        number = texts.pop(name, "")
        if number.isascii() and number.isdigit() and least <= int(number) <= most:
            numbers[name] = int(number)
        elif number:
            problems.append(
                f"{_variable(name)} is {number!r}: give a number from {least} to {most}."
            )
    values: dict[str, Any] = {**texts, **numbers}
    settings = Settings(**values)
    problems += [*_wrong_values(settings), *_wrong_addresses(settings)]
    if settings.production:
        problems += _wrong_in_production(settings)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _wrong_values(settings: Settings) -> Iterable[str]:
    for name, allowed in CHOICES.items():
        if getattr(settings, name) not in allowed:
            named = [one for one in allowed if one]
            yield f"{_variable(name)} is {', '.join(named[:-1])} or {named[-1]}."
    yield from _wrong_keys(settings)
    if settings.metrics_token and len(settings.metrics_token) < TOKEN_LENGTH:
        yield f"SPORTELLO_METRICS_TOKEN needs {TOKEN_LENGTH} characters or more."
    for name in ("desk_origins", "client_origins"):
        listed: str = getattr(settings, name)
        for one in filter(None, map(str.strip, listed.split(","))):
            if not _is_origin(one):
                yield f"{_variable(name)} has {one!r}: an origin is like https://desk.example."


def _wrong_keys(settings: Settings) -> Iterable[str]:
    if settings.secret_key and len(settings.secret_key) < SECRET_LENGTH:
        yield f"SPORTELLO_SECRET_KEY needs {SECRET_LENGTH} characters or more."
    for former in filter(None, map(str.strip, settings.old_secret_keys.split(","))):
        if len(former) < SECRET_LENGTH:
            yield "SPORTELLO_OLD_SECRET_KEYS has one that is too short to have been a key."


def _wrong_addresses(settings: Settings) -> Iterable[str]:
    yield from _wrong_database(settings.database_url)
    if settings.redis_url:
        redis = _parts(settings.redis_url)
        if redis is None or redis.scheme not in {"redis", "rediss"}:
            yield "SPORTELLO_REDIS_URL is redis://host:port/number, or rediss:// with TLS."
    if not REDIS_PREFIX.fullmatch(settings.redis_prefix):
        yield "SPORTELLO_REDIS_PREFIX has up to 64 letters, digits and any of - _ . : alone."
    for name in ("public_url", "files_endpoint", "otlp_endpoint", "client_area_url"):
        address: str = getattr(settings, name)
        parts = _parts(address)
        if address and not (parts and parts.scheme in {"http", "https"} and parts.netloc):
            yield f"{_variable(name)} is {address!r}: it begins with https:// or http://."


def _wrong_database(address: str) -> Iterable[str]:
    parts = _parts(address)
    if parts is None or parts.scheme not in {"sqlite", "postgres", "postgresql", "asyncpg"}:
        yield "SPORTELLO_DATABASE_URL is sqlite://file or postgres://user:password@host:port/name."
    elif parts.scheme == "sqlite":
        file = address.removeprefix("sqlite://").partition("?")[0]
        if file in {"", address, ":memory:"}:
            yield "SPORTELLO_DATABASE_URL names no file: sqlite:// and then its path."
    elif not parts.path.strip("/"):
        yield "SPORTELLO_DATABASE_URL names no database: write its name after the last slash."


def _wrong_in_production(settings: Settings) -> Iterable[str]:
    if not settings.secret_key:
        yield (
            "SPORTELLO_SECRET_KEY is required in production: "
            'python -c "import secrets; print(secrets.token_urlsafe(48))" makes one.'
        )
    if settings.sqlite and not settings.embedded:
        yield (
            "SPORTELLO_REDIS_URL says that there are several processes, and SQLite serves one in "
            "production: set SPORTELLO_DATABASE_URL to a PostgreSQL."
        )
    if settings.public_url.startswith("http:"):
        yield (
            "SPORTELLO_PUBLIC_URL begins with https:// in production: over plain http browsers "
            "keep no session cookie of ours."
        )


def _parts(address: str) -> SplitResult | None:
    """The address taken apart; None when it cannot be."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_origin(text: str) -> bool:
    parts = _parts(text)
    return (
        parts is not None
        and parts.scheme in {"http", "https"}
        and bool(parts.netloc)
        and not parts.path.strip("/")
        and not (parts.query or parts.fragment)
    )
