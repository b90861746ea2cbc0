"""What operators change of themselves: preferences, and the password."""

from typing import Any

import pytest

from actions import passwords, sessions
from actions.administration import accounts, operators
from actions.refusals import InvalidCredentials
from models.callers import OperatorCaller
from models.people import Operator
from models.sessions import Session, SignInAttempt
from models.sights import sight_of
from tests.administration.staff import INVALID, WRONG, lines, operator, paths_of, program, refusals
from tests.support.example_b import PASSWORD
from tests.support.site import SIGN_IN, Client, Failed, Site

NEW = "una frase lunga"
FACE = "language timeZone signature notifications { kind email inApp }"
UPDATED = f"... on ViewerUpdated {{ operator {{ {FACE} }} }} {INVALID}"
PAUSED = "... on TooManyAttempts { retryAt }"


async def sign_in(site: Site, password: str) -> str:
    """What the API says to Anna."""
    answer = await site.anonymous().run(SIGN_IN, email="anna@demo.test", password=password)
    return answer["signIn"]["__typename"]


async def changed(by: Client, current: str, new: str = NEW) -> dict[str, Any]:
    return await by.do("passwordChange", INVALID + PAUSED, currentPassword=current, newPassword=new)


async def test_preferences(site: Site) -> None:
    anna = await site.sign_in("anna")
    off = [{"kind": "SLA_BREACHED", "email": False, "inApp": False},
           {"kind": "ASSIGNED", "email": False}]  # fmt: skip
    done = await anna.do(
        "viewerUpdate", UPDATED, language="ru", timeZone="Asia/Tokyo", signature=" Anna\r\n\0R ",
        notifications=off,
    )  # fmt: skip
    face = done["operator"]
    assert (face["language"], face["timeZone"], face["signature"]) == (
        "ru",
        "Asia/Tokyo",
        "Anna\nR",
    )
    told = {one["kind"]: (one["email"], one["inApp"]) for one in face["notifications"]}
    assert told["SLA_BREACHED"] == (False, False)
    assert told["ASSIGNED"] == (False, True)
    assert list(told.values()).count((True, True)) == 3
    assert (await anna.run(f"{{ viewer {{ {FACE} }} }}"))["viewer"] == face
    back = await anna.do(
        "viewerUpdate", UPDATED, notifications=[{"kind": "ASSIGNED", "email": True}]
    )
    told = {one["kind"]: (one["email"], one["inApp"]) for one in back["operator"]["notifications"]}
    assert (told["ASSIGNED"], told["SLA_BREACHED"]) == ((True, True), (False, False))
    assert back["operator"]["language"] == "ru"
    first, second = await lines("operator.update")
    assert first["changes"][0] == ["language", "it", "ru"]
    assert second["changes"] == [["notifications", "ASSIGNED, email: no", "ASSIGNED, email: yes"]]
    everybody = await Operator.exclude(name="Anna")
    assert not any(one.muted_email or one.muted_in_app or one.signature for one in everybody)
    assert (await Operator.get(name="Anna")).active


async def test_an_open_socket_knows_at_once(site: Site) -> None:
    anna = await site.sign_in("anna")
    async with anna.live() as line:
        before = await (await line.subscribe("query { viewer { language } }")).next()
        await anna.do("viewerUpdate", language="en")
        after = await (await line.subscribe("query { viewer { language } }")).next()
    assert [before, after] == [{"language": "it"}, {"language": "en"}]


async def test_preferences_that_cannot_be(site: Site) -> None:
    anna = await site.sign_in("anna")
    for wrong in (
        {"language": "xx"}, {"language": None}, {"timeZone": "Europe/Atlantis"},
        {"signature": "x" * 10_001}, {"notifications": None},
        {"notifications": [{"kind": "ASSIGNED"}, {"kind": "ASSIGNED", "email": True}]},
    ):  # fmt: skip
        assert paths_of(await anna.do("viewerUpdate", UPDATED, **wrong)) == list(wrong)
    with pytest.raises(Failed) as failed:
        await anna.do("viewerUpdate", UPDATED, notifications=[{"kind": "LUNCH"}])
    assert failed.value.code == "BAD_REQUEST"
    assert await lines("operator.update") == []


async def test_a_new_password_ends_every_other_session(site: Site) -> None:
    anna, again, bruno = [await site.sign_in(one) for one in ("anna", "anna", "bruno")]
    tool, _ = await program(anna, "TICKETS_VIEW")
    assert await sign_in(site, "wrong") == "InvalidCredentials"
    async with again.live() as other, anna.live() as mine:
        assert (await changed(anna, PASSWORD))["__typename"] == "PasswordChanged"
        assert await other.closed() == 4403
        assert await (await mine.subscribe("query { viewer { name } }")).next() == {"name": "Anna"}
    assert [await refusals(one) for one in (anna, again, tool, bruno)] == [200, 401, 200, 200]
    assert await SignInAttempt.all().count() == 1  # the address's, of the failure before
    assert await sign_in(site, PASSWORD) == "InvalidCredentials"
    assert await sign_in(site, NEW) == "SignedIn"
    assert await lines("operator.changePassword") == [
        {"name": "Anna", "changes": [["password", None, None]]}
    ]


async def test_a_wrong_one_counts_as_an_attempt(site: Site) -> None:
    anna = await site.sign_in("anna")
    for wrong in ("short", "anna@demo.test", "justinbieber", "x" * 1001):
        assert paths_of(await changed(anna, PASSWORD, wrong)) == ["newPassword"]
    assert paths_of(await changed(anna, PASSWORD, PASSWORD)) == ["newPassword"]
    for wrong in ("", "\0", "x" * 5000, *"abcdefg"):
        assert (await changed(anna, wrong))["__typename"] == "InvalidCredentials"
    paused = await changed(anna, PASSWORD)
    assert paused["__typename"] == "TooManyAttempts"
    assert paused["retryAt"]
    assert await sign_in(site, PASSWORD) == "TooManyAttempts"
    assert await refusals(anna) == 200
    await SignInAttempt.all().delete()
    assert (await changed(anna, PASSWORD))["__typename"] == "PasswordChanged"


async def test_a_token_is_nobody_in_person(site: Site) -> None:
    admin = await site.sign_in("admin")
    tool, id = await program(admin, "ADMINISTER")
    for request in (
        tool.do("viewerUpdate", language="it"),
        changed(tool, PASSWORD),
        tool.do(
            "apiTokenCreate", name="x", scopes=["ADMINISTER"], expiresAt="2030-01-01T00:00:00Z"
        ),
        tool.do("apiTokenRevoke", tokenId=id),
        tool.run("{ apiTokens { name } }"),
        tool.run("mutation { signOut { __typename } }"),
    ):
        with pytest.raises(Failed) as failed:
            await request
        assert failed.value.code == "FORBIDDEN"
    own = await tool.do("operatorResetPassword", WRONG, operatorId=await operator("admin"))
    assert paths_of(own) == ["operatorId"]
    assert await refusals(tool) == 200


async def caller(name: str) -> OperatorCaller:
    who = await Operator.get(name=name)
    return OperatorCaller(who, 0, await sight_of(who.id))


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("how", ["reset", "shut out"])
async def test_what_happens_while_a_password_is_compared_counts(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, anna = await caller("Admin"), await caller("Anna")
    genuine = passwords.verify
    meddling = True

    async def verify(password: str, hash: str) -> bool:
        nonlocal meddling
        if meddling:
            meddling = False
            if how == "reset":
                await operators.reset_password(anna.id, None, admin)
            else:
                await operators.deactivate(anna.id, admin)
        return await genuine(password, hash)

    monkeypatch.setattr(passwords, "verify", verify)
    with pytest.raises(InvalidCredentials):
        await sessions.sign_in_operator("anna@demo.test", PASSWORD, "192.0.2.1")
    if how == "reset":
        await operators.reset_password(anna.id, PASSWORD, admin)
    else:
        await operators.activate(anna.id, admin)
    meddling = True
    with pytest.raises(InvalidCredentials):
        await accounts.change_password(PASSWORD, NEW, anna, "192.0.2.1")
    assert not await genuine(NEW, (await Operator.get(id=anna.id)).password_hash)
    assert await Session.filter(operator_id=anna.id).count() == 0
