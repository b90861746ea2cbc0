"""What a token may: its scopes of what its operator may, as of now; files alike."""

from typing import Any

import pytest

from models.hierarchy import Profile
from models.sessions import Session
from models.sql import clock
from tests.administration.staff import opened, program, refused
from tests.resolvers.desk import gid_of
from tests.support.databases import freshen
from tests.support.site import Client, Failed, Site, gid

NODE = "query ($id: ID!) { node(id: $id) { __typename } }"


async def forbidden(by: Client, scope: str, query: str, **variables: Any) -> None:
    """The request is refused at top level, and says which scope it lacks."""
    with pytest.raises(Failed) as failed:
        await by.run(query, **variables)
    assert failed.value.code == "FORBIDDEN", query
    assert scope in str(failed.value), query


async def test_scopes_narrow(site: Site) -> None:
    bruno, mario, admin = [await site.sign_in(one) for one in ("bruno", "mario", "admin")]
    id = await opened(mario)
    reader, _ = await program(bruno, "TICKETS_VIEW")
    stranger, _ = await program(bruno, "CONTACTS_VIEW")
    note = 'mutation ($id: ID!) { ticketAddNote(input: {ticketId: $id, body: "x"}) { __typename } }'
    delete = "mutation ($id: ID!) { ticketDelete(input: {ticketId: $id}) { __typename } }"
    query = "query ($id: ID!) { ticket(id: $id) { number allowedActions } }"
    assert (await reader.run(query, id=id))["ticket"]["allowedActions"] == ["VIEW"]
    for mutation, scope in ((note, "TICKETS_WRITE"), (delete, "TICKETS_DELETE")):
        await forbidden(reader, scope, mutation, id=id)
    await forbidden(reader, "CONTACTS_VIEW", "{ contacts { totalCount } }")
    await forbidden(reader, "SETTINGS_VIEW", "{ profiles { name } }")
    for hidden in (
        "{ tickets { totalCount } }", "{ ticketCounters { new } }", "{ drafts { body } }",
        "{ ticket(number: 1) { number } }", "{ ticket(number: 999) { number } }",
    ):  # fmt: skip
        await forbidden(stranger, "TICKETS_VIEW", hidden)
    assert await stranger.run(NODE, id=id) == await stranger.run(NODE, id=gid("Ticket", 999))
    person = await stranger.run("{ contacts { edges { node { __typename } } } }")
    assert len(person["contacts"]["edges"]) == 4
    clerk, _ = await program(admin, "SETTINGS_VIEW")
    await forbidden(
        clerk,
        "SETTINGS_WRITE",
        'mutation { operatorDeactivate(input: {operatorId: "x"}) { __typename } }',
    )
    all_seeing, _ = await program(admin, "TICKETS_VIEW")
    assert (await all_seeing.run("{ tickets { totalCount } }"))["tickets"]["totalCount"] == 1
    await forbidden(all_seeing, "SETTINGS_VIEW", "{ profiles { name } }")
    everything, _ = await program(admin, "ADMINISTER")
    assert (await everything.run(query, id=id))["ticket"]["allowedActions"] != ["VIEW"]
    made = await everything.do(
        "profileCreate",
        "... on ProfileCreated { profile { name } }",
        name="Da programma",
        rights=[],
    )
    assert made["profile"]["name"] == "Da programma"


async def test_it_never_outgrows_its_operator(site: Site) -> None:
    admin, anna, mario = [await site.sign_in(one) for one in ("admin", "anna", "mario")]
    id = await opened(mario)
    tool, _ = await program(anna, "TICKETS_VIEW", "TICKETS_WRITE", "CONTACTS_VIEW")
    profile = await gid_of("Profile", "operator")
    note = {"ticketId": id, "body": "<p>x</p>"}
    assert (await tool.do("ticketAddNote", **note))["__typename"] == "TicketNoted"
    await admin.do("profileUpdate", profileId=profile, rights=["TICKETS_VIEW", "TICKETS_DELETE"])
    await refused(await tool.do("ticketAddNote", "... on NotPermitted { action }", **note), "NOTE")
    assert (await tool.run("{ contacts { totalCount } }"))["contacts"] == {"totalCount": 0}
    await forbidden(tool, "TICKETS_DELETE", "{ deletedTickets { totalCount } }")
    await admin.do("profileUpdate", profileId=profile, rights=["ADMINISTER"])
    assert (await tool.do("ticketAddNote", **note))["__typename"] == "TicketNoted"
    await forbidden(tool, "TICKETS_DELETE", "{ deletedTickets { totalCount } }")
    await forbidden(tool, "SETTINGS_VIEW", "{ profiles { name } }")
    await Profile.filter(name="operator").update(rights=[])
    await freshen()
    assert (await tool.run("{ tickets { totalCount } }"))["tickets"] == {"totalCount": 0}


async def test_files_by_token(site: Site) -> None:
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    id = await opened(mario)
    writer, _ = await program(anna, "TICKETS_VIEW", "TICKETS_WRITE")
    reader, _ = await program(anna, "TICKETS_VIEW")
    stranger, _ = await program(anna, "CONTACTS_VIEW")
    upload = await site.upload(writer, "a.txt", b"hello")
    noted = await writer.do(
        "ticketAddNote", "... on TicketNoted { note { ... on Post { attachments { id } } } }",
        ticketId=id, body="<p>x</p>", uploadIds=[upload],
    )  # fmt: skip
    (document,) = noted["note"]["attachments"]

    async def fetch(by: Client) -> Any:
        return await site.http.get(
            f"/files/{document['id']}", headers={"Authorization": f"Bearer {by.token}"}
        )

    for by in (writer, reader):
        answer = await fetch(by)
        assert (answer.status_code, answer.content) == (200, b"hello")
    lacking = await fetch(stranger)
    assert lacking.status_code == 403
    assert "TICKETS_VIEW" in lacking.text
    sent = await site.http.post(
        "/files", files={"file": ("b.txt", b"x")},
        headers={"Authorization": f"Bearer {reader.token}"},
    )  # fmt: skip
    assert sent.status_code == 403
    assert "TICKETS_WRITE" in sent.text
    await Session.filter(name="Import").update(ended_at=await clock())
    assert (await fetch(writer)).status_code == 401
