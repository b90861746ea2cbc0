"""`sportello check`: everything the server needs, looked at; what is wrong, and the mend."""

import argparse
import asyncio
from urllib.parse import urlsplit

from actions import key_rotation
from app import database
from app.claims import Company, claim_on
from app.commands import CommandError, chunks, opened, opened_storage, say, unreadable
from app.settings import Settings, SettingsError
from realtime.reachable import why_unreachable

FILES_PATIENCE_S = 20
PROBE = "check"
"""The key under which `check` tries whether files can be written."""


async def check(settings: Settings, _given: argparse.Namespace) -> int:
    """Look at everything the server needs; 1 if anything is wrong."""
    say(f"ok     settings: {settings.env}, serving {settings.origin}")
    found = [
        await _check_database(settings),
        await _check_claim(settings),
        await _check_redis(settings),
        await _check_files(settings),
        await _check_secrets(settings),
    ]
    return 0 if all(found) else 1


async def _check_database(settings: Settings) -> bool:
    try:
        async with opened(settings):
            say("ok     database: reached, migrations are those of this version")
    except database.DatabaseError as error:
        say(f"wrong  database: {error}")
        return False
    return True


async def _check_claim(settings: Settings) -> bool:
    """Whether what runs on the database and what these settings say go together."""
    try:
        async with opened(settings):
            claim = claim_on(settings)
            company = await claim.company()
    except (database.DatabaseError, OSError):
        return True  # said by the check of the database
    wrong = company is (Company.OTHERS if settings.embedded else Company.ALONE)
    mend = f": {claim.refusal(company)}" if wrong else ""
    say(f"{'wrong' if wrong else 'ok':<6} processes: {company.value}{mend}")
    return not wrong


async def _check_secrets(settings: Settings) -> bool:
    """Whether everything that was encrypted can be read."""
    try:
        async with opened(settings):
            lost = await key_rotation.unreadable()
    except database.DatabaseError:
        return True  # said by the check of the database
    if lost:
        say(f"wrong  secrets: {unreadable(lost)}")
        return False
    say("ok     secrets: all can be read")
    return True


async def _check_redis(settings: Settings) -> bool:
    if not settings.redis_url:
        say("ok     Redis: not set; one process serves alone")
        return True
    why = await why_unreachable(settings.redis_url)
    if why is not None:
        host = urlsplit(settings.redis_url).hostname
        say(
            f"wrong  Redis at {host}: {why.rstrip('.')}. "
            "Is it running, and is SPORTELLO_REDIS_URL right?"
        )
        return False
    say("ok     Redis: reached")
    return True


async def _check_files(settings: Settings) -> bool:
    try:
        storage = opened_storage(settings)
        async with asyncio.timeout(FILES_PATIENCE_S):
            await storage.put(PROBE, chunks(b"ok"))
            await storage.delete(PROBE)
    except (SettingsError, CommandError) as error:
        say(f"wrong  files: {error}")
        return False
    except Exception as error:  # noqa: BLE001
        why = str(error).strip().partition("\n")[0] or "no answer"
        say(f"wrong  files: cannot be written at {settings.files_url}: {why}")
        return False
    say(f"ok     files: can be written at {settings.files_url}")
    return True
