"""What a claim is, whatever holds it."""

import asyncio
from enum import Enum
from typing import Protocol

import structlog
from structlog.typing import FilteringBoundLogger

log: FilteringBoundLogger = structlog.get_logger()

PATIENCE_S = 2.0
"""For a process that is ending: who restarts the desk starts the next before it is quite gone."""
LOOK_S = 0.25
CHECK_S = 15.0
RETAKE_S = 1.0

ALONE_BESIDE_ALONE = (
    "Another process (a server or a worker) runs on this database, and without Redis only one may: "
    "set SPORTELLO_REDIS_URL, the same for all, or end the other."
)
ALONE_BESIDE_OTHERS = (
    "Other processes run on this database and tell each other of changes through Redis: set "
    "SPORTELLO_REDIS_URL to theirs."
)
BESIDE_ALONE = (
    "A process without Redis runs on this database, and would hear nothing of this one: set "
    "SPORTELLO_REDIS_URL for it too, and start it again."
)


class ClaimRefused(Exception):
    """Another process is in the way; the message says which kind, and how to mend it."""


class Company(Enum):
    """Who else has a claim on the database."""

    NOBODY = "none runs now"
    ALONE = "one runs, without Redis"
    OTHERS = "running, with Redis"


class Hold(Protocol):
    """Something that one process has for itself, or several share, and that ends with them."""

    async def take(self, *, shared: bool) -> bool:
        """Try, without waiting for others. Raises OSError when it cannot be tried."""
        ...

    async def alive(self) -> bool:
        """Whether what was taken is still held."""
        ...

    async def lost(self, timeout_s: float) -> None:
        """Return when it looks lost, or after so many seconds."""
        ...

    async def release(self) -> None:
        """Give it back; nothing happens when it is not held."""
        ...


class Claim:
    """Taken at the start, kept until the end, taken again when it was lost in between."""

    def __init__(self, hold: Hold, *, shared: bool) -> None:
        self._hold = hold
        self._shared = shared
        self._keeper: asyncio.Task[None] | None = None
        self.held = False

    async def take(self) -> None:
        """Have it from here on. Raises ClaimRefused when others are still in the way in a while."""
        end = asyncio.get_running_loop().time() + PATIENCE_S
        try:
            while not await self._hold.take(shared=self._shared):
                if asyncio.get_running_loop().time() >= end:
                    raise ClaimRefused(await self._why())
                await asyncio.sleep(LOOK_S)
        except OSError as error:
            raise ClaimRefused(
                f"The database cannot be claimed for this process: {error}."
            ) from error
        self.held = True
        self._keeper = asyncio.create_task(self._keep(), name="claim")

    async def release(self) -> None:
        """Give it back."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        self.held = False
        await self._hold.release()

    async def company(self) -> Company:
        """Who else is there now; raises OSError. Only for who holds nothing."""
        for shared, found in ((False, Company.NOBODY), (True, Company.OTHERS)):
            if await self._hold.take(shared=shared):
                await self._hold.release()
                return found
        return Company.ALONE

    def refusal(self, company: Company) -> str:
        """What is said to a process that finds this company, and may not join it."""
        if self._shared:
            return BESIDE_ALONE
        return ALONE_BESIDE_OTHERS if company is Company.OTHERS else ALONE_BESIDE_ALONE

    async def _why(self) -> str:
        return self.refusal(await self.company())

    async def _keep(self) -> None:
        while True:
            await self._hold.lost(CHECK_S)
            if not await self._hold.alive():
                await self._retake()

    async def _retake(self) -> None:
        """The database went away, or came back: the process goes on, and claims anew."""
        self.held = False
        log.warning("claim on the database lost")
        refused = False
        while True:
            try:
                if await self._hold.take(shared=self._shared):
                    break
                if not refused:
                    log.error("claim on the database refused", why=await self._why())
                refused = True
            except OSError as error:
                log.debug("claim on the database not taken", cause=str(error))
            await asyncio.sleep(RETAKE_S)
        self.held = True
        log.info("claim on the database taken again")
