"""What a review by strangers found: each abuse is refused, and tells nothing."""

import pytest

from tests.support.site import Failed, Site, category

TIMELINE = """
query ($id: ID!) { ticket(id: $id) { timeline { edges { node {
  ... on SystemEvent { kind changes { field to } } } } } } }"""


async def opened(site: Site, subject: str) -> str:
    """Mario's ticket in Rinnovo permesso."""
    mario = await site.sign_in("mario")
    rinnovo = await category(mario, "Rinnovo permesso")
    done = await mario.do(
        "ticketOpen",
        "... on TicketOpened { ticket { id } }",
        categoryId=rinnovo,
        subject=subject,
        body="testo",
    )
    return done["ticket"]["id"]


async def test_events_name_other_tickets_to_those_who_see_them(site: Site) -> None:
    kept, secret = await opened(site, "Base"), await opened(site, "SEGRETO")
    anna, bruno = await site.sign_in("anna"), await site.sign_in("bruno")
    await bruno.do("ticketChangeLevel", ticketId=secret, level="ADVANCED")
    assert (await bruno.do("ticketMerge", ticketId=secret, intoId=kept))[
        "__typename"
    ] == "TicketMerged"
    for operator, expected in ((anna, None), (bruno, "SEGRETO")):
        page = await operator.run(TIMELINE, id=kept)
        events = [e["node"] for e in page["ticket"]["timeline"]["edges"] if e["node"]]
        (told,) = [event["changes"][0]["to"] for event in events if event["kind"] == "MERGED"]
        assert told is None if expected is None else expected in told


@pytest.mark.parametrize(
    "wanted",
    [
        {"search": "x" * 501},
        *({name: ["x"] * 201} for name in ("tag", "departmentId", "categoryId", "organisationId")),
        {"priority": ["LOW"] * 201},
    ],
)
async def test_filters_are_for_people(site: Site, wanted: dict[str, object]) -> None:
    anna = await site.sign_in("anna")
    with pytest.raises(Failed) as refused:
        await anna.run("query ($f: TicketFilter) { tickets(filter: $f) { totalCount } }", f=wanted)
    assert refused.value.code == "BAD_REQUEST"
    (name,) = wanted
    message = refused.value.errors[0]["message"]
    assert "at most" in message
    assert name in message.lower() + message


async def test_lists_in_inputs_have_an_end(site: Site) -> None:
    id = await opened(site, "Uno")
    anna = await site.sign_in("anna")
    fields = "... on InvalidInput { fields { path message } }"
    me = (await anna.run("{ viewer { id } }"))["viewer"]["id"]
    note = await anna.do("ticketAddNote", fields, ticketId=id, body="x", mentionIds=[me] * 51)
    tags = await anna.do("ticketUpdate", fields, ticketId=id, addTags=[f"{n}" for n in range(101)])
    draft = await anna.do(
        "draftSave", fields, ticketId=id, body="x", baseRevision=0, uploadIds=["x"] * 10_000
    )
    assert [one["path"] for one in note["fields"]] == [["mentionIds"]]
    assert ["addTags"] in [one["path"] for one in tags["fields"]]
    assert len(draft["fields"]) <= 101


@pytest.mark.parametrize("nasty", ["<a" * 50_000, "<a/b=" * 30_000, "<" * 150_000])
async def test_a_body_that_is_all_tags_is_soon_read(site: Site, nasty: str) -> None:
    """Quadratic reading would take minutes, and the test's own limit would end it."""
    id = await opened(site, "Uno")
    mario = await site.sign_in("mario")
    done = await mario.do("messagePost", ticketId=id, body=nasty)
    assert done["__typename"] in ("MessagePosted", "InvalidInput")


async def test_a_body_that_cleaning_blows_up_is_refused(site: Site) -> None:
    id = await opened(site, "Uno")
    mario = await site.sign_in("mario")
    done = await mario.do("messagePost", ticketId=id, body="&" * 199_000)
    assert done["__typename"] == "InvalidInput"
