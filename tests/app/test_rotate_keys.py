"""`sportello rotate-keys`: every secret is encrypted anew, and the former key can go."""

from datetime import UTC, datetime

from actions import key_rotation, keys, mailing
from actions.keys import ring
from actions.mailing import About, To
from actions.unit_of_work import unit_of_work
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import Mailbox, MailServer
from models.mails import OutboundMail
from models.people import Contact
from tests.actions import stage
from tests.app.program import Program, within
from tests.mail.sending import worker
from tests.mail.smtp_server import smtp_server
from tests.mail.stage import mailbox

OLD, NEW, OTHER = (f"{one} key that is long enough to be one" for one in ("old", "new", "other"))
COUNT = 250
"""More than two batches."""


async def _fill() -> None:
    keys.use([OLD])
    now = datetime.now(UTC)
    for number in range(COUNT):
        mailbox = await Mailbox.create(
            name=f"m{number}", address=f"m{number}@example.org", created_at=now,
            oauth_refresh_token=ring().encrypt(f"refresh {number}"),
        )  # fmt: skip
        await MailServer.create(
            mailbox_id=mailbox.id, direction="IN", host="h", port=1, security="TLS",
            auth="PASSWORD", secret=ring().encrypt(f"word {number}"),
        )  # fmt: skip


async def _secrets() -> tuple[list[str], list[str]]:
    """As the new key alone reads them."""
    keys.use([NEW])
    servers = await MailServer.all().order_by("id")
    mailboxes = await Mailbox.all().order_by("id")
    return (
        [ring().decrypt(one.secret) for one in servers],
        [ring().decrypt(one.oauth_refresh_token) for one in mailboxes],
    )


async def _stored() -> list[str]:
    return [one.secret for one in await MailServer.all().order_by("id")]


def test_every_secret(desk: Program, database_url: str) -> None:
    within(database_url, _fill)
    mixed = desk.set(secret_key=NEW, old_secret_keys=f"{OTHER}, {OLD}")
    assert mixed.run("check").code == 0
    done = mixed.run("rotate-keys")
    assert (done.code, done.err) == (0, "")
    assert f"{2 * COUNT} secrets encrypted anew" in done.out
    assert f"encrypting: {2 * COUNT} of {2 * COUNT} rows" in done.out
    words, tokens = within(database_url, _secrets)
    assert words == [f"word {number}" for number in range(COUNT)]
    assert tokens == [f"refresh {number}" for number in range(COUNT)]
    stored = within(database_url, _stored)
    again = mixed.run("rotate-keys")
    assert (again.code, "\n0 secrets" in again.out) == (0, True)
    assert within(database_url, _stored) == stored
    assert desk.set(secret_key=NEW).run("check").code == 0


def test_what_no_key_reads(desk: Program, database_url: str) -> None:
    within(database_url, _fill)
    lost = desk.set(secret_key=NEW)
    checked = lost.run("check")
    assert checked.code == 1
    assert "wrong  secrets: no key reads MailServer.secret of 1" in checked.out
    assert f"and {2 * COUNT - 5} more" in checked.out
    assert "SPORTELLO_OLD_SECRET_KEYS" in checked.out
    stored = within(database_url, _stored)
    done = lost.run("rotate-keys")
    assert done.code == 1
    assert "no key reads MailServer.secret of 1" in done.err
    assert within(database_url, _stored) == stored


async def test_a_secret_changed_meanwhile_stays(database: None) -> None:
    """What is read for a batch may be old when the batch is written."""
    await _fill()
    keys.use([NEW, OLD])
    try:
        batch = await MailServer.all().order_by("id").limit(2)
        changed = ring().encrypt("changed")
        await MailServer.filter(id=batch[0].id).update(secret=changed)
        assert await key_rotation._rotated([*batch], ("secret",)) == (1, [])
        assert (await MailServer.get(id=batch[0].id)).secret == changed
        last = [one async for one in key_rotation.rotate()][-1]
        assert last.rotated == 2 * COUNT - 2
    finally:
        keys.use(["a secret key of tests and of nothing else"])


async def test_a_reset_that_waits_is_still_sent(database: None) -> None:
    """Its link is in the queue, encrypted, among what else the mail is given."""
    keys.use([OLD])
    try:
        async with smtp_server() as relay:
            await mailbox(port=relay.port)
            contact = await Contact.get(email="sara@demo.test")
            waiting = [await _reset(contact) for _ in range(2)]
            await OutboundMail.filter(id=waiting[0].id).update(state=OutboundState.SENT)
            keys.use([NEW])
            names = [f"OutboundMail.input.secret_url of {waiting[1].id}"]
            assert await key_rotation.unreadable() == names
            keys.use([NEW, OLD])
            last = [one async for one in key_rotation.rotate()][-1]
            assert (last.rotated, last.done, last.total) == (1, last.total, last.total)
            keys.use([NEW])
            assert await key_rotation.unreadable() == []
            await worker().once()
            (taken,) = relay.taken
            assert b"/password/" in taken.raw
            assert (await OutboundMail.get(id=waiting[1].id)).input["by"] == "Anna"
    finally:
        keys.use(["a secret key of tests and of nothing else"])


async def _reset(contact: Contact) -> OutboundMail:
    secret = ring().encrypt("https://desk.test/password/abc")
    about = About(
        department_id=await stage.department("Immigrazione"),
        input={"secret_url": secret, "by": "Anna"},
    )
    to = To.contact(contact)
    assert to is not None
    mail = await unit_of_work(lambda: mailing.queue(MailKind.PASSWORD_RESET, to, about))
    assert mail is not None
    return mail
