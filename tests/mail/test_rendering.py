"""What mails say, and that they say no more: languages, own templates, bytes."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import product
from typing import Any

import pytest

from actions import magic_links, tickets
from actions.keys import ring
from actions.mail_tokens import ticket_of_reply_address
from actions.tickets.requests import AddNote, Assign, Close, Post, Reply
from mail import compose, variables
from mail.rendering import Rendered, rendered
from mail.words import LANGUAGES
from models.desk import Department
from models.magic_links import MagicLink
from models.mail_enums import InboundState, MailKind
from models.mailboxes import Mailbox
from models.mails import InboundMail, MailTemplate, OutboundMail
from models.people import Contact, Operator
from tests.actions import stage
from tests.mail.stage import mailbox, outbox

needs_database = pytest.mark.usefixtures("database")


async def kept(mail: OutboundMail) -> OutboundMail:
    """Rendered, as the worker does it."""
    words = await rendered(mail)
    mail.subject, mail.text, mail.html = words.subject, words.text, words.html
    mail.headers = await compose.headers_of(mail, await Mailbox.get(id=mail.mailbox_id))
    await mail.save()
    return mail


async def parsed(mail: OutboundMail) -> EmailMessage:
    raw = await compose.composed(mail)
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(message: EmailMessage, form: str) -> str:
    found = message.get_body((form,))
    assert found is not None
    content: str = found.get_content()
    return content


async def reply(text: str = "<p>Venga <b>domani</b> &amp; <i>presto</i></p>") -> OutboundMail:
    await mailbox()
    id = await stage.opened(subject="Il <b>mio</b> permesso")
    await OutboundMail.all().delete()
    await tickets.reply(Reply(id, text), await stage.operator("anna"))
    return (await outbox())[-1]


@needs_database
async def test_a_reply_in_the_contacts_language() -> None:
    mail = await kept(await reply())
    link = magic_links.url(await _link(mail))
    message = await parsed(mail)
    text, html = body(message, "plain"), body(message, "html")
    assert message["Subject"] == f"[#{mail.ticket_id}] Il <b>mio</b> permesso"
    assert "Buongiorno Mario" in text
    assert "Anna ha risposto" in text
    assert "Venga domani & presto" in text
    assert "<b>domani</b>" in html
    assert text.count(link) == 1
    assert link in html
    assert "{{" not in text + html
    assert [one.get_content_type() for one in message.iter_parts()] == ["text/plain", "text/html"]
    for kept_there in (mail.text, mail.html, mail.subject, mail.headers, mail.input):
        assert magic_links.token(await _link(mail)) not in str(kept_there)
    assert link.encode() not in compose.redacted(mail)
    assert compose.REDACTED.encode() in compose.redacted(mail)


async def _link(mail: OutboundMail) -> MagicLink:
    return await MagicLink.get(id=mail.magic_link_id or 0)


@needs_database
async def test_the_same_bytes_however_often() -> None:
    mail = await kept(await reply())
    first = await compose.composed(mail)
    await Department.all().update(name="Altro", email="", staff_name="x")
    again = await OutboundMail.get(id=mail.id)
    assert await compose.composed(again) == first
    assert max(map(len, first.split(b"\r\n"))) <= 998
    assert b"\n" not in first.replace(b"\r\n", b"")


@needs_database
async def test_languages_and_whose_words() -> None:
    mail = await reply()
    mail.department_id = immigrazione = await stage.department("Immigrazione")

    async def said(language: str) -> Rendered:
        mail.language = language
        return await rendered(mail)

    assert (await said("ru")).language == "ru"
    assert (await said("ru-RU")).language == "ru"
    assert (await said("de")).language == "en"
    await Department.filter(id=immigrazione).update(default_language="it")
    assert (await said("de")).language == "it"
    columns: dict[str, Any] = {"kind": MailKind.REPLY, "language": "it", "subject": "s"}
    await MailTemplate.create(**columns, department_id=None, text="desk: {{ post.text }}")
    assert (await said("it")).text == "desk: Venga domani & presto\n"
    own = await MailTemplate.create(
        **columns, department_id=immigrazione, text="own <{{ contact.name }}>\n{{ magic_link }}"
    )
    done = await said("it")
    assert done.text.startswith("own <Mario")
    assert "own &lt;Mario" in done.html
    assert '<a href="{{magic_link}}">' in done.html
    assert (await said("ru")).language == "ru", "the contact's language before own words"
    await MailTemplate.filter(id=own.id).update(text="{{ 1 / 0 }}")
    done = await said("it")
    assert done.text.startswith("desk:")
    assert len(done.broken) == 1
    assert "REPLY" in done.broken[0]
    assert "Line 1" in done.broken[0]


@needs_database
async def test_signatures_and_names() -> None:
    immigrazione = Department.filter(name="Immigrazione")
    await immigrazione.update(
        signature="Patronato\nVia Roma", personal_signatures=True, staff_name="Lo sportello"
    )
    await Operator.filter(name="Anna").update(signature="Anna, int. 7")
    mail = await reply()
    done = await rendered(mail)
    assert "Lo sportello ha risposto" in done.text
    assert "Anna, int. 7\n\nPatronato\nVia Roma" in done.text
    assert "Patronato<br>\nVia Roma" in done.html
    await immigrazione.update(personal_signatures=False)
    done = await rendered(mail)
    assert "Anna" not in done.text + done.html


@needs_database
async def test_a_password_is_offered_to_who_has_none() -> None:
    mail = await reply()
    url = "https://client.example/password"
    assert url not in (await rendered(mail)).text
    variables.use_set_password_url(url)
    try:
        await Contact.all().update(password_hash="")
        assert url in (await rendered(mail)).text
        await Contact.all().update(password_hash="x")
        assert url not in (await rendered(mail)).text
    finally:
        variables.use_set_password_url(None)


@needs_database
async def test_the_link_of_a_password_reset_is_put_in_last() -> None:
    mail = await reply()
    mail.kind = MailKind.PASSWORD_RESET
    url = "https://client.example/reset?a=1&token=secret"
    mail.input = {"secret_url": ring().encrypt(url)}
    await kept(mail)
    assert "secret" not in str([mail.text, mail.html]).replace("{{secret_url}}", "")
    message = await parsed(mail)
    assert url in body(message, "plain")
    assert b"token=3Dsecret" not in compose.redacted(mail)


@needs_database
async def test_headers() -> None:
    mail = await reply()
    box = await Mailbox.get(id=mail.mailbox_id)
    await Department.filter(name="Immigrazione").update(email="uffici@demo.test")
    await Mailbox.all().update(sender_name='Sportello "Più", Roma', plus_addressing=True)
    await InboundMail.create(
        mailbox_id=box.id, folder="INBOX", uidvalidity=1, uid=1, raw_sha256="", size=1,
        message_id="theirs@x", contact_id=mail.contact_id, ticket_id=mail.ticket_id,
        received_at=mail.created_at, created_at=mail.created_at, state=InboundState.IMPORTED,
    )  # fmt: skip
    message = await parsed(await kept(mail))
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Sportello "Più", Roma', "uffici@demo.test")
    assert message["To"].addresses[0].addr_spec == "mario@demo.test"
    assert ticket_of_reply_address(message["Reply-To"]) == (mail.ticket_id, True)
    assert message["In-Reply-To"] == message["References"] == "<theirs@x>"
    assert message["X-Helpdesk-Loop"] == ring().instance
    assert message["Message-ID"] == f"<{mail.message_id}>"
    assert message["Auto-Submitted"] is None
    assert compose.envelope_sender(mail, box) == "uffici@demo.test"
    await tickets.reply(Reply(mail.ticket_id or 0, "due"), await stage.operator("anna"))
    second = await parsed(await kept((await outbox())[-1]))
    assert second["References"] == f"<{mail.message_id}> <theirs@x>" or second["References"] == (
        f"<theirs@x> <{mail.message_id}>"
    )


@needs_database
async def test_headers_of_what_no_person_wrote() -> None:
    box = await mailbox(null_return_path=True)
    id = await stage.opened()
    notice = await kept((await outbox())[0])
    message = await parsed(notice)
    expected = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    assert {name: message[name] for name in expected} == expected
    assert message["Precedence"] == "bulk"
    assert message["Reply-To"] is None
    assert compose.envelope_sender(notice, await Mailbox.get(id=box.id)) == ""
    notice.kind = MailKind.ACKNOWLEDGEMENT
    assert (await parsed(await kept(notice)))["Auto-Submitted"] == "auto-replied"
    assert f"#{id}" in (notice.text or "")


def test_references_have_an_end() -> None:
    ids = [f"{number}.{'x' * 90}@demo.test" for number in range(40)]
    kept = compose.trimmed(ids)
    assert kept[0] == ids[0]
    assert kept[1:] == ids[-len(kept) + 1 :]
    assert 1300 < sum(len(one) + 3 for one in kept) <= compose.REFERENCES_LIMIT
    assert compose.trimmed(["a@b"]) == ["a@b"]


@needs_database
async def test_no_note_no_event_and_nothing_of_others_in_any_mail() -> None:
    """Every kind of mail of a ticket full of secrets, in every language, with all its variables."""
    box = await mailbox()
    anna = await stage.operator("anna")
    other = await stage.opened("luca" if await Contact.exists(email="luca@demo.test") else "sara")
    others = await Contact.get(id=(await stage.row(other)).contact_id)
    await Contact.filter(id=others.id).update(name="SECRET contact")
    id = await stage.opened("mario")
    upload = await stage.upload(anna, "SECRET.txt")
    await tickets.add_note(AddNote(id, "<p>SECRET note</p>"), anna)
    await tickets.reply(Reply(id, "<p>said <img src='https://x/pixel.png'></p>", (upload,)), anna)
    await tickets.add_note(
        AddNote(id, "SECRET again", mention_ids=((await stage.operator("bruno")).id,)), anna
    )
    await tickets.assign(Assign(id, ("operator", anna.id)), anna)
    await tickets.post(Post(id, "asked"), await stage.contact("mario"))
    await tickets.close(Close(id, body="bye"), anna)
    entries = await stage.timeline(id)
    every = (
        "{% for p in last_14_posts %}{{ p.author }} {{ p.text }} {{ p.html }}{% endfor %}"
        "{{ post.text }}{{ input }}"
    )
    for kind, language in product(MailKind, LANGUAGES):
        await MailTemplate.create(kind=kind, language=language, subject="s", text=every)
    seen = ""
    for own in (True, False):
        if not own:
            await MailTemplate.all().delete()
        for kind, language, entry in product(MailKind, LANGUAGES, entries):
            mail = (await outbox())[0]
            mail.kind, mail.language, mail.entry_number = kind, language, entry.number
            mail.ticket_id, mail.mailbox_id, mail.input = id, box.id, {}
            mail.contact_id = (await stage.contact("mario")).id
            done = await rendered(mail)
            said = f"{done.subject}{done.text}{done.html}"
            seen += said
            assert "SECRET" not in said
            assert "pixel" not in said
    assert "asked" in seen
    assert "bye" in seen
