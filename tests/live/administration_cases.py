"""The same for every mutation of the desk itself: what open feeds are told of it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any

from actions.unit_of_work import unit_of_work
from models.desk import Department
from models.mail_enums import InboundState
from models.mailboxes import MailFolder
from models.mails import InboundMail, OutboundMail, RawMail
from resolvers.ids import decode, encode, local_id
from tests.live.cases import ENTRY, GONE, Case, Cast, MakeCase
from tests.live.stage import Person
from tests.mail.stage import failed, mailbox
from tests.resolvers.desk import gid_of

NUMBERS = count(1)
Given = dict[str, Any]
Ids = Callable[[Cast], Awaitable[Given]]
"""A part of the input: whom or what it is about."""


async def admin(cast: Cast) -> Person:
    """One for all cases."""
    for one in cast.stage.people:
        if one.name == "admin":
            return one
    return await cast.stage.person("admin")


def named(kind: str, argument: str, name: str, *, many: bool = False) -> Ids:
    """One of example B."""

    async def found(_: Cast) -> Given:
        id = await gid_of(kind, name)
        return {argument: [id] if many else id}

    return found


def new(noun: str, argument: str, **input: Any) -> Ids:
    """One of the case's own, of a name that nothing else has."""

    async def made(cast: Cast) -> Given:
        kind = noun[0].upper() + noun[1:]
        fields = f"... on {kind}Created {{ {noun} {{ id }} }}"
        unique = {**input, "name": f"{input['name']} {next(NUMBERS)}"}
        done = await (await admin(cast)).do(f"{noun}Create", fields, **unique)
        return {argument: done[noun]["id"]}

    return made


def case(
    mutation: str, *ids: Ids, bruno: Sequence[str] = (), by: str = "admin", **input: Any
) -> MakeCase:
    """Somebody does this while a ticket in Rinnovo permesso is open; contacts get nothing."""

    async def make(cast: Cast) -> Case:
        id = await cast.ticket()
        given = {**input}
        for one in ids:
            given |= await one(cast)
        actor = await admin(cast) if by == "admin" else await cast.stage.person(by)
        return Case(id, lambda: actor.do(mutation, **given), [], list(bruno))

    return make


async def brunos_grant(cast: Cast) -> Given:
    """The one that lets him see the ticket."""
    mine = "{ viewer { grants { id category { name } } } }"
    grants = (await (await cast.stage.person("bruno")).client.run(mine))["viewer"]["grants"]
    (grant,) = [one for one in grants if one["category"]["name"] == "Rinnovo permesso"]
    return {"grantId": grant["id"]}


async def new_role(cast: Cast) -> Given:
    profile = await PROFILE(cast)
    return await new("role", "roleId", name="Ruolo", **profile)(cast)


async def some_role(_: Cast) -> Given:
    return {"roleId": await gid_of("Role", "operator")}


async def new_token(cast: Cast) -> Given:
    fields = "... on ApiTokenCreated { apiToken { id } }"
    done = await cast.anna.do("apiTokenCreate", fields, **TOKEN)
    return {"tokenId": done["apiToken"]["id"]}


async def roots(cast: Cast) -> Given:
    """All categories without one above, the other way round."""
    found = await (await admin(cast)).client.run("{ categories(for: MANAGE) { id parent { id } } }")
    ids = [one["id"] for one in found["categories"] if one["parent"] is None]
    return {"categoryIds": ids[::-1]}


async def mailbox_fields(_: Cast) -> Given:
    """Of servers that nobody reaches: nothing listens at that port."""
    server = {"host": "127.0.0.1", "port": 1, "security": "NONE", "password": SECRET}
    name = f"posta{next(NUMBERS)}@example.org"
    return {"name": name, "address": name, "incoming": server, "outgoing": server}


async def new_mailbox(cast: Cast) -> Given:
    fields = "... on MailboxCreated { mailbox { id } }"
    done = await (await admin(cast)).do("mailboxCreate", fields, **await mailbox_fields(cast))
    return {"mailboxId": done["mailbox"]["id"]}


async def read_mailbox(cast: Cast) -> Given:
    """One whose folder was read before."""
    made = await new_mailbox(cast)
    await MailFolder.create(
        mailbox_id=local_id(made["mailboxId"], "Mailbox"), name="INBOX", uidvalidity=1,
        baseline_at=datetime.now(UTC),
    )  # fmt: skip
    return made


async def consenting_mailbox(cast: Cast) -> Given:
    made = await new_mailbox(cast)
    client = {"provider": "GOOGLE", "clientId": "me"}
    await (await admin(cast)).do("mailboxUpdate", oauth=client, **made)
    return made


def renamed(mutation: str, ids: Ids, name: str) -> MakeCase:
    """What a ticket points to has another name: it comes with the next frame, not by itself."""

    async def make(cast: Cast) -> Case:
        id, given = await cast.ticket(), await ids(cast)

        async def act() -> None:
            await (await admin(cast)).do(mutation, name=name, **given)
            await cast.sara.do("messagePost", ticketId=id, body="ancora")

        return Case(id, act, ["MessageAdded"], [ENTRY])

    return make


TOKEN = {
    "name": "Import",
    "scopes": ["TICKETS_VIEW"],
    "expiresAt": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
}
SECRET = "correct horse battery"
PROFILE = new("profile", "profileId", name="Letture", rights=["TICKETS_VIEW"])
GIULIA, SARA = named("Contact", "contactId", "Giulia"), named("Contact", "contactId", "Sara")
BRUNO, DINO = named("Operator", "operatorId", "Bruno"), named("Operator", "operatorId", "Dino")
RINNOVO = named("Category", "categoryId", "Rinnovo permesso")
IMMIGRAZIONE = named("Department", "departmentId", "Immigrazione")
STRANGER = new("contact", "contactId", name="Ugo", email="ugo@example.org")


async def failed_mail(cast: Cast) -> Given:
    """Of a ticket that nobody watches."""
    id = await cast.ticket()
    made = await mailbox("immigrazione@cases-2.test")
    await cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>")
    await Department.filter(outgoing_mailbox_id=made.id).update(outgoing_mailbox_id=None)
    await unit_of_work(lambda: failed(decode(id)[1]))
    (mail,) = await OutboundMail.filter(ticket_id=decode(id)[1], kind="REPLY")
    return {"mailId": encode("OutboundMail", mail.id)}


async def mail_in(cast: Cast, state: InboundState) -> Given:
    """A mail that came in, of a conversation that nobody watches."""
    made = await mailbox(f"in{next(NUMBERS)}@cases.test")
    department = await Department.get(name="Immigrazione")
    raw = b"From: x@stranger.example\r\nSubject: s\r\n\r\nwords"
    digest = sha256(raw).hexdigest()
    if not await RawMail.exists(sha256=digest):
        await RawMail.create(sha256=digest, content=raw)
    now = datetime.now(UTC)
    row = await InboundMail.create(
        mailbox_id=made.id, folder="INBOX", uidvalidity=1, uid=next(NUMBERS), raw_sha256=digest,
        sender="x@stranger.example", subject="s", state=state, department_id=department.id,
        size=len(raw), received_at=now, created_at=now,
    )  # fmt: skip
    return {"mailId": encode("InboundMail", row.id)}


async def waiting_mail(cast: Cast) -> Given:
    return await mail_in(cast, InboundState.QUARANTINED)


async def waiting_mail_and_ticket(cast: Cast) -> Given:
    return {**await waiting_mail(cast), "ticketId": await cast.ticket()}


async def mail_that_failed(cast: Cast) -> Given:
    return await mail_in(cast, InboundState.FAILED)


async def preview_of(cast: Cast) -> Given:
    return {"ticketId": await cast.ticket()}


async def written_template(cast: Cast) -> Given:
    await (await admin(cast)).do("mailTemplateSave", **TEMPLATE)
    return {}


TEMPLATE = {"kind": "REPLY", "language": "it", "subject": "s", "text": "{{ post.text }}"}
ADMINISTRATION_CASES: dict[str, MakeCase] = {
    "profileCreate": case("profileCreate", name="Ospiti", rights=["TICKETS_VIEW"]),
    "profileUpdate": case("profileUpdate", PROFILE, rights=[]),
    "profileDelete": case("profileDelete", PROFILE),
    "roleCreate": case("roleCreate", PROFILE, name="Ospite"),
    "roleUpdate": case("roleUpdate", new_role, name="Altro"),
    "roleDelete": case("roleDelete", new_role),
    "operatorCreate": case(
        "operatorCreate", some_role, name="Ezio", email="ezio@demo.test", password=SECRET
    ),
    "operatorUpdate": case("operatorUpdate", DINO, language="it"),
    "operatorDeactivate": case("operatorDeactivate", DINO),
    "operatorActivate": case("operatorActivate", DINO),
    "operatorResetPassword": case("operatorResetPassword", DINO, password=SECRET),
    "passwordChange": case(
        "passwordChange", by="dino", currentPassword=SECRET, newPassword=f"{SECRET} 2"
    ),
    "viewerUpdate": case("viewerUpdate", by="anna", signature="<p>Anna</p>"),
    "apiTokenCreate": case("apiTokenCreate", by="anna", **TOKEN),
    "apiTokenRevoke": case("apiTokenRevoke", new_token, by="anna"),
    "categoryCreate": case("categoryCreate", name="Cittadinanza"),
    "categoryUpdate": case("categoryUpdate", RINNOVO, description="Rinnovi"),
    "categoryDelete": case("categoryDelete", new("category", "categoryId", name="Via")),
    "categoriesReorder": case("categoriesReorder", roots),
    "categoryGrantRemove": case("categoryGrantRemove", brunos_grant, bruno=GONE),
    "categoryGrantAdd": case("categoryGrantAdd", BRUNO, RINNOVO, level="ADVANCED"),
    "categoryGrantChange": case("categoryGrantChange", brunos_grant, level="BASE"),
    "settingsUpdate": case("settingsUpdate", lockGraceSeconds=30),
    "contactCreate": case("contactCreate", name="Eva", email="eva@example.org"),
    "contactUpdate": case("contactUpdate", SARA, language="en"),
    "contactBlock": case("contactBlock", GIULIA),
    "contactUnblock": case("contactUnblock", GIULIA),
    "contactDelete": case("contactDelete", STRANGER),
    "contactMerge": case("contactMerge", STRANGER, named("Contact", "intoId", "Giulia")),
    "organisationCreate": case("organisationCreate", name="Beta"),
    "organisationUpdate": case(
        "organisationUpdate", named("Organisation", "organisationId", "Acme"), name="Acme S.p.A."
    ),
    "organisationDelete": case(
        "organisationDelete", new("organisation", "organisationId", name="Gamma")
    ),
    "contactGroupCreate": case("contactGroupCreate", name="Soci"),
    "contactGroupUpdate": case(
        "contactGroupUpdate", new("contactGroup", "contactGroupId", name="Ex"), name="Ex soci"
    ),
    "contactGroupDelete": case(
        "contactGroupDelete", new("contactGroup", "contactGroupId", name="Via")
    ),
    "groupCreate": case("groupCreate", name="Sera"),
    "groupUpdate": case("groupUpdate", new("group", "groupId", name="Notte"), name="Mattina"),
    "groupDelete": case("groupDelete", new("group", "groupId", name="Via")),
    "departmentCreate": case("departmentCreate", name="Legale"),
    "departmentUpdate": case(
        "departmentUpdate",
        IMMIGRAZIONE,
        named("Operator", "removeOperatorIds", "Bruno", many=True),
        bruno=GONE,
    ),
    "departmentUpdate back": case(
        "departmentUpdate", IMMIGRAZIONE, named("Operator", "addOperatorIds", "Bruno", many=True)
    ),
    "departmentDelete": case("departmentDelete", new("department", "departmentId", name="Via")),
    "mailboxCreate": case("mailboxCreate", mailbox_fields),
    "mailboxUpdate": case("mailboxUpdate", new_mailbox, acknowledge=False),
    "mailboxDelete": case("mailboxDelete", new_mailbox),
    "mailboxPause": case("mailboxPause", new_mailbox, direction="IN"),
    "mailboxResume": case("mailboxResume", new_mailbox, direction="IN"),
    "mailboxReimport": case("mailboxReimport", read_mailbox, since="2026-01-01T00:00:00Z"),
    "mailboxOAuthBegin": case("mailboxOAuthBegin", consenting_mailbox),
    "mailboxFetchFolders": case("mailboxFetchFolders", new_mailbox),
    "mailboxTestConnection": case("mailboxTestConnection", new_mailbox, direction="IN"),
    "mailboxSendTest": case("mailboxSendTest", new_mailbox, to="a@example.org"),
    "inboundMailAccept": case("inboundMailAccept", waiting_mail),
    "inboundMailAttach": case("inboundMailAttach", waiting_mail_and_ticket),
    "inboundMailDiscard": case("inboundMailDiscard", waiting_mail),
    "inboundMailRetry": case("inboundMailRetry", mail_that_failed),
    "outboundMailResend": case("outboundMailResend", failed_mail),
    "mailTemplateSave": case("mailTemplateSave", **TEMPLATE),
    "mailTemplatePreview": case("mailTemplatePreview", preview_of, **TEMPLATE),
    "mailTemplateReset": case("mailTemplateReset", written_template, kind="REPLY", language="it"),
    "operatorUpdate of a name": renamed("operatorUpdate", BRUNO, "Bruno R."),
    "departmentUpdate of a name": renamed("departmentUpdate", IMMIGRAZIONE, "Immigrati"),
    "categoryUpdate of a name": renamed("categoryUpdate", RINNOVO, "Rinnovo"),
}
