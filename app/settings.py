"""What can be set, and what it means; `app.environment` reads it."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PREFIX = "SPORTELLO_"
VAR = Path("var")
"""Where a development key is kept."""


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
    client_area_url: str = setting(
        "",
        "Where magic links lead, with `{ticket}` for the number, like "
        "`https://help.example/tickets/{ticket}`; without it the desk shows a page of its own.",
    )
    mail: str = setting(
        "on",
        "`on` or `off`: whether this process fetches, imports and sends mail, if it runs a worker.",
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
