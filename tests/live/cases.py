"""One case or more for every mutation: what leads up to it, what is done, what contacts get."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from actions.unit_of_work import unit_of_work
from models.desk import Department
from resolvers.ids import decode
from tests.live.assert_live import Act
from tests.live.stage import Person, Stage
from tests.mail.stage import failed, mailbox
from tests.support.site import PASSWORD, category, gid


@dataclass
class Cast:
    """Sara writes and Samuel, of her organisation, reads; Anna and Bruno see it, Carla does not."""

    stage: Stage
    anna: Person
    bruno: Person
    carla: Person
    sara: Person
    samuel: Person

    @classmethod
    async def on(cls, stage: Stage) -> "Cast":
        names = ("anna", "bruno", "carla", "sara", "samuel")
        return cls(stage, *[await stage.person(name) for name in names])

    @property
    def people(self) -> list[Person]:
        return [self.anna, self.bruno, self.carla, self.sara, self.samuel]

    async def ticket(self, **input: Any) -> str:
        return await self.stage.ticket(self.sara, **input)

    async def closed(self) -> str:
        id = await self.ticket()
        await self.bruno.do("ticketClose", ticketId=id)
        return id

    async def lock(self, id: str, by: Person | None = None) -> str:
        """Its token; Anna's, if nobody is named."""
        held = await (by or self.anna).do(
            "replyLockAcquire", "... on ReplyLockHeld { lock { token } }", ticketId=id
        )
        return held["lock"]["token"]


@dataclass(frozen=True)
class Case:
    """The ticket watched, what happens, and the frames of contacts and of the other operator."""

    ticket_id: str
    act: Act
    contacts: list[str]
    bruno: list[str]


MakeCase = Callable[[Cast], Awaitable[Case]]
ENTRY, STATE, LOCK, VIEWERS = "EntryAdded", "TicketChanged", "ReplyLockChanged", "ViewersChanged"
GONE = ["AccessRevoked", "(complete)"]


def plain(mutation: str, contacts: list[str], bruno: list[str], **input: Any) -> MakeCase:
    """Anna does this to an open ticket."""

    async def make(cast: Cast) -> Case:
        id = await cast.ticket()
        return Case(id, lambda: cast.anna.do(mutation, ticketId=id, **input), contacts, bruno)

    return make


def locked(mutation: str, bruno: list[str], *, token: bool = True) -> MakeCase:
    """Anna does this while she holds the lock."""

    async def make(cast: Cast) -> Case:
        id = await cast.ticket()
        input = {"ticketId": id, "lockToken": await cast.lock(id)}
        if not token:
            del input["lockToken"]
        return Case(id, lambda: cast.anna.do(mutation, **input), [], bruno)

    return make


async def take_over(cast: Cast) -> Case:
    """From Anna, by somebody who does not look on."""
    id, admin = await cast.ticket(), await cast.stage.person("admin")
    await cast.lock(id)
    act = lambda: admin.do("replyLockTakeOver", ticketId=id, reason="ferie")  # noqa: E731
    return Case(id, act, [], [ENTRY, LOCK, VIEWERS])


async def take_over_free(cast: Cast) -> Case:
    id, admin = await cast.ticket(), await cast.stage.person("admin")
    return Case(id, lambda: admin.do("replyLockTakeOver", ticketId=id), [], [LOCK, STATE])


async def request(cast: Cast) -> Case:
    """Of Bruno, who alone is told."""
    id = await cast.ticket()
    await cast.lock(id, cast.bruno)
    act = lambda: cast.anna.do("replyLockRequest", ticketId=id)  # noqa: E731
    return Case(id, act, [], ["ReplyLockRequested"])


async def hand_over(cast: Cast) -> Case:
    id = await cast.ticket()
    token = await cast.lock(id)
    await cast.bruno.do("replyLockRequest", ticketId=id)
    bruno = (await cast.bruno.client.run("{ viewer { id } }"))["viewer"]["id"]
    act = lambda: cast.anna.do("replyLockRelease", ticketId=id, lockToken=token, handTo=bruno)  # noqa: E731
    return Case(id, act, [], [LOCK, STATE, VIEWERS])


async def sign_in(cast: Cast) -> Case:
    return Case(
        await cast.ticket(),
        lambda: cast.anna.do("signIn", email="carla@demo.test", password=PASSWORD),
        [],
        [],
    )


async def sign_out(cast: Cast) -> Case:
    other = await cast.stage.person("anna")

    async def act() -> None:
        await other.client.run("mutation { signOut { __typename } }")
        assert await other.connection.closed() == 4403

    return Case(await cast.ticket(), act, [], [])


async def open_follow_up(cast: Cast) -> Case:
    id = await cast.closed()
    rinnovo = await category(cast.anna.client, "Rinnovo permesso")
    contact = await cast.anna.client.run(
        "query ($id: ID!) { ticket(id: $id) { contact { id } } }", id=id
    )
    return Case(
        id,
        lambda: cast.anna.do(
            "ticketOpen",
            subject="Ancora",
            body="<p>eccoci</p>",
            contactId=contact["ticket"]["contact"]["id"],
            categoryId=rinnovo,
            followUpOfId=id,
        ),
        [],
        [ENTRY],
    )


async def change_category(cast: Cast) -> Case:
    """Out of everybody's sight: nobody holds a grant."""
    id = await cast.ticket()
    ricorsi = await category(cast.anna.client, "Ricorsi")
    act = lambda: cast.anna.do("ticketChangeCategory", ticketId=id, categoryId=ricorsi)  # noqa: E731
    return Case(id, act, [], GONE)


async def assign(cast: Cast) -> Case:
    id = await cast.ticket()
    bruno = (await cast.bruno.client.run("{ viewer { id } }"))["viewer"]["id"]
    return Case(
        id, lambda: cast.anna.do("ticketAssign", ticketId=id, assigneeId=bruno), [], [ENTRY]
    )


async def reply_with_lock(cast: Cast) -> Case:
    """The lock goes, and so does the draft, which only Anna sees."""
    id = await cast.ticket()
    token = await cast.lock(id)
    await cast.anna.do("draftSave", ticketId=id, body="Venga", baseRevision=0)
    act = lambda: cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>", lockToken=token)  # noqa: E731
    return Case(id, act, ["MessageAdded"], [ENTRY, LOCK, VIEWERS])


async def reply_with_file(cast: Cast) -> Case:
    id = await cast.ticket()
    upload = await cast.stage.site.upload(cast.anna.client, "a.txt", b"ciao")
    act = lambda: cast.anna.do(  # noqa: E731
        "ticketReply", ticketId=id, body="<p>ecco</p>", uploadIds=[upload], closeAfterSending=True
    )
    return Case(id, act, ["MessageAdded"], [ENTRY, ENTRY])


async def delete_draft(cast: Cast) -> Case:
    id = await cast.ticket()
    await cast.anna.do("draftSave", ticketId=id, body="x", baseRevision=0)
    return Case(id, lambda: cast.anna.do("draftDelete", ticketId=id), [], [])


async def take_next(cast: Cast) -> Case:
    """The first case of all, so that this ticket has waited longest."""
    return Case(await cast.ticket(), lambda: cast.anna.do("ticketTakeNext"), [], [ENTRY])


async def merged(cast: Cast) -> Case:
    id, other = await cast.ticket(), await cast.ticket()
    act = lambda: cast.anna.do("ticketMerge", ticketId=id, intoId=other)  # noqa: E731
    return Case(id, act, ["TicketChanged"], [ENTRY])


async def merged_into(cast: Cast) -> Case:
    id, other = await cast.ticket(), await cast.ticket()
    act = lambda: cast.anna.do("ticketMerge", ticketId=other, intoId=id)  # noqa: E731
    return Case(id, act, [], [ENTRY])


async def delete(cast: Cast) -> Case:
    id = await cast.ticket()
    return Case(id, lambda: cast.bruno.do("ticketDelete", ticketId=id), GONE, GONE)


async def restore(cast: Cast) -> Case:
    """A feed that ended stays ended."""
    id = await cast.ticket()
    await cast.bruno.do("ticketDelete", ticketId=id)
    return Case(id, lambda: cast.bruno.do("ticketRestore", ticketId=id), [], [])


async def read_notifications(cast: Cast) -> Case:
    """Nobody's ticket changes by it."""
    id = await cast.ticket()
    page = await cast.anna.client.run("{ notifications(first: 1) { edges { node { id } } } }")
    newest = page["notifications"]["edges"][0]["node"]["id"]
    return Case(id, lambda: cast.anna.do("notificationsMarkRead", upToId=newest), [], [])


async def resend(cast: Cast) -> Case:
    """A reply that came back; nothing sends it here."""
    id = await cast.ticket()
    made = await mailbox("immigrazione@cases.test")
    await cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>")
    await unit_of_work(lambda: failed(decode(id)[1]))
    act = lambda: cast.anna.do("replyResend", ticketId=id, number=2)  # noqa: E731
    await Department.filter(outgoing_mailbox_id=made.id).update(outgoing_mailbox_id=None)
    return Case(id, act, [], ["EntryChanged"])


DESK_CASES: dict[str, MakeCase] = {
    "ticketTakeNext": take_next,
    "signIn": sign_in,
    "signOut": sign_out,
    "ticketOpen": open_follow_up,
    "ticketReply": plain("ticketReply", ["MessageAdded"], [ENTRY], body="<p>Venga</p>"),
    "ticketReply with lock and draft": reply_with_lock,
    "ticketReply with a file, closing": reply_with_file,
    "replyResend": resend,
    "ticketAddNote": plain("ticketAddNote", [], [ENTRY], body="<p>tra noi</p>"),
    "ticketChangeCategory": change_category,
    "ticketChangeLevel": plain("ticketChangeLevel", [], [ENTRY, VIEWERS], level="ADVANCED"),
    "ticketAssign": assign,
    "ticketTransfer": plain("ticketTransfer", [], GONE, departmentId=gid("Department", 1)),
    "magicLinksRevoke": plain("magicLinksRevoke", [], []),
    "ticketUpdate": plain("ticketUpdate", ["TicketChanged"], [ENTRY], subject="Altro"),
    "ticketUpdate of tags": plain("ticketUpdate", [], [ENTRY], addTags=["a", "b"], priority="HIGH"),
    "ticketUpdate of nothing": plain("ticketUpdate", [], []),
    "ticketClose": plain("ticketClose", ["TicketChanged"], [ENTRY]),
    "ticketClose with words": plain("ticketClose", ["MessageAdded"], [ENTRY, ENTRY], body="Fine"),
    "ticketLeave": locked("ticketLeave", [LOCK, STATE, VIEWERS], token=False),
    "replyLockAcquire": plain("replyLockAcquire", [], [LOCK, STATE, VIEWERS]),
    "replyLockRenew": locked("replyLockRenew", [LOCK]),
    "replyLockRelease": locked("replyLockRelease", [LOCK, STATE, VIEWERS]),
    "replyLockRelease to who asked": hand_over,
    "replyLockRequest": request,
    "replyLockRequest of a free lock": plain("replyLockRequest", [], [LOCK, STATE, VIEWERS]),
    "replyLockTakeOver": take_over,
    "replyLockTakeOver of a free lock": take_over_free,
    "draftSave": plain("draftSave", [], [], body="appunti", baseRevision=0),
    "draftDelete": delete_draft,
    "ticketMarkRead": plain("ticketMarkRead", [], [], upTo=1),
    "presenceSet": plain("presenceSet", [], [VIEWERS], state="IDLE"),
    "ticketMerge": merged,
    "ticketMerge into it": merged_into,
    "ticketDelete": delete,
    "ticketRestore": restore,
    "notificationsMarkRead": read_notifications,
}
