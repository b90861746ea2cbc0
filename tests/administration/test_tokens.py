"""API tokens over the API: made, shown once, used within scopes, listed, revoked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed

from models.people import Operator
from models.sessions import Session
from models.sql import clock
from resolvers.ids import decode
from tests.administration.staff import (
    TOKEN,
    WRONG,
    everything_kept,
    lines,
    operator,
    paths_of,
    program,
    refusals,
    refused,
)
from tests.support.live import connected
from tests.support.site import Failed, Site, gid

FACE = "id name scopes createdAt expiresAt lastUsedAt revokedAt operator { name }"
OWN = f"{{ apiTokens {{ {FACE} }} }}"
NODE = f"query ($id: ID!) {{ node(id: $id) {{ __typename ... on ApiToken {{ {FACE} }} }} }}"
FAR = "9999-12-31T00:00:00Z"
REVOKED = "... on ApiTokenRevoked { apiToken { revokedAt } }"


def days(number: float) -> str:
    return (datetime.now(UTC) + timedelta(days=number)).isoformat()


async def test_shown_once_and_listed(site: Site) -> None:
    anna, bruno, admin = [await site.sign_in(one) for one in ("anna", "bruno", "admin")]
    with capture_logs() as logged:
        tool, id = await program(anna, "TICKETS_WRITE", "TICKETS_VIEW", "TICKETS_VIEW")
    assert tool.token is not None
    assert tool.token.startswith("spt_")
    assert len(tool.token) == 47
    (mine,) = (await anna.run(OWN))["apiTokens"]
    assert mine == {
        "id": id, "name": "Import", "scopes": ["TICKETS_VIEW", "TICKETS_WRITE"],
        "createdAt": mine["createdAt"], "expiresAt": mine["expiresAt"],
        "lastUsedAt": None, "revokedAt": None, "operator": {"name": "Anna"},
    }  # fmt: skip
    assert (await tool.run("{ viewer { name } tickets { totalCount } }")) == {
        "viewer": {"name": "Anna"}, "tickets": {"totalCount": 0},
    }  # fmt: skip
    (used,) = (await anna.run(OWN))["apiTokens"]
    assert used["lastUsedAt"] is not None
    assert used["expiresAt"] == mine["expiresAt"]
    theirs = f"query ($id: ID!) {{ operator(id: $id) {{ apiTokens {{ {FACE} }} }} }}"
    for by in (admin, anna):
        seen = await by.run(theirs, id=await operator("anna"))
        assert seen["operator"]["apiTokens"] == [used]
        assert (await by.run(NODE, id=id))["node"] == {"__typename": "ApiToken", **used}
    assert (await bruno.run(OWN))["apiTokens"] == []
    for by in (bruno, tool):
        assert await by.run(NODE, id=id) == {"node": None}
        with pytest.raises(Failed) as failed:
            await by.run(theirs, id=await operator("anna"))
        assert failed.value.code == "FORBIDDEN"
    session = await Session.exclude(operator_id=(await Operator.get(name="Bruno")).id).first()
    assert session is not None
    assert not session.is_token
    assert await admin.run(NODE, id=gid("Token", session.id)) == {"node": None}
    (line,) = await lines("token.create")
    assert line["name"] == "Import"
    assert line["changes"][1:2] == [["scopes", None, "tickets.view, tickets.write"]]
    assert tool.token not in f"{await everything_kept()} {logged}"


async def test_the_same_key_makes_one(site: Site) -> None:
    anna = await site.sign_in("anna")
    same = {
        "name": "Una", "scopes": ["TICKETS_VIEW"], "expiresAt": days(3), "idempotencyKey": "una",
    }  # fmt: skip
    once, twice = [await anna.do("apiTokenCreate", TOKEN, **same) for _ in range(2)]
    assert once["apiToken"] == twice["apiToken"]
    assert once["token"]
    assert twice["token"] is None
    other = await anna.do("apiTokenCreate", TOKEN, **same | {"scopes": ["TICKETS_WRITE"]})
    assert other["__typename"] == "IdempotencyConflict"
    assert await Session.filter(name="Una").count() == 1
    assert once["token"] not in await everything_kept()


async def test_what_cannot_be(site: Site) -> None:
    anna, admin = await site.sign_in("anna"), await site.sign_in("admin")
    await admin.do("operatorDeactivate", operatorId=await operator("carla"))
    good = {"name": "Import", "scopes": ["TICKETS_VIEW"], "expiresAt": days(3)}
    beyond = {"scopes": ["TICKETS_VIEW", "TICKETS_DELETE", "ADMINISTER"]}
    bad: list[tuple[dict[str, Any], list[str]]] = [
        *(({"name": name}, ["name"]) for name in ("", " \0 ", "x" * 201)),
        ({"scopes": []}, ["scopes"]),
        ({"scopes": ["VIEW_ALL_TICKETS"]}, ["scopes"]),
        ({"scopes": ["TICKETS_VIEW", "TAKE_OVER_LOCK"]}, ["scopes"]),
        (beyond, ["scopes", "scopes"]),
        *(({"expiresAt": one}, ["expiresAt"]) for one in (days(-1), days(366.1), FAR)),
        ({"name": "", "scopes": [], "expiresAt": days(-1)}, ["name", "scopes", "expiresAt"]),
    ]  # fmt: skip
    for wrong, paths in bad:
        answer = await anna.do("apiTokenCreate", TOKEN, **good | wrong)
        assert paths_of(answer) == paths, wrong
        if wrong is beyond:
            said = [one["message"] for one in answer["fields"]]
            assert "ADMINISTER" in said[0]
            assert "TICKETS_DELETE" in said[1]
    for single in ("VIEW_ALL_TICKETS", "TAKE_OVER_LOCK"):
        assert paths_of(await admin.do("apiTokenCreate", TOKEN, **good | {"scopes": [single]}))
    for who in ("garbage", "", gid("Operator", 99), await operator("carla"), gid("Role", 1)):
        answer = await admin.do("apiTokenCreate", TOKEN, **good, operatorId=who)
        assert paths_of(answer) == ["operatorId"]
        await refused(await anna.do("apiTokenCreate", TOKEN, **good, operatorId=who), "administer")
    for wrong in ({"name": None}, {"scopes": None}, {"scopes": ["LUNCH"]}, {"expiresAt": "soon"}):
        with pytest.raises(Failed) as failed:
            await anna.do("apiTokenCreate", TOKEN, **good | wrong)
        assert failed.value.code == "BAD_REQUEST"
    assert await lines("token.create") == []


async def test_administrators_make_them_for_others_within_their_rights(site: Site) -> None:
    admin, anna = await site.sign_in("admin"), await site.sign_in("anna")
    who = await operator("anna")
    tool, id = await program(admin, "TICKETS_VIEW", operatorId=who)
    assert (await tool.run("{ viewer { name } }"))["viewer"] == {"name": "Anna"}
    assert [one["id"] for one in (await anna.run(OWN))["apiTokens"]] == [id]
    assert (await admin.run(OWN))["apiTokens"] == []
    more = await admin.do(
        "apiTokenCreate", TOKEN,
        name="x", scopes=["ADMINISTER"], expiresAt=days(1), operatorId=who,
    )  # fmt: skip
    assert paths_of(more) == ["scopes"]


async def test_revoked(site: Site) -> None:
    anna, bruno, admin = [await site.sign_in(one) for one in ("anna", "bruno", "admin")]
    (one, first), (other, second) = [await program(anna, "TICKETS_VIEW") for _ in range(2)]
    session = await Session.filter(name="", operator_id=decode(await operator("anna"))[1]).first()
    assert session is not None
    for by, id in (
        (bruno, first), (anna, gid("Token", session.id)), (admin, gid("Token", session.id)),
        (anna, gid("Token", 999)), (anna, "garbage"), (anna, ""), (anna, await operator("anna")),
    ):  # fmt: skip
        assert (await by.do("apiTokenRevoke", tokenId=id))["__typename"] == "NotFound"
    assert [await refusals(by) for by in (one, other, anna)] == [200, 200, 200]
    done = await anna.do("apiTokenRevoke", REVOKED, tokenId=first)
    assert await anna.do("apiTokenRevoke", REVOKED, tokenId=first) == done
    assert [await refusals(by) for by in (one, other, anna)] == [401, 200, 200]
    assert (await admin.do("apiTokenRevoke", tokenId=second))["__typename"] == "ApiTokenRevoked"
    assert [await refusals(by) for by in (one, other, anna)] == [401, 401, 200]
    with pytest.raises(Failed) as failed:
        await one.run("{ viewer { name } }")
    assert failed.value.code == "UNAUTHENTICATED"
    await anna.run("mutation { signOut { __typename } }")
    assert len(await lines("token.revoke")) == 2
    assert (await lines("token.revoke"))[0]["changes"][0][0] == "revokedAt"


async def test_expired_or_wrong(site: Site) -> None:
    anna = await site.sign_in("anna")
    tool, _ = await program(anna, "TICKETS_VIEW")
    await Session.filter(name="Import").update(expires_at=await clock() - timedelta(seconds=1))
    for bad in (tool, replace(tool, token="spt_" + "x" * 43), replace(tool, token="spt_")):
        assert await refusals(bad) == 401
        with pytest.raises(ConnectionClosed) as closed:
            async with connected(site.host, tool.path, bad.token):
                pass
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
    client = replace(tool, path="/client/graphql")
    assert await refusals(client) == 401
    (listed,) = (await anna.run(OWN))["apiTokens"]
    assert listed["revokedAt"] is None
    assert (await anna.do("apiTokenRevoke", REVOKED, tokenId=listed["id"]))["apiToken"]["revokedAt"]


async def test_making_one_takes_an_administrator_or_the_operator(site: Site) -> None:
    anna = await site.sign_in("anna")
    answer = await anna.do(
        "apiTokenCreate", WRONG, name="x", scopes=["TICKETS_VIEW"], expiresAt=days(1),
        operatorId=await operator("bruno"),
    )  # fmt: skip
    await refused(answer, "administer")
    with pytest.raises(Failed) as failed:
        await site.anonymous().run(OWN)
    assert failed.value.code == "UNAUTHENTICATED"
