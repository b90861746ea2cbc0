"""Mailboxes in use: by departments, by their log, paused, read anew."""

from datetime import UTC, datetime

from models.mail_enums import MailboxState
from models.mailboxes import Mailbox, MailFolder, MailServer
from models.mails import InboundMail
from tests.administration.staff import lines, paths_of
from tests.administration.test_mailboxes import CHANGED, SHOWN, WRONG, made
from tests.resolvers.desk import gid_of
from tests.support.site import Site


async def test_departments_are_served(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    only_out = await made(admin, "out@example.org", incoming=None)
    patronato = await gid_of("Department", "Patronato")
    setup = """... on DepartmentUpdated { department { setup { incomingMailbox { name }
      outgoingMailbox { name } } } }"""
    wrong = await admin.do(
        "departmentUpdate", WRONG, departmentId=patronato, incomingMailboxId=only_out["id"]
    )
    assert paths_of(wrong) == ["incomingMailboxId"]
    done = await admin.do(
        "departmentUpdate", setup, departmentId=patronato, email="support@example.org",
        aliases=["aiuto@example.org"], incomingMailboxId=mailbox["id"],
        outgoingMailboxId=only_out["id"],
    )  # fmt: skip
    assert done["department"]["setup"] == {
        "incomingMailbox": {"name": "support@example.org"},
        "outgoingMailbox": {"name": "out@example.org"},
    }
    taken = await admin.do(
        "departmentUpdate", WRONG, departmentId=patronato, aliases=["out@example.org"]
    )
    assert paths_of(taken) == ["aliases"]
    conflict = await admin.do(
        "mailboxUpdate", WRONG, mailboxId=only_out["id"], address="aiuto@example.org"
    )
    assert paths_of(conflict) == ["address"]
    query = f"query ($id: ID!) {{ {SHOWN.replace('mailbox {', 'mailbox(id: $id) {', 1)} }}"
    shown = (await admin.run(query, id=mailbox["id"]))["mailbox"]
    assert (shown["receivesFor"], shown["sendsFor"]) == ([{"name": "Patronato"}], [])
    assert shown["aliases"] == ["aiuto@example.org", "support@example.org"]
    kept = await admin.do("mailboxDelete", WRONG, mailboxId=mailbox["id"])
    assert "Patronato" in kept["fields"][0]["message"]
    stays = await admin.do("mailboxUpdate", WRONG, mailboxId=mailbox["id"], incoming=None)
    assert paths_of(stays) == ["incoming"]
    await admin.do(
        "departmentUpdate", departmentId=patronato, incomingMailboxId=None, outgoingMailboxId=None
    )
    for one in (mailbox, only_out):
        gone = await admin.do("mailboxDelete", WRONG, mailboxId=one["id"])
        assert gone["__typename"] == "MailboxDeleted"
    assert not await Mailbox.exists()
    assert not await MailServer.exists()


async def test_a_log_keeps_its_mailbox(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    now = datetime.now(UTC)
    await InboundMail.create(
        mailbox_id=(await Mailbox.get()).id, folder="INBOX", uidvalidity=1, uid=1, raw_sha256="",
        size=1, received_at=now, created_at=now,
    )  # fmt: skip
    kept = await admin.do("mailboxDelete", WRONG, mailboxId=mailbox["id"])
    assert "1 mails" in kept["fields"][0]["message"]
    emptied = await admin.do(
        "mailboxUpdate", CHANGED, mailboxId=mailbox["id"], incoming=None, outgoing=None
    )
    assert emptied["mailbox"]["incoming"] is None
    assert emptied["mailbox"]["outgoing"] is None


async def test_paused_and_resumed(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin, outgoing=None)
    shown, again = [f"... on Mailbox{one} {{ {SHOWN} }} {WRONG}" for one in ("Paused", "Resumed")]
    side = {"mailboxId": mailbox["id"], "direction": "IN"}
    paused = (await admin.do("mailboxPause", shown, **side))["mailbox"]["incoming"]
    assert (paused["paused"], paused["state"]) == (True, "PAUSED")
    await admin.do("mailboxPause", shown, **side)
    await MailServer.filter(direction="IN").update(state=MailboxState.BLOCKED, error="535 no")
    resumed = (await admin.do("mailboxResume", again, **side))["mailbox"]["incoming"]
    assert (resumed["paused"], resumed["state"], resumed["error"]) == (False, "OK", "")
    assert [len(await lines(f"mailbox.{one}")) for one in ("pause", "resume")] == [1, 1]
    none = await admin.do("mailboxPause", WRONG, mailboxId=mailbox["id"], direction="OUT")
    assert paths_of(none) == ["direction"]


async def test_read_anew(site: Site) -> None:
    admin = await site.sign_in("admin")
    mailbox = await made(admin)
    shown = f"... on MailboxReimportBegun {{ {SHOWN} }} {WRONG}"
    input = {"mailboxId": mailbox["id"], "since": "2026-01-01T00:00:00Z"}
    assert paths_of(await admin.do("mailboxReimport", shown, **input)) == ["mailboxId"]
    row = await Mailbox.get()
    folder = await MailFolder.create(
        mailbox_id=row.id, name="INBOX", uidvalidity=1, baseline_at=datetime.now(UTC)
    )
    later = await admin.do("mailboxReimport", shown, **{**input, "since": "2999-01-01T00:00:00Z"})
    assert paths_of(later) == ["since"]
    begun = (await admin.do("mailboxReimport", shown, **input))["mailbox"]["reimport"]
    assert begun == {"folder": "INBOX", "since": input["since"], "total": 0, "done": 0}
    await folder.refresh_from_db()
    assert folder.reimport_since == datetime(2026, 1, 1, tzinfo=UTC)
    assert paths_of(await admin.do("mailboxReimport", shown, **input)) == ["mailboxId"]
