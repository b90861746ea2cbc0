"""What the environment says: the only place that reads it."""

import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

T = TypeVar("T")
PREFIX = "SPORTELLO_"
SECRET_LENGTH = 32
VAR = Path("var")
"""Where a development key is kept."""
REDIS_PREFIX = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
TOKEN_LENGTH = 16
NUMBERS = {"port": (1, 65535), "drain_s": (0, 300), "mail_idlers": (0, 2000)}
CHOICES = {
    "env": ("development", "production"),
    "log_format": ("console", "json"),
    "mail_private_hosts": ("", "yes", "no"),
    "log_level": ("debug", "info", "warning", "error"),
}


class SettingsError(Exception):
    """Settings that cannot be used; the message says which, and how to mend it, a line each."""


def setting(default: T, text: str) -> T:
    """A field and what it means, as docs/settings.md says it."""
    return field(default=default, metadata={"text": text})


@dataclass(frozen=True)
class Settings:
    """One field per `SPORTELLO_*` variable."""

    env: str = setting("development", "`development` or `production`; see below.")
    host: str = setting("127.0.0.1", "The address `serve` listens on.")
    port: int = setting(8000, "The port `serve` listens on.")
    public_url: str = setting(
        "",
        "Where clients reach this server, if not at host and port. With `https://`, and always in "
        "production, session cookies are `__Host-` cookies with `Secure`.",
    )
    database_url: str = setting(
        "sqlite://var/sportello.sqlite3",
        "`sqlite://` and a file, or `postgres://user:password@host:port/name`.",
    )
    redis_url: str = setting(
        "",
        "`redis://…` or `rediss://…`: says that there are several processes, which tell each other "
        "of changes there. Without it one process is everything, the worker included.",
    )
    redis_prefix: str = setting(
        "sportello",
        "How all channels and keys in Redis begin: installations that share a Redis, whatever its "
        "database number, differ in it.",
    )
    files_url: str = setting(
        "var/files", "Where files are kept: a folder, or `s3://bucket/prefix`."
    )
    files_endpoint: str = setting(
        "",
        "The S3-compatible server, when it is not Amazon's. Credentials and region come from the "
        "usual `AWS_*` variables.",
    )
    secret_key: str = setting(
        "",
        "Signs download addresses; 32 characters or more, the same for all processes. In "
        "development one is made and kept in `var/secret-key`.",
    )
    old_secret_keys: str = setting(
        "",
        "Former secret keys, separated by commas: what they encrypted is still read, what they "
        "signed still holds. `sportello rotate-keys` encrypts it anew.",
    )
    mail_private_hosts: str = setting(
        "",
        "`yes` or `no`: whether mailboxes may name servers at private addresses. If not set, yes "
        "in development, no in production. Link-local and metadata addresses are always refused.",
    )
    desk_origins: str = setting(
        "", "Origins, separated by commas, whose pages may use the operators' API."
    )
    trusted_proxies: str = setting(
        "",
        "Addresses or networks, separated by commas, of proxies in front: X-Forwarded-For from "
        "them names the client. Without it all clients behind a proxy count as one.",
    )
    client_origins: str = setting(
        "",
        "Origins, separated by commas, whose pages may use the contacts' API with the session "
        "cookie; with a bearer token any page may.",
    )
    metrics_token: str = setting(
        "",
        "The bearer token that `/metrics` asks for, 16 characters or more. Without it only "
        "programs on this machine get an answer, and nothing that came through a proxy.",
    )
    otlp_endpoint: str = setting(
        "",
        "An OpenTelemetry collector that takes OTLP over HTTP, like `http://collector:4318`: spans "
        "are sent there. Needs the extra `telemetry`; headers for the collector come from the "
        "usual `OTEL_EXPORTER_OTLP_HEADERS`.",
    )
    mail_idlers: int = setting(
        50,
        "At how many mailboxes a worker waits for mail (IMAP's IDLE), the busiest; the others are "
        "looked at once a minute.",
    )
    drain_s: int = setting(
        0,
        "For how many seconds after SIGTERM `serve` goes on answering, with `/health/ready` "
        "already 503, so that a proxy in front turns to others. Ctrl+C does not wait.",
    )
    log_format: str = setting("console", "`console` or `json`: log lines go to standard error.")
    log_level: str = setting("info", "`debug`, `info`, `warning` or `error`.")

    @property
    def production(self) -> bool:
        """Whether demo data, generated secrets and other conveniences are refused."""
        return self.env == "production"

    @property
    def sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite:")

    @property
    def private_mail_hosts(self) -> bool:
        """Whether mailboxes may name servers at private addresses."""
        return self.mail_private_hosts == "yes" or not (self.mail_private_hosts or self.production)

    @property
    def embedded(self) -> bool:
        """Whether one process is everything: `serve` then runs the worker inside."""
        return not self.redis_url

    @property
    def origin(self) -> str:
        """Our own address, scheme to port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies carry the `__Host-` prefix and Secure: over https, and in production."""
        return self.production or self.origin.startswith("https:")


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
    for name in ("public_url", "files_endpoint", "otlp_endpoint"):
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


def secret_keys(settings: Settings, folder: Path) -> list[str]:
    """The secret key, and the former ones. Raises SettingsError like `secret`."""
    former = filter(None, map(str.strip, settings.old_secret_keys.split(",")))
    return [secret(settings, folder), *former]


def secret(settings: Settings, folder: Path) -> str:
    """The secret key; in development one is made and kept in `folder`.

    Raises SettingsError when it cannot be kept.
    """
    if settings.secret_key:
        return settings.secret_key
    path = folder / "secret-key"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return path.read_text().strip()
    except OSError as error:
        raise SettingsError(
            f"SPORTELLO_SECRET_KEY is not set, nor can one be kept: {error}."
        ) from None
