"""The commands that are not `serve`."""

import argparse
import asyncio
import getpass
import secrets
import sys
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from actions import key_rotation, keys, magic_links, mail_hosts, operators
from actions.refusals import InvalidInput
from actions.texts import one_line
from actions.unit_of_work import settle, unit_of_work
from app import database, demo as demo_data
from app.claims import claim_on
from app.demo import DemoRefused
from app.files.storage import Storage
from app.mail_room import mail_room
from app.settings import VAR, Settings, secret_keys
from app.signals import stopping
from app.worker import Worker
from mail.variables import use_set_password_url
from models.desk import Desk
from schema.client import SCHEMA as CLIENT
from schema.desk import SCHEMA as DESK

SCHEMA_FOLDER = Path("schema")
NAME_LIMIT = 200
BAR = 30
SHOWN = 5


class CommandError(Exception):
    """A command could not be done; the message says why and how to mend it."""


def say(text: str = "") -> None:
    """One line on standard output."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@asynccontextmanager
async def opened(settings: Settings, *, current: bool = True) -> AsyncGenerator[None]:
    """The database, open; with its migrations those of the code, unless told otherwise."""
    keys.use(secret_keys(settings, VAR))
    mail_hosts.use(private=settings.private_mail_hosts)
    magic_links.use_base(settings.origin)
    use_set_password_url(f"{settings.origin}/password")
    await database.connect(settings)
    try:
        if current:
            await database.require_current(settings)
        yield
    finally:
        await database.disconnect()


def opened_storage(settings: Settings) -> Storage:
    """Where files are kept. Raises SettingsError, or CommandError for a folder it cannot make."""
    try:
        return Storage.open(settings.files_url, settings.files_endpoint)
    except OSError as error:
        raise CommandError(f"SPORTELLO_FILES_URL {settings.files_url}: {error}.") from error


async def worker(settings: Settings, _given: argparse.Namespace) -> int:
    """Run the worker until told to stop."""
    if settings.production and settings.sqlite:
        raise CommandError(
            "SQLite serves one process in production: `sportello serve` runs the worker inside."
        )
    async with opened(settings), claimed(settings):
        storage = opened_storage(settings)
        work = Worker(storage, mail_room(settings, storage))
        stop = asyncio.Event()
        with stopping(lambda _: stop.set()):
            work.start()
            say("The worker is running. Ctrl+C ends it.")
            await stop.wait()
            await work.stop()
            await settle()
    return 0


@asynccontextmanager
async def claimed(settings: Settings) -> AsyncGenerator[None]:
    """Within the block this process has its claim on the open database. Raises ClaimRefused."""
    claim = claim_on(settings)
    await claim.take()
    try:
        yield
    finally:
        await claim.release()


async def migrate(settings: Settings, _given: argparse.Namespace) -> int:
    """Apply what is missing."""
    async with opened(settings, current=False):
        applied = await database.migrate(settings)
    say(f"applied {', '.join(applied)}" if applied else "the database is up to date")
    return 0


async def demo(settings: Settings, _given: argparse.Namespace) -> int:
    """Load the demo data."""
    async with opened(settings):
        await load_demo(settings)
    return 0


async def load_demo(settings: Settings) -> None:
    """Fill the open, empty database. Raises DemoRefused in production, or if it is not empty."""
    if settings.production:
        raise DemoRefused("Demo data is refused in production: its passwords are public.")
    storage = opened_storage(settings)

    async def put(key: str, data: bytes) -> None:
        await storage.put(key, chunks(data))

    await demo_data.load(put, datetime.now(UTC), progress("loading demo data", "tickets"))


async def create_admin(settings: Settings, given: argparse.Namespace) -> int:
    """Make an administrator; the password is asked for, or read from standard input."""
    name = one_line(given.name)
    if not 0 < len(name) <= NAME_LIMIT:
        raise CommandError(f"Give a name of 1 to {NAME_LIMIT} characters.")
    async with opened(settings):
        try:
            admin = await operators.create_admin(given.email, name, _password())
        except InvalidInput as refusal:
            raise CommandError("\n".join(one.message for one in refusal.fields)) from None
    say(f"{admin.email} may now sign in and administer")
    return 0


def _password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password (12 characters or more): ")
    return sys.stdin.readline().rstrip("\r\n")


async def schema(_settings: Settings, _given: argparse.Namespace) -> int:
    """Print the schemas into files."""
    for name in _write_schemas():
        say(f"wrote schema/{name}")
    return 0


def _write_schemas() -> list[str]:
    SCHEMA_FOLDER.mkdir(exist_ok=True)
    printed = printed_schemas()
    for name, text in printed.items():
        (SCHEMA_FOLDER / name).write_text(text, encoding="utf-8")
    return list(printed)


def printed_schemas() -> dict[str, str]:
    """Both schemas in SDL, by file name."""
    return {
        "desk.graphql": DESK.as_str() + "\n",
        "client.graphql": CLIENT.as_str() + "\n",
    }


async def restored(settings: Settings, _given: argparse.Namespace) -> int:
    """Begin a new epoch: cursors given out before the restore are refused from now on."""

    async def do() -> None:
        version = secrets.randbelow(2**40)
        await Desk.filter(id=1).update(epoch=uuid4().hex, rights_version=version)

    async with opened(settings):
        await unit_of_work(do)
    say("a new epoch has begun: every feed will start anew")
    return 0


async def rotate_keys(settings: Settings, _given: argparse.Namespace) -> int:
    """Encrypt every secret with the key in use; 1 if some cannot be read."""
    async with opened(settings):
        rotated, lost = 0, tuple[str, ...]()
        show = progress("encrypting", "rows")
        async for now in key_rotation.rotate():
            show(now.done, now.total)
            rotated, lost = now.rotated, now.unreadable
    say(f"{rotated} secrets encrypted anew; the former keys are needed for old signatures alone")
    if lost:
        raise CommandError(f"In the end {unreadable(lost)}")
    return 0


def unreadable(lost: Sequence[str]) -> str:
    """Which secrets no key reads, and the mend."""
    shown = ", ".join(lost[:SHOWN])
    more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
    return (
        f"no key reads {shown}{more}. Give the former key in SPORTELLO_OLD_SECRET_KEYS, or enter "
        "them again."
    )


async def chunks(data: bytes) -> AsyncGenerator[bytes]:
    """As a storage takes them."""
    yield data


def progress(doing: str, what: str) -> Callable[[int, int], None]:
    """To be told (done, total): a bar that fills where somebody watches, else a line a quarter."""

    def show(done: int, total: int) -> None:
        if sys.stdout.isatty():
            filled = BAR * done // max(total, 1)
            bar = "█" * filled + "·" * (BAR - filled)
            sys.stdout.write(f"\r{doing} {bar} {done}/{total}" + "\n" * (done == total))
            sys.stdout.flush()
        elif done * 4 // total > (done - 1) * 4 // total:
            say(f"{doing}: {done} of {total} {what}")

    return show
