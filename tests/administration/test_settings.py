"""The settings over the API: checked, written down, and each in force at once."""

from typing import Any

import pytest

from models.desk import Department, Desk
from models.records import EventRecord
from tests.administration.test_roles import path_of
from tests.journeys.page import watching
from tests.support.site import Client, Failed, Site, category

ALL = """restrictToDepartments ticketSharing lockLeaseSeconds lockGraceSeconds magicLinkDays
  uploadLimitBytes forbiddenTypes languages survey noticesBeforeDigest"""
DONE = f"... on SettingsUpdated {{ settings {{ {ALL} }} }}"
WRONG = "... on InvalidInput { fields { path message } } ... on NotPermitted { action }"


async def changed(by: Client, **fields: Any) -> dict[str, Any]:
    answer = await by.do("settingsUpdate", f"{DONE} {WRONG}", **fields)
    assert answer["__typename"] == "SettingsUpdated", answer
    return answer["settings"]


async def opened(by: Client) -> str:
    answer = await by.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(by, "Rinnovo permesso"),
    )  # fmt: skip
    return answer["ticket"]["id"]


async def test_every_setting(site: Site) -> None:
    admin = await site.sign_in("admin")
    wanted = {
        "restrictToDepartments": False, "ticketSharing": "PUBLIC_READ", "lockLeaseSeconds": 60,
        "lockGraceSeconds": 0, "magicLinkDays": 7, "uploadLimitBytes": 4_000_000_000.0,
        "forbiddenTypes": ["application/x-dosexec", "video/*"], "languages": ["it", "en", "pt-BR"],
        "survey": False, "noticesBeforeDigest": 3,
    }  # fmt: skip
    assert await changed(admin, **wanted) == wanted
    assert (await admin.run(f"{{ settings {{ {ALL} }} }}"))["settings"] == wanted
    assert await changed(admin, languages=["en", "it"]) == {**wanted, "languages": ["en", "it"]}
    assert await changed(admin) == {**wanted, "languages": ["en", "it"]}
    first, second = await EventRecord.filter(subject="Desk:1").order_by("id")
    assert ["ticketSharing", "PUBLIC_WRITE", "PUBLIC_READ"] in first.data["changes"]
    assert second.data["changes"] == [["languages", "it, en, pt-BR", "en, it"]]


async def test_what_cannot_be(site: Site) -> None:
    admin = await site.sign_in("admin")
    await Department.create(name="Nuovo", default_language="ru")
    before = await Desk.get(id=1)
    wrong: dict[str, tuple[Any, ...]] = {
        "lockLeaseSeconds": (4, 601, 0, -1, None),
        "lockGraceSeconds": (-1, 301),
        "magicLinkDays": (0, 366),
        "noticesBeforeDigest": (0, 1_001),
        "uploadLimitBytes": (999, 5_000_000_001, -1),
        "forbiddenTypes": (["x"], ["*/*"], ["image/ *"], ["\0/x"], ["a" * 300]),
        "languages": ([], ["English"], ["e"], ["ru", "xx-"], ["en"]),
        "ticketSharing": (None,),
    }
    for name, values in wrong.items():
        for value in values:
            answer = await admin.do("settingsUpdate", WRONG, **{name: value})
            assert {tuple(one) for one in path_of(answer)} == {(name,)}, value
    with pytest.raises(Failed) as failed:
        await admin.do("settingsUpdate", WRONG, ticketSharing="SECRET")
    assert failed.value.code == "BAD_REQUEST"
    several = await admin.do("settingsUpdate", WRONG, magicLinkDays=0, languages=[], survey=True)
    assert path_of(several) == [["magicLinkDays"], ["languages"], ["languages"]]
    assert vars(await Desk.get(id=1)) == vars(before)


async def test_who_may(site: Site) -> None:
    anna = await site.sign_in("anna")
    refused = await anna.do("settingsUpdate", WRONG, survey=False)
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "settings.write")
    with pytest.raises(Failed) as failed:
        await anna.run("{ settings { survey } }")
    assert failed.value.code == "FORBIDDEN"


async def test_sharing_and_restriction_hold_at_once(site: Site) -> None:
    """Dino holds the category, not the department; Anna has both, and owns nothing."""
    admin, anna, dino, mario = [
        await site.sign_in(one) for one in ("admin", "anna", "dino", "mario")
    ]
    id = await opened(mario)
    count = "{ tickets { totalCount } }"
    assert (await dino.run(count))["tickets"]["totalCount"] == 0
    await changed(admin, restrictToDepartments=False)
    assert (await dino.run(count))["tickets"]["totalCount"] == 1
    async with watching(dino, id) as his:
        await changed(admin, restrictToDepartments=True)
        await his.revoked()
    given = await admin.do(
        "ticketAssign",
        ticketId=id,
        assigneeId=(await dino.run("{ viewer { id } }"))["viewer"]["id"],
    )
    assert given["__typename"] == "TicketAssigned"
    async with watching(anna, id) as hers, watching(dino, id) as his:
        await changed(admin, ticketSharing="PRIVATE")
        await hers.revoked()
        await his.equals_a_fresh_query()
    assert (await anna.run(count))["tickets"]["totalCount"] == 0
    await changed(admin, ticketSharing="PUBLIC_READ")
    seen = await anna.run("query ($id: ID!) { ticket(id: $id) { allowedActions } }", id=id)
    assert seen["ticket"]["allowedActions"] == ["VIEW"]
    refused = await anna.do("ticketAddNote", ticketId=id, body="Ciao")
    assert refused["__typename"] == "NotPermitted"


async def test_the_lease_is_that_of_the_settings(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    await changed(admin, lockLeaseSeconds=600)
    held = await anna.do(
        "replyLockAcquire",
        "... on ReplyLockHeld { lock { acquiredAt expiresAt } }",
        ticketId=await opened(mario),
    )
    begun, ends = held["lock"]["acquiredAt"], held["lock"]["expiresAt"]
    assert begun[:14] != ends[:14] or int(ends[14:16]) - int(begun[14:16]) == 10


async def test_forbidden_types_are_not_taken(site: Site) -> None:
    """By content: a picture that calls itself text is a picture."""
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    picture = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    await site.upload(mario, "a.png", picture)
    await changed(admin, forbiddenTypes=["image/*", "application/pdf"])
    for name, content, type_ in (
        ("a.txt", picture, "image/png"),
        ("b.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf"),
    ):
        answer = await site.http.post(
            "/files",
            files={"file": (name, content)},
            headers={"Authorization": f"Bearer {mario.token}"},
        )
        assert answer.status_code == 415
        error = answer.json()["error"]
        assert (error["code"], error["mediaType"]) == ("FORBIDDEN_TYPE", type_)
        assert type_ in error["message"]
    await site.upload(mario, "c.txt", b"words")


async def test_the_upload_limit_holds_at_once(site: Site) -> None:
    admin, mario = await site.sign_in("admin"), await site.sign_in("mario")
    await changed(admin, uploadLimitBytes=1_000)
    await site.upload(mario, "a.txt", b"x" * 1_000)
    answer = await site.http.post(
        "/files",
        files={"file": ("b.txt", b"x" * 1_001)},
        headers={"Authorization": f"Bearer {mario.token}"},
    )
    assert (answer.status_code, answer.json()["error"]["limitBytes"]) == (413, 1_000)
