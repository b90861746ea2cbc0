"""What cannot be done to operators: bad input, the last administrator, who may more."""

import asyncio
from typing import Any

from models.people import Operator
from tests.administration.staff import DENIED, WRONG, grant, lines, operator, paths_of, refused
from tests.resolvers.desk import gid_of
from tests.support.databases import freshen
from tests.support.site import Client, Site, gid


async def settings_for(profile: str) -> None:
    """Those of a profile may change the settings, and no more than they had."""
    await grant(profile, "settings.view", "settings.write")
    await freshen()


async def test_what_cannot_be(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await operator("anna")
    good = {
        "name": "Elena", "email": "elena@demo.test", "roleId": await gid_of("Role", "operator"),
        "password": "una frase lunga",
    }  # fmt: skip
    both: list[tuple[dict[str, Any], str]] = [
        *(({"name": name}, "name") for name in (None, "", " \0 ", " \u200b", "x" * 201)),
        *(({"email": one}, "email") for one in (None, "", "elena", "a@b", "x" * 250 + "@b.it")),
        ({"email": "BRUNO@demo.test "}, "email"),
        *(({"email": f"bruno{one}@demo.test"}, "email") for one in "\u200b\u202e\xad\ufeff"),
        *(({"roleId": one}, "roleId") for one in (None, "", anna, gid("Role", 99))),
        *(({"language": one}, "language") for one in (None, "", "fr", "IT")),
        *(({"timeZone": one}, "timeZone") for one in (None, "", "Rome", "../etc", "localtime")),
        *(({"signature": one}, "signature") for one in (None, "x" * 10_001)),
        *(({"defaultDepartmentId": one}, "defaultDepartmentId") for one in ("", anna)),
        ({"notifications": None}, "notifications"),
        ({"notifications": [{"kind": "MENTIONED"}, {"kind": "MENTIONED"}]}, "notifications"),
    ]
    for wrong, path in both:
        assert paths_of(await admin.do("operatorCreate", WRONG, **good | wrong)) == [path], wrong
        changed = await admin.do("operatorUpdate", WRONG, operatorId=anna, **wrong)
        assert paths_of(changed) == [path], wrong
    passwords = ("", "x" * 11, "x" * 1001, "justinbieber", "Elena@demo.test")
    for password in passwords:
        for mutation, given in (
            ("operatorCreate", good | {"password": password}),
            ("operatorResetPassword", {"operatorId": anna, "password": password}),
        ):
            if (mutation, password) != ("operatorResetPassword", passwords[-1]):
                assert paths_of(await admin.do(mutation, WRONG, **given)) == ["password"]
    everything = await admin.do("operatorCreate", WRONG, password="x", timeZone="x")
    assert paths_of(everything) == ["name", "email", "roleId", "timeZone", "password"]
    assert await Operator.all().count() == 5
    for kind in ("create", "update", "resetPassword"):
        assert await lines(f"operator.{kind}") == []


async def test_there_is_none(site: Site) -> None:
    admin = await site.sign_in("admin")
    for mutation in (
        "operatorUpdate", "operatorDeactivate", "operatorActivate", "operatorResetPassword",
    ):  # fmt: skip
        for id in ("", "garbage", gid("Operator", 999), gid("Role", 1), gid("Operator", 0)):
            answer = await admin.do(mutation, operatorId=id)
            assert answer["__typename"] == "NotFound", mutation


async def test_the_last_administrator_stays(site: Site) -> None:
    admin, me, bruno = await site.sign_in("admin"), await operator("admin"), await operator("bruno")
    workers = await gid_of("Role", "operator")
    rulers = await gid_of("Role", "admin")
    alone = await admin.do("operatorDeactivate", WRONG, operatorId=me)
    assert paths_of(alone) == ["operatorId"]
    lowered = await admin.do("operatorUpdate", WRONG, operatorId=me, roleId=workers)
    assert paths_of(lowered) == ["roleId"]
    own = await admin.do("operatorResetPassword", WRONG, operatorId=me)
    assert paths_of(own) == ["operatorId"]
    assert (await admin.run("{ viewer { active role { name } } }"))["viewer"] == {
        "active": True, "role": {"name": "admin"},
    }  # fmt: skip
    await admin.do("operatorUpdate", operatorId=bruno, roleId=rulers)
    other = await site.sign_in("bruno")
    both = await asyncio.gather(
        admin.do("operatorDeactivate", WRONG, operatorId=bruno),
        other.do("operatorDeactivate", WRONG, operatorId=me),
        return_exceptions=True,
    )
    done = [one for one in both if isinstance(one, dict)]
    assert [one["__typename"] for one in done].count("OperatorDeactivated") == 1, both
    assert await Operator.filter(name__in=["Admin", "Bruno"], active=True).count() == 1
    assert len(await lines("operator.deactivate")) == 1


async def test_who_may_not(site: Site) -> None:
    anna, bruno = await site.sign_in("anna"), await operator("bruno")
    role = await gid_of("Role", "operator")
    input = {"name": "Elena", "email": "elena@demo.test", "roleId": role}
    for mutation, given in (
        ("operatorCreate", input),
        ("operatorUpdate", {"operatorId": bruno, "name": "B"}),
        ("operatorUpdate", {"operatorId": await operator("anna"), "name": "B"}),
        ("operatorDeactivate", {"operatorId": bruno}),
        ("operatorActivate", {"operatorId": bruno}),
        ("operatorResetPassword", {"operatorId": bruno}),
    ):
        await refused(await anna.do(mutation, DENIED, **given), "settings.write")
    assert await Operator.filter(name__in=["Elena", "B"]).count() == 0


async def test_nobody_reaches_who_may_more(site: Site) -> None:
    await settings_for("operator")
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    chief, bruno, dino = [await operator(one) for one in ("admin", "bruno", "dino")]
    roles = {name: await gid_of("Role", name) for name in ("operator", "bruno", "admin")}
    new = {"name": "Elena", "email": "elena@demo.test"}
    for role, right in (("bruno", "tickets.delete"), ("admin", "administer")):
        made = await anna.do("operatorCreate", WRONG, **new, roleId=roles[role])
        await refused(made, right)
        raised = await anna.do("operatorUpdate", WRONG, operatorId=dino, roleId=roles[role])
        await refused(raised, right)
        own = await anna.do(
            "operatorUpdate", WRONG, operatorId=await operator("anna"), roleId=roles[role]
        )
        await refused(own, right)
    for who, right in ((bruno, "tickets.delete"), (chief, "administer")):
        for mutation, given in (
            ("operatorUpdate", {"roleId": roles["operator"]}),
            ("operatorUpdate", {"email": "other@demo.test"}),
            ("operatorDeactivate", {}),
            ("operatorResetPassword", {"password": "una frase lunga"}),
        ):
            await refused(await anna.do(mutation, WRONG, operatorId=who, **given), right)
    await admin.do("operatorDeactivate", operatorId=bruno)
    await refused(await anna.do("operatorActivate", DENIED, operatorId=bruno), "tickets.delete")
    assert await lines("operator.create") == await lines("operator.update") == []
    for mutation, given in (
        ("operatorCreate", new | {"roleId": roles["operator"]}),
        ("operatorUpdate", {"operatorId": dino, "email": "dino.bianchi@demo.test"}),
        ("operatorUpdate", {"operatorId": bruno, "name": "Bruno R", "email": "bruno@demo.test"}),
        ("operatorResetPassword", {"operatorId": dino}),
        ("operatorDeactivate", {"operatorId": dino}),
        ("operatorActivate", {"operatorId": dino}),
    ):
        answer = await anna.do(mutation, DENIED, **given)
        assert answer["__typename"] not in ("NotPermitted", "InvalidInput"), (mutation, answer)


async def test_two_at_once_make_one(site: Site) -> None:
    admin = await site.sign_in("admin")
    role = await gid_of("Role", "operator")

    async def make(by: Client, **more: str) -> str:
        answer = await by.do(
            "operatorCreate", name="Elena", email="elena@demo.test", roleId=role, **more
        )
        return answer["__typename"]

    made = await asyncio.gather(*(make(admin) for _ in range(3)))
    assert sorted(made) == ["InvalidInput", "InvalidInput", "OperatorCreated"]
    assert await Operator.filter(name="Elena").count() == 1
