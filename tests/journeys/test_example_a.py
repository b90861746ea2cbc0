"""Worked example A of the permissions, each cell over the API, and the sentences beneath it."""

from typing import Any

import pytest

from models.people import Contact
from tests.journeys.documents import documents_of
from tests.journeys.example_a import (
    PEOPLE,
    WORD,
    Example,
    done,
    example,
    opened,
    signed_in,
    writing,
)
from tests.journeys.page import watching
from tests.journeys.toolbar import everything, operator
from tests.journeys.unseen import LOOK, may_do_nothing, seen_in_lists, unknown
from tests.support.site import Client, Failed, Site, gid

TEAM_A = {"caller", "other caller", "manager A", "technician A", "supervisor"}
SEEN_BY = (
    {"technician B", "manager B", "supervisor"},
    {"caller", "supervisor"},
    TEAM_A,
    {"manager A", "supervisor"},
    TEAM_A | {"technician B"},
)
"""Of each ticket of the example, in order: the second column of the table."""
COUNTERS = """{ ticketCounters {
  new operatorTurn contactTurn closedToday byDepartment { department { name } } } }"""
OFFERED = {
    "VIEW", "REPLY", "NOTE", "CHANGE_CATEGORY", "CHANGE_LEVEL", "ASSIGN", "TRANSFER", "UPDATE",
    "MERGE", "CLOSE", "DELETE",
}  # fmt: skip
OWN_STATE = {"ticketLeave", "ticketMarkRead", "presenceSet", "draftSave", "draftDelete"}
"""What whoever sees a ticket may do: it changes nothing in it."""
NOTHING_HELD = {"replyLockRenew", "replyLockRelease", "ticketRestore"}
"""What there is nothing of: no lock of theirs, no deletion."""
ACTIONS = "query ($id: ID!) { ticket(id: $id) { allowedActions lastEntryNumber } }"


async def test_each_cell(site: Site) -> None:
    a = await example(site)
    assert [len(seen) for seen in SEEN_BY] == [3, 2, 5, 2, 6]
    for name, who in a.people.items():
        seen = [one for one, by in zip(a.tickets, SEEN_BY, strict=True) if name in by]
        unseen = [one for one in a.tickets if one not in seen]
        assert await seen_in_lists(who, WORD) == {one["number"] for one in seen}, name
        turns = [one["turn"] for one in seen]
        assert (await who.run(COUNTERS))["ticketCounters"] == {
            "new": turns.count("OPERATOR"),
            "operatorTurn": turns.count("OPERATOR"),
            "contactTurn": turns.count("CONTACT"),
            "closedToday": 0,
            "byDepartment": [],
        }, name
        for one in seen:
            await is_there(who, one["id"], one["number"])
        for one in unseen:
            await unknown(who, one)
    for name in PEOPLE:
        unseen = [one for one, by in zip(a.tickets, SEEN_BY, strict=True) if name not in by]
        if unseen:
            again = await signed_in(site, name)  # anew: a session's points are soon spent
            await may_do_nothing(again, a.admin, unseen[-1]["id"])


async def is_there(who: Client, id: str, number: int) -> None:
    """By id, by number, as a node; and its feed begins with what a query says."""
    found = await who.run(LOOK, id=id, number=number)
    face = {"id": id, "subject": f"La {WORD} perde"}
    assert found == {"byId": face, "byNumber": face, "node": {"id": id}}
    async with who.live() as live:
        feed = await live.subscribe(documents_of(who).feed, id=id, after=None)
        first = await feed.next()
        assert (first["__typename"], first["ticket"]["id"]) == ("TicketSnapshot", id)
    async with watching(who, id) as page:
        await page.equals_a_fresh_query()


async def test_a_technician_sees_the_third_and_changes_nothing(site: Site) -> None:
    a = await example(site)
    who, third = a.people["technician A"], a.tickets[2]["id"]
    before = (await who.run(ACTIONS, id=third))["ticket"]
    assert before["allowedActions"] == ["VIEW"]
    async with watching(who, third) as page:
        for name, input in (await everything(a.admin, third)).items():
            answer = await who.do(name, **input)
            if name in OWN_STATE:
                assert "message" not in answer, (name, answer)
            elif name in NOTHING_HELD:
                assert answer["__typename"] in ("NotFound", "LockLost"), (name, answer)
            elif name == "ticketMerge":
                assert answer["__typename"] == "NotFound", answer
            else:
                assert answer["__typename"] == "NotPermitted", (name, answer)
        into = {"ticketId": third, "intoId": a.tickets[4]["id"]}
        assert (await who.do("ticketMerge", **into))["__typename"] == "NotPermitted"
        note = await a.people["manager A"].do("ticketAddNote", ticketId=third, body="seguo io")
        assert note["__typename"] == "TicketNoted"
        entry = await page.reached(len(page.items) + 1)
        assert (entry["__typename"], entry["bodyText"]) == ("InternalNote", "seguo io")
    after = (await who.run(ACTIONS, id=third))["ticket"]
    assert after["lastEntryNumber"] == before["lastEntryNumber"] + 1


async def test_a_manager_may_do_everything(site: Site) -> None:
    a = await example(site)
    who, third = a.people["manager A"], a.tickets[2]["id"]
    assert set((await who.run(ACTIONS, id=third))["ticket"]["allowedActions"]) == OFFERED
    await changed_in_every_way(who, a, third)
    fifth = {"ticketId": a.tickets[4]["id"]}
    await done(who, "ticketMerge", **fifth, intoId=third)
    await done(who, "ticketDelete", **fifth)
    await done(who, "ticketRestore", **fifth)
    await done(who, "ticketClose", ticketId=third, body="Fatto.")
    await done(who, "ticketDelete", ticketId=third)
    await unknown(who, a.tickets[2])
    assert third in {one["id"] for one in await deleted(who)}
    assert await deleted(a.people["manager B"]) == []


async def changed_in_every_way(who: Client, a: Example, id: str) -> None:
    """All that needs nothing but the right to write; theirs it stays."""
    technician = await operator(a.admin, "technician A")
    changes: list[tuple[str, dict[str, Any]]] = [
        ("ticketReply", {"body": "Veniamo."}),
        ("ticketAddNote", {"body": "Alle dieci."}),
        ("ticketUpdate", {"subject": f"La {WORD} gocciola", "addTags": ["idraulica"]}),
        ("ticketChangeLevel", {"level": "ADVANCED"}),
        ("ticketAssign", {"assigneeId": technician}),
        ("ticketAssign", {"assigneeId": a.ids["group Group A"]}),
        ("replyLockAcquire", {}),
        ("ticketLeave", {}),
    ]
    for mutation, input in changes:
        await done(who, mutation, ticketId=id, **input)


async def deleted(who: Client) -> list[dict[str, str]]:
    found = await who.run("{ deletedTickets { edges { node { id } } } }")
    return [edge["node"] for edge in found["deletedTickets"]["edges"]]


async def test_the_call_centre_modifies_and_does_not_delete(site: Site) -> None:
    """Whoever of them it is; the one ticket is the other's, and the group's."""
    a = await example(site)
    who, third = a.people["other caller"], a.tickets[2]["id"]
    offered = set((await who.run(ACTIONS, id=third))["ticket"]["allowedActions"])
    assert offered == OFFERED - {"DELETE"}
    await done(who, "ticketReply", ticketId=third, body="Veniamo.")
    await done(who, "ticketUpdate", ticketId=third, subject=f"La {WORD} gocciola")
    await done(who, "ticketMerge", ticketId=a.tickets[4]["id"], intoId=third)
    refused = await who.do("ticketDelete", "... on NotPermitted { action }", ticketId=third)
    assert (refused["__typename"], refused["action"]) == ("NotPermitted", "DELETE")
    await done(who, "ticketClose", ticketId=third)
    assert (await who.do("ticketDelete", ticketId=third))["__typename"] == "NotPermitted"
    with pytest.raises(Failed) as failed:
        await deleted(who)
    assert failed.value.code == "FORBIDDEN"


async def test_the_call_centre_registers_a_new_caller(site: Site) -> None:
    a = await example(site)
    new = {"contactEmail": "piero.neri@example.test", "contactName": "Piero Neri"}
    async with writing(a):
        refused = await a.people["technician B"].do(
            "ticketOpen", "... on InvalidInput { fields { path } }",
            subject=WORD, body="Acqua", **new,
        )  # fmt: skip
    assert refused["fields"] == [{"path": ["contactEmail"]}], refused
    assert not await Contact.exists(email=new["contactEmail"])
    who = a.people["caller"]
    ticket = await opened(who, a.ids["group Group A"], source="PHONE", **new)
    found = await who.run('{ contacts(search: "Neri") { edges { node { id name email } } } }')
    (registered,) = [edge["node"] for edge in found["contacts"]["edges"]]
    assert (registered["name"], registered["email"]) == tuple(reversed(new.values()))
    again = await opened(who, contactEmail=new["contactEmail"])
    contacts = await who.run(
        "query ($a: ID!, $b: ID!) {"
        " a: ticket(id: $a) { contact { id } } b: ticket(id: $b) { contact { id } } }",
        a=ticket["id"],
        b=again["id"],
    )
    assert {one["contact"]["id"] for one in contacts.values()} == {registered["id"]}
    assert await Contact.filter(email=new["contactEmail"]).count() == 1
    assert gid("Contact", 1) != registered["id"]
