"""Download addresses a program was given: they are the token's, and end with it."""

from tests.administration.staff import opened, program
from tests.support.site import Client, Site

FILES = "query ($id: ID!) { ticket(id: $id) { attachments { edges { node { downloadUrl } } } } }"


async def address(by: Client, ticket: str) -> str:
    """Where the ticket's one file is, for this caller."""
    (edge,) = (await by.run(FILES, id=ticket))["ticket"]["attachments"]["edges"]
    return edge["node"]["downloadUrl"]


async def test_a_revoked_tokens_address_leads_nowhere(site: Site) -> None:
    anna, mario = await site.sign_in("anna"), await site.sign_in("mario")
    id = await opened(mario)
    upload = await site.upload(mario, "a.txt", b"segreto")
    await mario.do("messagePost", ticketId=id, body="Ecco", uploadIds=[upload])
    tool, token = await program(anna, "TICKETS_VIEW")
    theirs, hers = await address(tool, id), await address(anna, id)
    for one in (theirs, hers):
        assert (await site.http.get(one)).content == b"segreto"
    await anna.do("apiTokenRevoke", tokenId=token)
    assert (await site.http.get(theirs)).status_code == 404
    assert (await site.http.get(hers)).status_code == 200
    await anna.run("mutation { signOut { __typename } }")
    assert (await site.http.get(hers)).status_code == 404
