"""Operators over the API: made, changed, shut out, let in again, looked up; at once in force."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from models.people import Operator
from models.tickets import Ticket
from resolvers.ids import decode
from tests.administration.staff import everything_kept, lines, opened, operator, program, refusals
from tests.journeys.page import watching
from tests.resolvers.desk import gid_of
from tests.support.example_b import PASSWORD
from tests.support.site import SIGN_IN, Client, Failed, Site, gid
from tests.support.statements import counted

FACE = """
  id name email active language timeZone signature role { name } defaultDepartment { name }
  departments { name } groups { name } notifications { kind email inApp } apiTokens { name }"""
CREATED = f"... on OperatorCreated {{ password operator {{ {FACE} }} }}"
UPDATED = f"... on OperatorUpdated {{ operator {{ {FACE} }} }}"
RESET = "... on OperatorPasswordReset { password operator { name } }"
LIST = """query ($search: String, $active: Boolean) {
  operators(first: 50, search: $search, active: $active) { totalCount edges { node { name } } } }"""


async def signed_in(site: Site, email: str, password: str) -> Client | None:
    """A client by the API's own sign-in; None when it is refused."""
    answer = await site.anonymous().run(SIGN_IN, email=email, password=password)
    token = answer["signIn"].get("token")
    return replace(site.anonymous(), token=token) if token else None


async def test_made_with_a_password_shown_once(site: Site) -> None:
    admin = await site.sign_in("admin")
    input = {
        "name": " Elena\0 ", "email": " Elena@Demo.test ", "roleId": await gid_of("Role", "bruno"),
        "language": "it", "timeZone": "Europe/Rome", "signature": "Elena\r\nUfficio",
        "defaultDepartmentId": await gid_of("Department", "Fiscale"), "idempotencyKey": "elena",
        "notifications": [{"kind": "MENTIONED", "email": False}],
    }  # fmt: skip
    with capture_logs() as logged:
        made = await admin.do("operatorCreate", CREATED, **input)
        again = await admin.do("operatorCreate", CREATED, **input)
    secret, elena = made["password"], made["operator"]
    assert len(secret) == 20
    told = elena.pop("notifications")
    assert {"kind": "MENTIONED", "email": False, "inApp": True} in told
    assert len(told) == 5
    assert elena == {
        "id": elena["id"], "name": "Elena", "email": "elena@demo.test", "active": True,
        "language": "it", "timeZone": "Europe/Rome", "signature": "Elena\nUfficio",
        "role": {"name": "bruno"}, "defaultDepartment": {"name": "Fiscale"},
        "departments": [], "groups": [], "apiTokens": [],
    }  # fmt: skip
    assert (again["operator"]["id"], again["password"]) == (elena["id"], None)
    assert await Operator.filter(name="Elena").count() == 1
    other = await admin.do("operatorCreate", CREATED, **input | {"name": "Altra"})
    assert other["__typename"] == "IdempotencyConflict"
    theirs = await signed_in(site, "elena@demo.test", secret)
    assert theirs is not None
    assert (await theirs.run("{ viewer { name role { name } } }"))["viewer"]["name"] == "Elena"
    (line,) = await lines("operator.create")
    assert line["name"] == "Elena"
    assert ["role", None, "bruno"] in line["changes"]
    assert secret not in f"{await everything_kept()} {logged}"


async def test_made_with_a_password_given(site: Site) -> None:
    admin = await site.sign_in("admin")
    given = "una frase lunga"
    input = {
        "name": "Elena", "email": "elena@demo.test", "roleId": await gid_of("Role", "operator"),
        "idempotencyKey": "e",
    }  # fmt: skip
    with capture_logs() as logged:
        made = await admin.do("operatorCreate", CREATED, **input, password=given)
        again = await admin.do("operatorCreate", CREATED, **input, password="un'altra frase")
        made_up = await admin.do("operatorCreate", CREATED, **input)
    assert again == made, "a digest must not know the password"
    assert made_up["__typename"] == "IdempotencyConflict"
    assert made["password"] is None
    assert (made["operator"]["language"], made["operator"]["timeZone"]) == ("en", "UTC")
    assert await signed_in(site, "elena@demo.test", given) is not None
    assert given not in f"{await everything_kept()} {logged}"


async def test_changed_field_by_field(site: Site) -> None:
    admin = await site.sign_in("admin")
    anna = await operator("anna")
    fiscale = await gid_of("Department", "Fiscale")
    changed = await admin.do(
        "operatorUpdate", UPDATED, operatorId=anna, email="anna.rossi@demo.test",
        defaultDepartmentId=fiscale,
        notifications=[{"kind": "NEW_TICKET", "email": False, "inApp": False},
                       {"kind": "ASSIGNED", "inApp": True}],
    )  # fmt: skip
    face = changed["operator"]
    assert (face["name"], face["language"], face["email"]) == ("Anna", "it", "anna.rossi@demo.test")
    assert face["defaultDepartment"] == {"name": "Fiscale"}
    assert face["departments"] == [{"name": "Patronato"}]
    assert face["groups"] == [{"name": "Sportello"}]
    muted = [one["kind"] for one in face["notifications"] if not (one["email"] and one["inApp"])]
    assert muted == ["NEW_TICKET"]
    cleared = await admin.do("operatorUpdate", UPDATED, operatorId=anna, defaultDepartmentId=None)
    assert cleared["operator"]["defaultDepartment"] is None
    nothing = await admin.do("operatorUpdate", UPDATED, operatorId=anna)
    assert nothing == cleared
    first, second = await lines("operator.update")
    assert first["changes"] == [
        ["email", "anna@demo.test", "anna.rossi@demo.test"],
        ["defaultDepartment", None, "Fiscale"],
        ["notifications", "NEW_TICKET, email: yes", "NEW_TICKET, email: no"],
        ["notifications", "NEW_TICKET, in app: yes", "NEW_TICKET, in app: no"],
    ]
    assert second["changes"] == [["defaultDepartment", "Fiscale", None]]


async def test_another_role_ends_open_feeds(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    id = await opened(mario)
    profile = await admin.do(
        "profileCreate", "... on ProfileCreated { profile { id } }", name="Niente", rights=[]
    )
    role = await admin.do(
        "roleCreate", "... on RoleCreated { role { id } }",
        name="Niente", profileId=profile["profile"]["id"],
    )  # fmt: skip
    async with watching(anna, id) as page, watching(admin, id) as still:
        await admin.do(
            "operatorUpdate", operatorId=await operator("anna"), roleId=role["role"]["id"]
        )
        await page.revoked()
        await still.equals_a_fresh_query()
    assert (await lines("operator.update"))[0]["changes"] == [["role", "operator", "Niente"]]


async def test_shut_out_and_let_in_again(site: Site) -> None:
    admin, bruno, mario = [await site.sign_in(one) for one in ("admin", "bruno", "mario")]
    tool, _ = await program(bruno, "TICKETS_VIEW")
    id = await opened(mario)
    who = await operator("bruno")
    await admin.do("ticketAssign", ticketId=id, assigneeId=who)
    held = await bruno.do("replyLockAcquire", ticketId=id)
    assert held["__typename"] == "ReplyLockHeld"
    await Ticket.filter(id=decode(id)[1]).update(creator_id=decode(who)[1])
    async with bruno.live() as desk, tool.live() as machine, watching(admin, id) as page:
        done = await admin.do(
            "operatorDeactivate", "... on OperatorDeactivated { operator { active } }",
            operatorId=who,
        )  # fmt: skip
        assert done["operator"] == {"active": False}
        assert [await desk.closed(), await machine.closed()] == [4403, 4403]
        await page.until(lambda page: page.lock_holder is None)
    assert [await refusals(bruno), await refusals(tool)] == [401, 401]
    assert await signed_in(site, "bruno@demo.test", PASSWORD) is None
    seen = await admin.run(
        "query ($id: ID!, $who: ID!) { ticket(id: $id) { assignee { ... on Operator { name } } }"
        " operator(id: $who) { active departments { name } groups { name }"
        " apiTokens { revokedAt } } }", id=id, who=who,
    )  # fmt: skip
    assert seen["ticket"]["assignee"] == {"name": "Bruno"}
    assert (await Ticket.get(id=decode(id)[1])).creator_id == decode(who)[1]
    assert seen["operator"]["departments"] == [{"name": "Immigrazione"}]
    assert seen["operator"]["groups"] == [{"name": "Sportello"}]
    assert seen["operator"]["apiTokens"][0]["revokedAt"] is not None
    assert (await admin.do("operatorDeactivate", operatorId=who))["__typename"] == (
        "OperatorDeactivated"
    )
    back = await admin.do(
        "operatorActivate", "... on OperatorActivated { operator { active } }", operatorId=who
    )
    assert back["operator"] == {"active": True}
    assert (await admin.do("operatorActivate", operatorId=who))["__typename"] == "OperatorActivated"
    assert [await refusals(bruno), await refusals(tool)] == [401, 401]
    assert await signed_in(site, "bruno@demo.test", PASSWORD) is not None
    assert [one["changes"] for one in await lines("operator.deactivate")] == [
        [["active", "yes", "no"]]
    ]
    assert len(await lines("operator.activate")) == 1


async def test_a_password_reset_ends_sessions_and_leaves_tokens(site: Site) -> None:
    admin, anna, again = [await site.sign_in(one) for one in ("admin", "anna", "anna")]
    tool, _ = await program(anna, "TICKETS_VIEW")
    who = await operator("anna")
    with capture_logs() as logged:
        async with anna.live() as first, again.live() as second, tool.live() as machine:
            done = await admin.do("operatorResetPassword", RESET, operatorId=who)
            assert [await first.closed(), await second.closed()] == [4403, 4403]
            feed = await machine.subscribe("query { tickets { totalCount } }")
            assert await feed.next() == {"totalCount": 0}
    assert [await refusals(one) for one in (anna, again, tool)] == [401, 401, 200]
    assert await signed_in(site, "anna@demo.test", PASSWORD) is None
    fresh = await signed_in(site, "anna@demo.test", done["password"])
    assert fresh is not None
    given = await admin.do(
        "operatorResetPassword", RESET, operatorId=who, password="una frase lunga"
    )
    assert given["password"] is None
    assert await refusals(fresh) == 401
    assert await signed_in(site, "anna@demo.test", "una frase lunga") is not None
    assert (
        await lines("operator.resetPassword")
        == [{"name": "Anna", "changes": [["password", None, None]]}] * 2
    )
    assert done["password"] not in f"{await everything_kept()} {logged}"


async def test_looked_up(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    await admin.do("operatorDeactivate", operatorId=await operator("carla"))

    async def names(**given: Any) -> list[str]:
        page = (await anna.run(LIST, **given))["operators"]
        found = [edge["node"]["name"] for edge in page["edges"]]
        assert page["totalCount"] == len(found)
        return found

    everybody = ["Admin", "Anna", "Bruno", "Carla", "Dino"]
    assert await names() == await names(search=" ", active=None) == everybody
    assert await names(active=False) == ["Carla"]
    assert await names(active=True) == ["Admin", "Anna", "Bruno", "Dino"]
    assert await names(search="NN") == ["Anna"]
    assert await names(search="carla@") == await names(search="car", active=False) == ["Carla"]
    for nothing in ("%", "_", "\0", "x" * 300, "car' OR"):
        assert await names(search=nothing) == []
    one = "query ($id: ID!) { operator(id: $id) { name active } }"
    assert await anna.run(one, id=await operator("carla")) == {
        "operator": {"name": "Carla", "active": False}
    }
    for garbage in (gid("Operator", 999), gid("Contact", 1), "garbage", ""):
        assert await anna.run(one, id=garbage) == {"operator": None}


async def test_what_is_personal_is_for_oneself_and_for_who_sees_the_settings(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    query = f"query ($id: ID!) {{ operator(id: $id) {{ {FACE} }} }}"
    mine = (await anna.run(query, id=await operator("anna")))["operator"]
    assert mine == (await admin.run(query, id=await operator("anna")))["operator"]
    assert mine["language"] == "it"
    personal = (
        "language", "timeZone", "signature", "role { name }", "defaultDepartment { name }",
        "departments { name }", "groups { name }", "notifications { kind }", "apiTokens { name }",
    )  # fmt: skip
    for field in personal:
        with pytest.raises(Failed) as failed:
            await anna.run(
                f"query ($id: ID!) {{ operator(id: $id) {{ {field} }} }}",
                id=await operator("bruno"),
            )
        assert failed.value.code == "FORBIDDEN"


async def test_statements_do_not_grow_with_operators(site: Site) -> None:
    admin = await site.sign_in("admin")
    sent: list[int] = []
    for first in (2, 2, 5):  # the first, who administers, is a member of nothing
        with counted() as statements:
            await admin.run(f"{{ operators(first: {first}) {{ edges {{ node {{ {FACE} }} }} }} }}")
        sent.append(len(statements))
    assert sent[1] == sent[2]
