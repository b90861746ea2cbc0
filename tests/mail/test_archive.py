"""Archives: each mail is imported once, however the files change between."""

import mailbox as formats
from hashlib import sha256
from pathlib import Path

import pytest

from mail import archive
from mail.archive_files import Archive
from mail.importing import import_mail
from models.desk import Department
from models.mail_enums import InboundState
from models.mails import InboundMail, RawMail
from models.sql import clock
from models.tickets import Ticket
from tests.mail import boxes
from tests.mail.arriving import FILES, entry_of, mail

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def shelf() -> archive.Shelf:
    """Of an archive named "old_mail"."""
    box = await boxes.mailbox("immigrazione@demo.test", department="Immigrazione")
    department = await Department.get(name="Immigrazione")
    return await archive.shelf("old_mail", box.id, department.id)


def named(name: str, **headers: str) -> bytes:
    sender = f"{name}@customer.example"
    return mail(name, subject=name, id=f"{name}@c", sender=sender, **headers)


def folder(path: Path, *names: str) -> Path:
    path.mkdir(exist_ok=True)
    for name in names:
        (path / f"{name}.eml").write_bytes(named(name))
    return path


def mbox(path: Path, names: str) -> Path:
    path.unlink(missing_ok=True)
    box = formats.mbox(path)
    for name in names:
        box.add(named(name))
    box.close()
    return path


def unseen(_done: int, _all: int) -> None:
    """Nobody watches."""


async def imported(path: Path, shelf: archive.Shelf) -> dict[InboundState, int]:
    """What became of its mails."""
    files = Archive(path)
    shelf = await archive.shelf(files.name, shelf.mailbox_id, shelf.department_id)
    found = files.in_order(unseen)
    for batch in archive.batches(found):
        await archive.keep(files, batch, shelf)
        for id in await archive.waiting(batch, shelf):
            await import_mail(id, FILES)
    return dict(await archive.summary(found, shelf))


async def subjects() -> str:
    """Of the mails that were imported."""
    rows = await InboundMail.filter(state=InboundState.IMPORTED)
    assert await InboundMail.all().count() == len(rows)
    return "".join(sorted(row.subject for row in rows))


async def test_a_folder_that_changes(shelf: archive.Shelf, tmp_path: Path) -> None:
    path = folder(tmp_path / "old_mail", "b", "c", "d")
    assert await imported(path, shelf) == {InboundState.IMPORTED: 3}
    folder(path, "a", "bb")
    (path / "c.eml").unlink()
    assert await imported(path, shelf) == {InboundState.IMPORTED: 4}
    assert await subjects() == "abbbcd"


async def test_an_mbox_that_changes(shelf: archive.Shelf, tmp_path: Path) -> None:
    await imported(mbox(tmp_path / "old_mail", "abcde"), shelf)
    await imported(mbox(tmp_path / "old_mail", "bdef"), shelf)
    assert await subjects() == "abcdef"


async def test_the_same_mail_twice(shelf: archive.Shelf, tmp_path: Path) -> None:
    files = Archive(mbox(tmp_path / "old_mail", "aba"))
    assert len(files.in_order(unseen)) == 2
    assert files.skipped.names == {"the same mail again": ["old_mail"]}
    await imported(tmp_path / "old_mail", shelf)
    assert await subjects() == "ab"


async def test_what_earlier_versions_imported(shelf: archive.Shelf, tmp_path: Path) -> None:
    """They named the archive by its first mail too, and mails by their place."""
    path = mbox(tmp_path / "old_mail", "abc")
    with path.open("ab") as file:
        file.write(b"From x@y.example Mon Mar  1 10:00:00 2021\n")
        file.write(named("d").replace(b"\r\n", b"\n") + b"\n>From what I see\n")
    kept = formats.mbox(path)
    now = await clock()
    for place, key in enumerate(kept.keys(), start=1):
        raw = kept.get_bytes(key)
        digest = sha256(raw).hexdigest()
        await RawMail.create(sha256=digest, content=raw)
        row = await InboundMail.create(
            mailbox_id=shelf.mailbox_id, folder=f"archive:old_mail:{'0' * 32}", uidvalidity=0,
            uid=place, raw_sha256=digest, silent=True, department_id=shelf.department_id,
            size=len(raw), received_at=now, created_at=now,
        )  # fmt: skip
        if place != 2:
            await import_mail(row.id, FILES)
    kept.close()
    assert await imported(path, shelf) == {InboundState.IMPORTED: 4}
    assert await subjects() == "abcd"
    other = await archive.shelf("oldXmail", shelf.mailbox_id, shelf.department_id)
    assert other.former == ()


async def test_from_in_a_body(shelf: archive.Shelf, tmp_path: Path) -> None:
    path = tmp_path / "old.mbox"
    body = "Hello,\nFrom next Monday I am away.\n>From here\n>>From there\n"
    path.write_bytes(b"From m@c.example Mon Mar  1 10:00:00 2021\n" + mail(body) + b"\n")
    tickets = await Ticket.all().count()
    assert await imported(path, shelf) == {InboundState.IMPORTED: 1}
    assert await Ticket.all().count() == tickets + 1
    entry = await entry_of(await InboundMail.get())
    assert entry.body_text is not None
    assert entry.body_text.split("\n")[1:] == [
        "From next Monday I am away.", "From here", ">From there",
    ]  # fmt: skip


async def test_large_mails_are_kept_a_few_at_once(shelf: archive.Shelf, tmp_path: Path) -> None:
    path = folder(tmp_path / "old_mail")
    for n in range(5):
        (path / f"{n}.eml").write_bytes(named(str(n)) + b"x" * 8_000_000)
    (path / "huge.eml").write_bytes(named("huge") + b"x" * (25 * 1024 * 1024))
    files = Archive(path)
    found = files.in_order(unseen)
    large = next(one for one in found if not one.too_large)
    huge = next(one for one in found if one.too_large)
    assert [len(one) for one in archive.batches([large] * 5)] == [2, 2, 1]
    assert [len(one) for one in archive.batches([huge] * 120)] == [50, 50, 20]
    for _ in range(2):
        for batch in archive.batches(found):
            await archive.keep(files, batch, shelf)
        assert await archive.summary(found, shelf) == {
            InboundState.RECEIVED: 5,
            InboundState.TOO_LARGE: 1,
        }
    assert await RawMail.all().count() == 5


async def test_a_file_that_changes_while_it_is_read(shelf: archive.Shelf, tmp_path: Path) -> None:
    path = folder(tmp_path / "old_mail", "a", "b", "c")
    files = Archive(path)
    found = files.in_order(unseen)
    (path / "a.eml").unlink()
    (path / "b.eml").write_bytes(named("bb"))
    await archive.keep(files, found, shelf)
    assert [one.subject for one in await InboundMail.all()] == ["c"]
    assert files.skipped.unreadable
    assert files.skipped.names == {
        "cannot be read (No such file or directory)": ["a.eml"],
        "changed while it was read": ["b.eml"],
    }
