"""The command line: `sportello serve | worker | migrate | demo | …`."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import uvloop

from app import commands, mail_import
from app.checks import check
from app.claims import ClaimRefused
from app.database import DatabaseError
from app.demo import DemoRefused
from app.logs import configure
from app.serving import serve
from app.settings import Settings, SettingsError, from_environment

Command = Callable[[Settings, argparse.Namespace], Coroutine[Any, Any, int]]

COMMANDS: dict[str, tuple[Command, str]] = {
    "serve": (serve, "answer requests (the worker runs inside, unless Redis is set)"),
    "worker": (commands.worker, "do what is done behind the requests' backs"),
    "migrate": (commands.migrate, "bring the database up to this version"),
    "demo": (commands.demo, "fill an empty desk with demo data"),
    "create-admin": (commands.create_admin, "make an operator who may administer"),
    "mail": (mail_import.run, "bring archives of old mail into tickets"),
    "schema": (commands.schema, "print both schemas into schema/*.graphql"),
    "restored": (commands.restored, "say that the database was restored from a backup"),
    "rotate-keys": (commands.rotate_keys, "encrypt every secret with the key in use"),
    "check": (check, "look at settings, database and Redis: what is wrong, and the mend"),
}


REFUSED = (SettingsError, DatabaseError, ClaimRefused, DemoRefused, commands.CommandError)
INTERRUPTED = 130
"""What shells say of a program that Ctrl+C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it went well, else 1, and on standard error a line for each fault."""
    given = _parser().parse_args(arguments)
    command, _ = COMMANDS[given.command]
    try:
        settings = from_environment()
        configure(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(command(settings, given))
    except REFUSED as error:
        for line in str(error).splitlines():
            sys.stderr.write(f"sportello: {line}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sportello", description="A headless help desk.")
    subcommands = parser.add_subparsers(dest="command", required=True)
    parsers = {
        name: subcommands.add_parser(name, help=text, description=text)
        for name, (_, text) in COMMANDS.items()
    }
    parsers["serve"].add_argument(
        "--development",
        action="store_true",
        help="migrate first, and load demo data into an empty desk",
    )
    mail = parsers["mail"].add_subparsers(dest="what", required=True)
    importing = mail.add_parser("import", help="bring old mail into tickets, silently")
    importing.add_argument("path", help="an mbox, a Maildir, or a folder of .eml files")
    importing.add_argument("--department", required=True, help="whose it is: name or number")
    importing.add_argument("--mailbox", help="address of the mailbox it came by; the department's")
    parsers["create-admin"].add_argument("email")
    parsers["create-admin"].add_argument("--name", default="Administrator")
    return parser
