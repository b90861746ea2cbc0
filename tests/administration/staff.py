"""What tests of operators and tokens share: refusals read, programs with tokens, a ticket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from models.hierarchy import Profile
from models.people import Operator
from models.records import EventRecord, IdempotencyKey
from models.sessions import Session
from tests.resolvers.desk import gid_of
from tests.support.site import Client, category

INVALID = "... on InvalidInput { fields { path message } }"
DENIED = "... on NotPermitted { action }"
WRONG = f"{INVALID} {DENIED}"
TOKEN = f"... on ApiTokenCreated {{ token apiToken {{ id }} }} {WRONG}"


def paths_of(answer: dict[str, Any]) -> list[str]:
    """The fields an InvalidInput names."""
    assert answer["__typename"] == "InvalidInput", answer
    assert all(one["message"] for one in answer["fields"])
    return [".".join(one["path"]) for one in answer["fields"]]


async def refused(answer: dict[str, Any], right: str) -> None:
    """A NotPermitted that names the right."""
    assert (answer["__typename"], answer.get("action")) == ("NotPermitted", right), answer


async def program(by: Client, *scopes: str, **more: Any) -> tuple[Client, str]:
    """A client that acts by a new token of this operator's, and the token's id."""
    input = {
        "name": "Import",
        "scopes": list(scopes),
        "expiresAt": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        **more,
    }
    made = await by.do("apiTokenCreate", TOKEN, **input)
    assert made["__typename"] == "ApiTokenCreated", made
    return replace(by, token=made["token"]), made["apiToken"]["id"]


async def opened(contact: Client) -> str:
    """The id of a ticket the contact opened."""
    done = await contact.do(
        "ticketOpen", "... on TicketOpened { ticket { id } }",
        subject="Ciao", body="Ciao", categoryId=await category(contact, "Rinnovo permesso"),
    )  # fmt: skip
    return done["ticket"]["id"]


async def grant(profile: str, *rights: str) -> None:
    """More for a profile, past every rule: call `freshen` or the API afterwards."""
    row = await Profile.get(name=profile)
    row.rights = sorted({*row.rights, *rights})
    await row.save()


async def refusals(by: Client) -> int:
    """The status of the plainest request: 200, or 401."""
    return (await by.post("{ __typename }")).status_code


async def lines(kind: str) -> list[dict[str, Any]]:
    """The audit log's lines of this kind."""
    return [one.data for one in await EventRecord.filter(kind=kind).order_by("id")]


async def operator(name: str) -> str:
    """The global id of one of the example's."""
    return await gid_of("Operator", name.capitalize())


async def everything_kept() -> str:
    """All that the rows which might hold a secret say, to look for it."""
    return " ".join(
        [
            str(await model.all().values())
            for model in (EventRecord, Session, Operator, IdempotencyKey)
        ]
    )
