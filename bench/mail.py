"""Mail from a folder to tickets: ours against the time imaplib alone needs to fetch the same.

A real Dovecot has the mails. Ours fetches each, keeps it, parses it and writes a ticket for it, on
PostgreSQL and on SQLite, in one process; imaplib fetches them one by one and throws them away.
"""

import asyncio
import imaplib
import random
import resource
import tempfile
import time
from pathlib import Path

from actions import keys
from app.database import connect, disconnect, migrate
from app.files.storage import Storage
from app.mail_room import StoredFiles
from app.settings import Settings
from bench.support import databases
from bench.support.options import Size, sizes
from bench.support.program import run
from bench.support.report import figure, progress, rounded, skipped
from mail import leases
from mail.credentials import Password
from mail.imap import Imap
from mail.importer import Importer
from mail.inbound import Place, look
from models.desk import Department
from models.mail_enums import MailDirection, MailSecurity
from models.mailboxes import MailServer
from models.tickets import Ticket
from tests.mail import boxes
from tests.mail.dovecot import DOVECOT, PASSWORD, Dovecot, dovecot
from tests.support.databases import forget_dialect

USERS = {kind: f"{kind}@example.test" for kind in databases.KINDS}
PLAIN = "plain@example.test"


def mail(number: int, size: int) -> bytes:
    """One of about so many bytes, from a sender of its own."""
    words = random.Random(number)  # noqa: S311
    lines = [
        f"word{words.randrange(5000)} and some more text of a letter" for _ in range(size // 40)
    ]
    return (
        f"From: Sender {number} <sender{number}@customer.example>\r\nTo: desk@example.test\r\n"
        f"Subject: Letter {number}\r\nMessage-ID: <{number}@customer.example>\r\n\r\n"
        + "\r\n".join(lines)
    ).encode()


def fetched_by_imaplib(server: Dovecot, count: int) -> float:
    """Seconds."""
    begun = time.perf_counter()
    with imaplib.IMAP4("127.0.0.1", server.port) as client:
        client.login(PLAIN, PASSWORD)
        client.select("INBOX", readonly=True)
        for number in range(1, count + 1):
            client.uid("FETCH", str(number), "(BODY.PEEK[])")
    return time.perf_counter() - begun


async def imported(server: Dovecot, kind: str, mails: list[bytes]) -> tuple[float, float]:
    """Seconds to keep all of them, and to make tickets of them."""
    user = USERS[kind]
    with tempfile.TemporaryDirectory() as folder:
        async with databases.fresh(kind) as url:
            settings = Settings(database_url=url)
            forget_dialect()
            await connect(settings)
            try:
                await migrate(settings)
                await Department.create(name="Support")
                await boxes.mailbox(user, department="Support", imap_port=server.port)
                return await _imported(server, user, mails, Path(folder))
            finally:
                await disconnect()


async def _imported(
    server: Dovecot, user: str, mails: list[bytes], folder: Path
) -> tuple[float, float]:
    row = await MailServer.get(direction=MailDirection.IN)
    await leases.take(row.id, "bench")
    place = Place(await row.mailbox, row, "bench")
    client = await Imap.connect("127.0.0.1", server.port, MailSecurity.NONE, server.context)
    await client.sign_in(Password(user, PASSWORD))
    await look(client, place, lambda: None)  # of the empty folder: or only the last hundred count
    server.put(user, mails)
    renewing = asyncio.create_task(_renew(row.id))
    begun = time.perf_counter()
    await look(client, place, lambda: None)
    kept_s = time.perf_counter() - begun
    renewing.cancel()
    await client.leave()
    importer = Importer(StoredFiles(Storage.open(str(folder))))
    begun = time.perf_counter()
    while await importer.once():
        pass
    made = await Ticket.all().count()
    if made != len(mails):
        raise RuntimeError(f"{made} tickets of {len(mails)} mails")
    return kept_s, time.perf_counter() - begun


async def _renew(server_id: int) -> None:
    """As the keeper does: a look at so many mails outlasts a lease."""
    while True:
        await asyncio.sleep(leases.RENEW_EVERY_S)
        await leases.take(server_id, "bench")


async def measure(mails: int, size: int) -> None:
    """Both databases, beside imaplib."""
    keys.use(["a key of the bench, and of nothing else"])
    letters = [mail(number, size) for number in range(mails)]
    with dovecot([*USERS.values(), PLAIN]) as server:
        server.put(PLAIN, letters)
        plain_s = fetched_by_imaplib(server, mails)
        progress(f"imaplib: {plain_s:.1f} s")
        for kind in databases.KINDS:
            kept_s, made_s = await imported(server, kind, letters)
            progress(f"{kind}: kept in {kept_s:.1f} s, tickets in {made_s:.1f} s")
            figure(
                f"mail_import_{kind}",
                (kept_s + made_s) / plain_s,
                mails=mails,
                bytes_each=size,
                imaplib_s=rounded(plain_s),
                kept_s=rounded(kept_s),
                imported_s=rounded(made_s),
                mails_per_s=rounded(mails / (kept_s + made_s)),
                peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            )


def main() -> None:
    given = sizes(
        __doc__,
        mails=Size(10_000, 40, "mails"),
        size=Size(20_000, 2_000, "bytes of each"),
    )
    if not Path(DOVECOT).exists():
        skipped("mail_import", "there is no Dovecot: apt-get install dovecot-imapd")
        return
    run(measure(**given))


if __name__ == "__main__":
    main()
