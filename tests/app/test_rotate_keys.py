"""`sportello rotate-keys`: every secret is encrypted anew, and the former key can go."""

from datetime import UTC, datetime

from actions import key_rotation, keys
from actions.keys import ring
from models.mailboxes import Mailbox, MailServer
from tests.app.program import Program, within

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
