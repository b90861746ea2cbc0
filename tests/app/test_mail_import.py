"""`sportello mail import`: old mail from files, as a program, again and again."""

import mailbox as formats
import os
from pathlib import Path

from models.enums import TicketSource, Turn
from models.mail_enums import InboundState
from models.mails import InboundMail, OutboundMail
from models.notifications import Notification
from models.tickets import Ticket
from models.timeline import TimelineEntry
from tests.app.program import Program, complaint, within
from tests.mail import boxes
from tests.mail.arriving import mail

BOX = "immigrazione@demo.test"
DATES = [f"{day:02} Mar 2021 10:00:00 +0000" for day in range(1, 29)]


async def _box() -> None:
    await boxes.mailbox(BOX, department="Immigrazione")


async def _rows() -> list[InboundMail]:
    return await InboundMail.all().order_by("received_at")


async def _tickets() -> list[Ticket]:
    return await Ticket.filter(source=TicketSource.EMAIL).order_by("id")


def conversation() -> list[bytes]:
    """A question, the desk's answer, a thank you; and two others, out of order."""
    return [
        mail("later", id="z@c", Date=DATES[20], sender="late@customer.example"),
        mail("question", id="a@c", Date=DATES[0]),
        mail("thanks", id="c@c", Date=DATES[2], In_Reply_To="<b@desk>"),
        mail("answer", id="b@desk", Date=DATES[1], In_Reply_To="<a@c>", sender=f"Desk <{BOX}>",
             to="maria@customer.example"),
        mail("broken date", id="d@c", Date="nonsense", sender="odd@customer.example"),
    ]  # fmt: skip


def mbox(path: Path, mails: list[bytes]) -> Path:
    box = formats.mbox(path)
    for one in mails:
        box.add(one)
    box.close()
    return path


def test_an_mbox_becomes_tickets_once(desk: Program, database_url: str, tmp_path: Path) -> None:
    within(database_url, _box)
    path = mbox(tmp_path / "old.mbox", conversation())
    done = desk.run("mail", "import", str(path), "--department", "Immigrazione")
    assert (done.code, done.err) == (0, "")
    assert "importing: 5 of 5 mails" in done.out
    assert "5  imported" in done.out
    rows = within(database_url, _rows)
    assert {one.state for one in rows} == {InboundState.IMPORTED}
    assert all(one.silent for one in rows)
    first, *_ = tickets = within(database_url, _tickets)
    assert len(tickets) == 3
    assert first.turn is Turn.OPERATOR, "who wrote last was the contact"
    assert first.created_at.isoformat().startswith("2021-03-01")

    async def told() -> tuple[int, int, list[str]]:
        entries = await TimelineEntry.filter(ticket_id=first.id).order_by("number")
        said = [f"{one.kind.value} {one.body_text}" for one in entries]
        return await OutboundMail.all().count(), await Notification.all().count(), said

    mails, notices, said = within(database_url, told)
    assert (mails, notices) == (0, 0)
    assert said == [
        "CONTACT_MESSAGE question", "OPERATOR_REPLY answer", "CONTACT_MESSAGE thanks",
    ]  # fmt: skip
    again = desk.run("mail", "import", str(path), "--department", "Immigrazione")
    assert "5  imported" in again.out
    assert len(within(database_url, _tickets)) == 3
    mbox(path, [mail("new", id="e@c", Date=DATES[25], sender="new@customer.example")])
    grown = desk.run("mail", "import", str(path), "--department", "Immigrazione")
    assert "6  imported" in grown.out
    assert len(within(database_url, _tickets)) == 4


def test_a_folder_of_files_and_what_is_refused(
    desk: Program, database_url: str, tmp_path: Path
) -> None:
    within(database_url, _box)
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "one.eml").write_bytes(mail("one"))
    (folder / "note.txt").write_text("no mail")
    done = desk.run("mail", "import", str(folder), "--department", "Immigrazione")
    assert "1  imported" in done.out
    for words, said in (
        ((str(tmp_path / "none"), "--department", "Immigrazione"), "There is no"),
        ((str(folder), "--department", "Nobody"), "There is no department Nobody"),
        ((str(folder), "--department", "Fiscale"), "has no incoming mailbox"),
    ):
        refused = desk.run("mail", "import", *words)
        assert refused.code == 1
        assert said in refused.err


def test_what_cannot_be_read_is_skipped_and_said(
    desk: Program, database_url: str, tmp_path: Path
) -> None:
    within(database_url, _box)
    folder = tmp_path / "mails"
    (folder / "folder.eml").mkdir(parents=True)
    (folder / "folder.eml" / "in it.EML").write_bytes(mail("in a folder"))
    (folder / "new\nline.eml").write_bytes(mail("new line"))
    Path(os.fsdecode(bytes(folder) + b"/\xff\x1b.eml")).write_bytes(mail("no name"))
    (folder / "empty.eml").touch()
    (folder / "a\nempty.eml").touch()
    (folder / "noise.eml").write_bytes(bytes(range(256)) * 10)
    (folder / "loop.eml").symlink_to("loop.eml")
    (folder / "gone.eml").symlink_to("nowhere")
    (folder / "up").symlink_to(folder)
    os.mkfifo(folder / "pipe.eml")
    (folder / "same.eml").write_bytes((folder / "new\nline.eml").read_bytes())
    said = "".join(
        f"{count:>8}  {what}\n"
        for count, what in (
            (4, "imported"),
            (1, "skipped: a folder: folder.eml"),
            (1, "skipped: a link to a folder: up"),
            (1, "skipped: cannot be read (No such file or directory): gone.eml"),
            (1, "skipped: cannot be read (Too many levels of symbolic links): loop.eml"),
            (2, "skipped: empty: a?empty.eml, empty.eml"),
            (1, "skipped: no file: pipe.eml"),
            (1, "skipped: the same mail again: same.eml"),
        )
    )
    for _ in range(2):
        done = desk.run("mail", "import", str(folder), "--department", "Immigrazione")
        assert (done.code, done.err) == (1, "")
        assert done.out.endswith(said), done.out


def test_archives_with_no_mail(sqlite_desk: Program, tmp_path: Path) -> None:
    within(dict(sqlite_desk.settings)["DATABASE_URL"], _box)
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("Hello.\nFrom next Monday I am away.\n")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, said in (
        ("empty", "has no mail: give an mbox"),
        ("text", "has no mail: give an mbox"),
        ("folder", "has no mail: give an mbox"),
        ("pipe", "There is no"),
        ("loop", "There is no"),
        ("no\nsuch", "no?such."),
        ("x" * 300, "File name too long"),
    ):
        done = sqlite_desk.run(
            "mail", "import", str(tmp_path / name), "--department", "Immigrazione"
        )
        assert said in complaint(done)
