"""Passwords, sessions, and how often one may try."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from actions import operators, passwords, sessions
from actions.events import Happened, SessionEnded
from actions.refusals import InvalidCredentials, InvalidInput, TooManyAttempts
from actions.sessions import sign_in_contact, sign_in_operator
from actions.unit_of_work import announce_to
from models.enums import Right
from models.people import Contact, Operator
from models.sessions import Session, SignInAttempt
from models.sql import clock
from tests.actions import stage
from tests.support.example_b import PASSWORD

pytestmark = pytest.mark.usefixtures("database")
HERE = "192.0.2.1"


@pytest.fixture
def hashed_with(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Argon2 stands aside where it is not the point; what it was given to compare with."""
    seen: list[str] = []

    async def verify(password: str, hash: str) -> bool:
        seen.append(hash)
        await asyncio.sleep(0)
        return password == PASSWORD and bool(hash)

    monkeypatch.setattr(passwords, "verify", verify)
    return seen


async def attempt(
    email: str, password: str = "wrong", address: str = HERE
) -> type[Exception] | None:
    try:
        await sign_in_operator(email, password, address)
    except (InvalidCredentials, TooManyAttempts) as refusal:
        return type(refusal)
    return None


async def test_a_password_is_kept_as_argon2id() -> None:
    hash = await passwords.hashed("a fine password")
    assert hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hash != await passwords.hashed("a fine password")
    assert await passwords.verify("a fine password", hash)
    for wrong in ("a fine passwore", "", "\0", "x" * 100_000):
        assert not await passwords.verify(wrong, hash)
    assert not await passwords.verify("the password of no account", "")
    assert not await passwords.verify("x", "no hash at all")


def test_which_passwords_may_be_chosen() -> None:
    for bad in (
        "x" * 11,
        "x" * 1001,
        "justinbieber",
        "SonyEricsson",
        "verylongname@demo.test",
        "VeryLongName",
    ):
        with pytest.raises(InvalidInput) as caught:
            passwords.check(bad, "verylongname@demo.test")
        assert caught.value.fields[0].path == ("password",)
    for good in ("correct horse", "пароль длинный", "x" * 999 + "y"):
        passwords.check(good, "verylongname@demo.test")


async def test_signing_in() -> None:
    done = await sign_in_operator(" ANNA@demo.test\0 ", PASSWORD, HERE)
    assert isinstance(done.account, Operator)
    session = await Session.get(token_hash=sessions.token_hash(done.token))
    assert session.operator_id == done.account.id
    assert session.expires_at - session.created_at == timedelta(hours=12)
    assert done.token not in str(stage.columns(session))
    theirs = await sign_in_contact("mario@demo.test", PASSWORD, HERE)
    assert theirs.session.contact_id == theirs.account.id
    assert theirs.session.expires_at - theirs.session.created_at == timedelta(days=30)
    assert theirs.token != done.token
    assert await SignInAttempt.all().count() == 0


async def test_everybody_refused_is_refused_alike(hashed_with: list[str]) -> None:
    await Operator.filter(email="bruno@demo.test").update(active=False)
    await Contact.filter(email="giulia@demo.test").update(blocked=True)
    await Contact.filter(email="sara@demo.test").update(password_hash="")
    for sign_in, email, password in (
        (sign_in_operator, "anna@demo.test", "wrong"),
        (sign_in_operator, "nobody@demo.test", PASSWORD),
        (sign_in_operator, "mario@demo.test", PASSWORD),
        (sign_in_operator, "bruno@demo.test", PASSWORD),
        (sign_in_contact, "anna@demo.test", PASSWORD),
        (sign_in_contact, "giulia@demo.test", PASSWORD),
        (sign_in_contact, "sara@demo.test", PASSWORD),
        (sign_in_contact, "\0", PASSWORD),
    ):
        with pytest.raises(InvalidCredentials) as caught:
            await sign_in(email, password, f"192.0.2.{len(hashed_with)}")
        assert str(caught.value) == ""
    assert len(hashed_with) == 8  # the same work each time
    assert await Session.all().count() == 0


@pytest.mark.usefixtures("hashed_with")
async def test_ten_attempts_for_an_account_from_wherever() -> None:
    for n in range(10):
        assert await attempt("anna@demo.test", address=f"192.0.2.{n}") is InvalidCredentials
    with pytest.raises(TooManyAttempts) as caught:
        await sign_in_operator("Anna@demo.test ", PASSWORD, "192.0.2.99")
    wait = caught.value.retry_at - await clock()
    assert timedelta(minutes=14) < wait <= timedelta(minutes=15)
    assert await attempt("bruno@demo.test", PASSWORD, "192.0.2.99") is None
    with pytest.raises(InvalidCredentials):  # contacts are other accounts
        await sign_in_contact("anna@demo.test", PASSWORD, "192.0.2.99")
    oldest = (
        await SignInAttempt.filter(subject__startswith="account:operator").order_by("at").first()
    )
    assert oldest is not None
    await SignInAttempt.filter(id=oldest.id).update(at=await clock() - timedelta(minutes=15))
    assert await attempt("anna@demo.test", PASSWORD, "192.0.2.99") is None
    assert not await SignInAttempt.exists(subject=oldest.subject)


@pytest.mark.usefixtures("hashed_with")
async def test_ten_attempts_from_an_address_for_whomever() -> None:
    for n in range(10):
        assert await attempt(f"nobody{n}@demo.test") is InvalidCredentials
        assert await attempt("bruno@demo.test", PASSWORD) is (TooManyAttempts if n == 9 else None)
    assert await attempt("anna@demo.test", PASSWORD) is TooManyAttempts
    assert await attempt("anna@demo.test", PASSWORD, "192.0.2.2") is None


@pytest.mark.usefixtures("hashed_with")
async def test_thirty_at_once_are_counted_too() -> None:
    refusals = await asyncio.gather(*(attempt("anna@demo.test") for _ in range(30)))
    assert refusals.count(InvalidCredentials) == 10
    assert refusals.count(TooManyAttempts) == 20
    spread = await asyncio.gather(
        *(attempt("dino@demo.test", address=f"198.51.100.{n}") for n in range(30))
    )
    assert spread.count(InvalidCredentials) == 10


async def test_many_hash_at_once_in_whatever_loop() -> None:
    """Two threads do it, and belong to no loop: this runs once for each database."""
    answers = await asyncio.gather(
        *(sign_in_contact("mario@demo.test", PASSWORD, f"192.0.2.{n}") for n in range(6))
    )
    assert len({one.token for one in answers}) == 6


async def test_expiry_slides_with_use_but_not_at_every_use() -> None:
    for sign_in, email, life in (
        (sign_in_operator, "anna@demo.test", timedelta(hours=12)),
        (sign_in_contact, "mario@demo.test", timedelta(days=30)),
    ):
        session = (await sign_in(email, PASSWORD, HERE)).session
        await sessions.slide(session)
        assert (await Session.get(id=session.id)).used_at == session.used_at
        session.used_at = datetime.now(UTC) - timedelta(minutes=6)
        await session.save()
        await sessions.slide(session)
        slid = await Session.get(id=session.id)
        assert slid.expires_at - slid.used_at == life
        assert slid.used_at > session.used_at
        await sessions.sign_out(session.id)
        await sessions.slide(session)
        assert (await Session.get(id=session.id)).used_at == slid.used_at


async def test_signing_out_ends_it_and_says_so() -> None:
    session = (await sign_in_operator("anna@demo.test", PASSWORD, HERE)).session
    told: list[Happened] = []

    async def listen(event: Happened) -> None:
        told.append(event)

    end = announce_to(listen)
    try:
        ended = await sessions.sign_out(session.id)
    finally:
        end()
    assert (await Session.get(id=session.id)).ended_at == ended
    assert told == [SessionEnded(session.id)]


async def test_an_administrator_is_made() -> None:
    made = await operators.create_admin(" Root@demo.test ", " Root\0 ", "a fine password")
    assert (made.email, made.name) == ("root@demo.test", "Root")
    assert (await stage.operator("root")).sight.has(Right.ADMINISTER)
    await sign_in_operator("root@demo.test", "a fine password", HERE)
    for email, name, password in (
        ("root@demo.test", "Root", "a fine password"),
        ("a\0@demo.test", "Root", "a fine password"),
        ("other@demo.test", "Root", "short"),
        ("other@demo.test", "\0", "a fine password"),
        ("other@demo.test", "x" * 201, "a fine password"),
    ):
        with pytest.raises(InvalidInput):
            await operators.create_admin(email, name, password)
