"""Two desks that write to each other, as processes, over a real relay: they stop by themselves."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from actions import keys, tickets
from actions.tickets.requests import Open
from models.mail_enums import InboundState
from models.mails import InboundMail, OutboundMail
from tests.actions import stage
from tests.app.program import Program, Running, free_port, within
from tests.mail import boxes, relay
from tests.mail.arriving import mail
from tests.mail.dovecot import Dovecot, dovecot
from tests.support import databases

T = TypeVar("T")
ONE, TWO = "one@demo.test", "two@demo.test"
HANG_S = 60
QUIET_S = 10
"""So long nothing more may be written."""


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot([ONE, TWO]) as running:
        yield running


@pytest.fixture(scope="module")
def smtp_port(imap: Dovecot) -> Iterator[int]:
    """Exim, which gives to that Dovecot."""
    if not Path(relay.EXIM).exists():
        relay.missing("exim4 is missing: apt-get install exim4-daemon-light")
    folder = Path(tempfile.mkdtemp(prefix="ex"))
    folder.chmod(0o755)
    for name in ("spool", "log"):
        (folder / name).mkdir()
        if relay.ROOT:
            shutil.chown(folder / name, "Debian-exim")
    port = free_port()
    text = relay._exim(folder, port, imap.lmtp_port, ["one", "two"])
    (folder / "exim.conf").write_text(text)
    try:
        with relay._process(relay.EXIM, "-C", str(folder / "exim.conf"), "-bdf", "-q1m"):
            relay._wait_for(port, folder)
            yield port
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Desk:
    """One of them: a program with a database and a key of its own."""

    def __init__(self, program: Program, folder: Path, example: Path, name: str) -> None:
        self.key = f"the secret key of desk {name}, and of no other"
        self.url = databases.copied(example, folder / f"{name}.sqlite3")
        home = folder / name
        home.mkdir()
        self.program = Program(home, program.bytecode).set(
            database_url=self.url, secret_key=self.key, port=free_port(), log_level="warning"
        )


def inside(desk: Desk, work: Callable[[], Awaitable[T]]) -> T:
    """Something done to a desk's database, with its key."""
    before = keys.ring()
    keys.use([desk.key])
    try:
        return within(desk.url, work)
    finally:
        keys._rings[:] = [before]


@pytest.fixture
def desks(
    program: Program, sqlite_example: Path, tmp_path: Path, imap: Dovecot, smtp_port: int
) -> list[Desk]:
    made = [Desk(program, tmp_path, sqlite_example, name) for name in ("one", "two")]
    for desk, address in zip(made, (ONE, TWO), strict=True):

        async def box(address: str = address) -> None:
            await boxes.mailbox(
                address, department="Immigrazione", imap_port=imap.port, smtp_port=smtp_port
            )

        inside(desk, box)
    return made


async def written() -> int:
    """Mails of ours that went to the other desk."""
    return await OutboundMail.filter(recipient__in=[ONE, TWO], sent_at__not_isnull=True).count()


async def states() -> list[InboundState]:
    return [one.state for one in await InboundMail.all().order_by("id")]


async def ran(desks: list[Desk], first: Callable[[], bool]) -> list[Running]:
    """Both run until the first mail has arrived, and then ten seconds more."""
    with ExitStack() as stack:
        running = [stack.enter_context(one.program.started("serve")) for one in desks]
        async with asyncio.timeout(HANG_S):
            while True:
                if first():
                    break
                await asyncio.sleep(0.2)
        await asyncio.sleep(QUIET_S)
        return running


async def test_a_ticket_opened_for_the_other_desk(desks: list[Desk], imap: Dovecot) -> None:
    async def opened() -> None:
        anna = await stage.operator("admin")
        await tickets.open_for(
            Open(
                subject="Hello", body="<p>Are you there?</p>", contact_email=TWO,
                category_id=await stage.category("Rinnovo permesso"),
            ),
            anna,
        )  # fmt: skip

    await asyncio.to_thread(inside, desks[0], opened)
    running = await ran(desks, lambda: imap.count(TWO) > 0)
    total = sum([await asyncio.to_thread(inside, one, written) for one in desks])
    assert 1 <= total <= 2
    assert all("Traceback" not in one.err for one in running)


async def test_a_mail_that_pretends_to_be_the_other_desk(desks: list[Desk], imap: Dovecot) -> None:
    """It is thanked for once; the thanks are not."""
    before = imap.count(TWO)
    imap.put(ONE, [mail("Hello", sender=f"Two <{TWO}>", to=ONE, id="pretended@evil.example")])
    await ran(desks, lambda: imap.count(TWO) > before)
    total = sum([await asyncio.to_thread(inside, one, written) for one in desks])
    assert 1 <= total <= 2
    told = await asyncio.to_thread(inside, desks[1], states)
    assert InboundState.AUTOMATIC in told
