"""The settings: what is taken, what is refused, and that docs/settings.md says the same."""

from dataclasses import fields
from pathlib import Path

import pytest

from app.environment import from_environment
from app.settings import Settings, SettingsError, secret
from app.settings_table import PAGE, table, write
from tests.app.program import KEY, ROOT

PRODUCTION = {
    "SPORTELLO_ENV": "production",
    "SPORTELLO_SECRET_KEY": KEY,
    "SPORTELLO_DATABASE_URL": "postgres://desk@db/desk",
}


def refused(**environment: str) -> list[str]:
    """The lines of the complaint about SPORTELLO_* settings given by their short names."""
    with pytest.raises(SettingsError) as caught:
        from_environment({f"SPORTELLO_{name.upper()}": one for name, one in environment.items()})
    return str(caught.value).splitlines()


def test_defaults() -> None:
    settings = from_environment({})
    assert settings == Settings()
    assert (settings.production, settings.sqlite, settings.embedded) == (False, True, True)
    assert settings.origin == "http://127.0.0.1:8000"
    assert not settings.secure_cookies


def test_all_of_them() -> None:
    settings = from_environment(
        {
            **PRODUCTION,
            "SPORTELLO_HOST": "0.0.0.0",  # noqa: S104
            "SPORTELLO_PORT": "80",
            "SPORTELLO_PUBLIC_URL": "https://desk.example/",
            "SPORTELLO_REDIS_URL": "rediss://redis:6379/1",
            "SPORTELLO_FILES_URL": "s3://bucket/files",
            "SPORTELLO_FILES_ENDPOINT": "http://minio:9000",
            "SPORTELLO_DESK_ORIGINS": "https://a.example, http://localhost:3000/",
            "SPORTELLO_TRUSTED_PROXIES": "10.0.0.0/8",
            "SPORTELLO_CLIENT_ORIGINS": "https://b.example",
            "SPORTELLO_OLD_SECRET_KEYS": "k" * 32,
            "SPORTELLO_MAIL_PRIVATE_HOSTS": "yes",
            "SPORTELLO_METRICS_TOKEN": "m" * 16,
            "SPORTELLO_OTLP_ENDPOINT": "http://collector:4318",
            "SPORTELLO_DRAIN_S": "5",
            "SPORTELLO_MAIL": "off",
            "SPORTELLO_MAIL_IDLERS": "7",
            "SPORTELLO_CLIENT_AREA_URL": "https://help.example/tickets/{ticket}",
            "SPORTELLO_LOG_FORMAT": "json",
            "SPORTELLO_LOG_LEVEL": "warning",
            "PATH": "/usr/bin",
        }
    )
    assert (settings.port, settings.host) == (80, "0.0.0.0")  # noqa: S104
    assert settings.origin == "https://desk.example"
    assert (settings.production, settings.sqlite, settings.embedded) == (True, False, False)
    assert all(getattr(settings, one.name) for one in fields(Settings))


def test_an_empty_one_is_not_set() -> None:
    assert from_environment({"SPORTELLO_PORT": "", "SPORTELLO_REDIS_URL": " "}) == Settings()


def test_the_environment_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_PORT", "8123")
    assert from_environment().port == 8123


def test_an_unknown_one_lists_the_known() -> None:
    first, second = refused(colour="blue")
    assert first == "SPORTELLO_COLOUR is no setting."
    for one in fields(Settings):
        assert f"SPORTELLO_{one.name.upper()}" in second


def test_every_fault_at_once() -> None:
    said = refused(colour="blue", port="no", log_level="loud", env="test", secret_key="short")
    assert len(said) == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "-1"),
        ("port", "\uff18\uff10"),
        ("drain_s", "-1"),
        ("drain_s", "301"),
        ("drain_s", "5s"),
        ("metrics_token", "m" * 15),
        ("otlp_endpoint", "collector:4318"),
        ("env", "staging"),
        ("log_format", "xml"),
        ("log_level", "INFO"),
        ("secret_key", "k" * 31),
        ("database_url", "mysql://root@db/desk"),
        ("database_url", "desk.sqlite3"),
        ("database_url", "sqlite:desk.sqlite3"),
        ("database_url", "sqlite://"),
        ("database_url", "sqlite://:memory:"),
        ("database_url", "postgres://root@db"),
        ("database_url", "postgres://root@db:port/desk"),
        ("database_url", "postgres://[db/desk"),
        ("redis_url", "127.0.0.1:6379"),
        ("redis_url", "http://127.0.0.1:6379"),
        ("redis_prefix", "two words"),
        ("redis_prefix", "p" * 65),
        ("public_url", "desk.example"),
        ("public_url", "https://"),
        ("files_endpoint", "minio:9000"),
        ("desk_origins", "https://a.example, b.example"),
        ("desk_origins", "https://a.example/desk"),
        ("client_origins", "*"),
        ("client_origins", "ftp://a.example"),
    ],
)
def test_a_value_that_cannot_be_used(name: str, value: str) -> None:
    (said,) = refused(**{name: value})
    assert f"SPORTELLO_{name.upper()}" in said


def test_a_password_is_not_repeated() -> None:
    (said,) = refused(database_url="postgres://root:hidden@db:port/desk")
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"SPORTELLO_SECRET_KEY": ""}, "SPORTELLO_SECRET_KEY is required in production"),
        (
            {
                "SPORTELLO_DATABASE_URL": "sqlite://desk.sqlite3",
                "SPORTELLO_REDIS_URL": "redis://redis",
            },
            "SQLite serves one in production",
        ),
        (
            {"SPORTELLO_PUBLIC_URL": "http://desk.example"},
            "SPORTELLO_PUBLIC_URL begins with https://",
        ),
    ],
)
def test_production_refuses(given: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        from_environment({**PRODUCTION, **given})
    from_environment({**PRODUCTION, **given, "SPORTELLO_ENV": "development"})


def test_cookies_are_secure_in_production_and_over_https() -> None:
    assert from_environment(PRODUCTION).secure_cookies
    assert from_environment({**PRODUCTION, "SPORTELLO_PUBLIC_URL": "https://a"}).secure_cookies
    assert from_environment({"SPORTELLO_PUBLIC_URL": "https://a.example"}).secure_cookies
    assert not from_environment({"SPORTELLO_PUBLIC_URL": "http://a.example"}).secure_cookies


def test_an_ipv6_host_stands_in_brackets() -> None:
    assert Settings(host="::1").origin == "http://[::1]:8000"


def test_a_secret_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    made = secret(Settings(), folder)
    assert len(made) >= 32
    assert secret(Settings(), folder) == made
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    assert secret(Settings(secret_key=KEY), folder) == KEY


def test_a_given_secret_leaves_no_file(tmp_path: Path) -> None:
    assert secret(Settings(secret_key=KEY), tmp_path) == KEY
    assert not list(tmp_path.iterdir())


def test_the_documentation_is_that_of_the_code() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    assert table() in text, "docs/settings.md differs from the code: run `make docs`"


def test_it_is_written_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = (ROOT / PAGE).read_text()
    (tmp_path / "docs").mkdir()
    (tmp_path / PAGE).write_text(committed.replace(table(), "an older one"))
    monkeypatch.chdir(tmp_path)
    write()
    assert PAGE.read_text() == committed
