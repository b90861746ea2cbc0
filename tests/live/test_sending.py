"""A reply's mail as those see it who have the ticket open, and what they may do about it."""

from typing import Any

from mail.outbox import OutboxWorker
from models.desk import Department
from models.mail_enums import MailKind, OutboundState
from models.mailboxes import MailServer
from models.mails import MailTemplate, OutboundMail
from models.people import Contact
from resolvers.ids import decode, encode
from tests.live.assert_live import assert_live
from tests.live.cases import Cast
from tests.live.stage import Person, Stage
from tests.mail.smtp_server import Script, smtp_server
from tests.mail.stage import mailbox
from tests.resolvers.desk import gid_of

LINES = """{ auditLog(filter: {kind: "outboundMail.resend"}) {
    edges { node { changes { from to } } } } }"""
REPLY = "... on OperatorReply { number delivery }"


async def delivery(cast: Cast, id: str) -> list[str]:
    query = f"""query ($id: ID!) {{ ticket(id: $id) {{
        timeline(first: 50) {{ edges {{ node {{ __typename {REPLY} }} }} }} }} }}"""
    told = await cast.anna.client.run(query, id=id)
    nodes = [edge["node"] for edge in told["ticket"]["timeline"]["edges"]]
    return [one["delivery"] for one in nodes if one["__typename"] == "OperatorReply"]


async def sending() -> None:
    await OutboxWorker(timeout_s=1.0, content_timeout_s=1.0).once()


async def test_an_open_feed_sees_how_far_it_has_come(stage: Stage) -> None:
    cast = await Cast.on(stage)
    script = Script({"RCPT": "550 5.1.1 unknown"})
    async with smtp_server(script) as server:
        await mailbox(port=server.port)
        id = await cast.ticket()

        async def reply() -> None:
            await cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>")

        assert (await assert_live(stage, id, cast.people, reply))["bruno"] == ["EntryAdded"]
        assert await delivery(cast, id) == ["QUEUED"]
        frames = await assert_live(stage, id, cast.people, sending)
        assert frames["sara"] == []
        assert set(frames["bruno"]) <= {"EntryChanged", "TicketChanged"}
        assert "EntryChanged" in frames["bruno"]
        assert await delivery(cast, id) == ["FAILED"]

        async def again() -> None:
            script.answers = {}
            await cast.bruno.do("replyResend", ticketId=id, number=2)
            await sending()

        assert "EntryChanged" in (await assert_live(stage, id, cast.people, again))["anna"]
        assert await delivery(cast, id) == ["SENT"]
        (mail,) = await OutboundMail.filter(kind=MailKind.REPLY)
        assert server.times(mail.message_id) == 1


async def refused(person: Person, name: str, **input: Any) -> dict[str, Any]:
    """What a mutation answers, whatever it is."""
    fields = "__typename ... on InvalidInput { fields { path message } }"
    told = await person.client.run(
        f"mutation ($input: {name[0].upper()}{name[1:]}Input!) "
        f"{{ {name}(input: $input) {{ {fields} }} }}",
        input=input,
    )
    return told[name]


async def test_what_cannot_be_sent_again(stage: Stage) -> None:
    cast = await Cast.on(stage)
    async with smtp_server(Script({"RCPT": "550 no"})) as server:
        await mailbox(port=server.port)
        id = await cast.ticket()
        await cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>", closeAfterSending=True)
        for number in (1, 2, 99):
            told = await refused(cast.anna, "replyResend", ticketId=id, number=number)
            assert told["__typename"] == "InvalidInput", number
        await sending()
        told = await refused(cast.carla, "replyResend", ticketId=id, number=2)
        assert told["__typename"] == "NotFound"
        ticket = decode(id)[1]
        (mail,) = await OutboundMail.filter(kind=MailKind.REPLY, ticket_id=ticket)
        assert mail.state is OutboundState.FAILED
        await Contact.filter(id=mail.contact_id).update(email=None)
        told = await refused(cast.anna, "replyResend", ticketId=id, number=2)
        assert told["fields"][0]["path"] == ["number"]
        await Contact.filter(id=mail.contact_id).update(email="new@demo.test")
        server.script.answers = {}
        await cast.anna.do("replyResend", ticketId=id, number=2)
        await sending()
        assert server.taken[-1].recipients == ("new@demo.test",)
        assert b"To: Sara <new@demo.test>" in server.taken[-1].raw


async def test_the_log_and_administrators(stage: Stage) -> None:
    cast, admin = await Cast.on(stage), await stage.person("admin")
    async with smtp_server(Script({"RCPT": "550 no"})) as server:
        made = await mailbox(port=server.port)
        await Department.all().update(notify_members=False)
        id = await cast.ticket()
        await cast.anna.do("ticketReply", ticketId=id, body="<p>Venga</p>")
        await sending()
        fields = "id kind state recipient reason smtpReply size original ticket { id }"
        query = f"""query ($f: OutboundMailFilter) {{ outboundMails(filter: $f) {{
            totalCount edges {{ node {{ {fields} }} }} }} }}"""
        found = await admin.client.run(query, f={"state": "FAILED", "kind": "REPLY"})
        (edge,) = found["outboundMails"]["edges"]
        mail = edge["node"]
        assert (mail["kind"], mail["reason"]) == ("REPLY", "no")
        assert mail["ticket"] == {"id": id}
        assert "/m/" not in mail["original"]
        of_mailbox = {"mailboxId": encode("Mailbox", made.id + 1)}
        assert (await admin.client.run(query, f=of_mailbox))["outboundMails"]["totalCount"] == 0
        refusal = await refused(cast.anna, "outboundMailResend", mailId=mail["id"])
        assert refusal["__typename"] == "NotPermitted"
        server.script.answers = {}
        await admin.do("outboundMailResend", mailId=mail["id"])
        await sending()
        assert await delivery(cast, id) == ["SENT"]
        assert (await MailServer.get()).state == "OK"
        (line,) = (await admin.client.run(LINES))["auditLog"]["edges"]
        assert line["node"]["changes"] == [{"from": "FAILED", "to": "QUEUED"}]


async def test_templates(stage: Stage) -> None:
    cast, admin = await Cast.on(stage), await stage.person("admin")
    id, fiscale = await cast.ticket(), await gid_of("Department", "Fiscale")
    all_ = "query ($d: ID) { mailTemplates(departmentId: $d) { kind language subject text own } }"

    async def of(department: str | None, kind: str = "REPLY") -> dict[str, dict[str, Any]]:
        told = (await admin.client.run(all_, d=department))["mailTemplates"]
        return {one["language"]: one for one in told if one["kind"] == kind}

    assert set(await of(None)) == {"en", "it", "ru"}
    assert not any(one["own"] for one in (await of(fiscale)).values())
    wrong = {"kind": "REPLY", "language": "it", "subject": "{{ x }}", "text": "ok\n{% for %}"}
    for name, more in (("mailTemplateSave", {}), ("mailTemplatePreview", {"ticketId": id})):
        told = await refused(cast.anna, name, **wrong, **more)
        assert told["__typename"] == "NotPermitted"
        told = await refused(admin, name, **wrong, **more)
        paths = {error["path"][0]: error["message"] for error in told["fields"]}
        assert set(paths) == {"subject", "text"}
        assert paths["text"].startswith("Line 2: ")
    good = {"kind": "REPLY", "language": "it", "subject": "s", "text": "{{ post.text }}!"}
    told = await refused(admin, "mailTemplateSave", **{**good, "language": "de"})
    assert told["fields"][0]["path"] == ["language"]
    await admin.do("mailTemplateSave", **good)
    assert (await of(fiscale))["it"]["text"] == "{{ post.text }}!"
    assert not (await of(fiscale))["it"]["own"], "the desk's"
    assert (await of(None))["it"]["own"]
    await admin.do("mailTemplateSave", **{**good, "text": "F"}, departmentId=fiscale)
    await admin.do("mailTemplateSave", **{**good, "text": "G"}, departmentId=fiscale)
    assert (await of(fiscale))["it"]["text"] == "G"
    assert await MailTemplate.all().count() == 2
    which = {"kind": "REPLY", "language": "it", "departmentId": fiscale}
    await admin.do("mailTemplateReset", **which)
    reset = "mutation ($i: MailTemplateResetInput!) { mailTemplateReset(input: $i) { __typename } }"
    told = await admin.client.run(reset, i=which)
    assert told["mailTemplateReset"]["__typename"] == "NotFound"
    seen = await admin.do(
        "mailTemplatePreview",
        "... on MailTemplatePreviewed { subject text html }",
        ticketId=id,
        **{**good, "text": "{{ post.text }} {{ magic_link }}"},
    )
    assert seen["subject"] == "s"
    assert "example.invalid" in seen["text"]
    assert (await admin.client.run(all_, d=encode("Department", 999)))["mailTemplates"] is None
