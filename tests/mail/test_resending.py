"""A mail that is sent again brings a link that opens something, whatever became of the old one."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest

from actions.unit_of_work import settle
from models.magic_links import MagicLink, PasswordReset
from models.mail_enums import MailKind, OutboundState
from models.mails import OutboundMail
from tests.links.test_links import anonymous, ticket_of
from tests.mail import boxes
from tests.mail.sending import worker
from tests.mail.smtp_server import Server, smtp_server
from tests.support.site import Site, gid


def opened_by(server: Server, path: str) -> list[str]:
    """What stands after this path in the mails, one after the other."""
    texts: list[str] = []
    for one in server.taken:
        body = message_from_bytes(one.raw, policy=policy.default).get_body(("plain",))
        texts.append(body.get_content() if body is not None else "")
    return re.findall(rf"{path}(\S+)", "".join(texts))


async def ended_badly(kind: MailKind) -> OutboundMail:
    mail = await OutboundMail.get(kind=kind)
    await OutboundMail.filter(id=mail.id).update(state=OutboundState.FAILED)
    return mail


@pytest.mark.parametrize("by", ["operator", "administrator"])
@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_reply_sent_again_opens_its_ticket(site: Site, how: str, by: str) -> None:
    async with smtp_server() as server:
        await boxes.mailbox(
            "immigrazione@demo.test", department="Immigrazione", smtp_port=server.port
        )
        id = await ticket_of(site)
        bruno, admin = await site.sign_in("bruno"), await site.sign_in("admin")
        await bruno.do("ticketReply", ticketId=id, body="<p>ecco</p>")
        await worker().once()
        mail = await ended_badly(MailKind.REPLY)
        if how == "revoked":
            await bruno.do("magicLinksRevoke", ticketId=id)
        else:
            await MagicLink.filter(id=mail.magic_link_id).update(expires_at=datetime.now(UTC))
        (token,) = opened_by(server, "/m/")
        assert (await site.http.get(f"/m/{token}")).status_code == 410
        if by == "operator":
            done = await bruno.do("replyResend", ticketId=id, number=mail.entry_number)
        else:
            done = await admin.do("outboundMailResend", mailId=gid("OutboundMail", mail.id))
        assert done["__typename"] in {"ReplyResent", "OutboundMailResent"}, done
        await worker().once()
        _, token = opened_by(server, "/m/")
        assert (await site.http.get(f"/m/{token}")).status_code == 200
        raws = [one.raw for one in server.taken if b"/m/" in one.raw]
        assert raws[0].partition(b"\r\n\r\n")[0] == raws[1].partition(b"\r\n\r\n")[0]


async def test_a_password_is_set_by_a_mail_sent_again(site: Site) -> None:
    async with smtp_server() as server:
        await boxes.mailbox(
            "immigrazione@demo.test", department="Immigrazione", smtp_port=server.port
        )
        await ticket_of(site)
        await anonymous(site).do("passwordResetRequest", email="sara@demo.test")
        await settle()
        await worker().once()
        mail = await ended_badly(MailKind.PASSWORD_RESET)
        await PasswordReset.all().update(expires_at=datetime.now(UTC))
        admin, new = await site.sign_in("admin"), "correct horse battery"
        await admin.do("outboundMailResend", mailId=gid("OutboundMail", mail.id))
        await worker().once()
        _, token = opened_by(server, "/password/")
        done = await anonymous(site).do("passwordSet", token=token, password=new)
        assert done["__typename"] == "PasswordIsSet"
