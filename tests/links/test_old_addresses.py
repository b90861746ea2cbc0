"""What a mailbox holds that is the contact's no more, and what those hold who were shut out."""

import pytest

from actions import magic_links
from actions.keys import ring
from actions.unit_of_work import settle
from models.mail_enums import MailKind
from models.mails import OutboundMail
from models.people import Contact
from models.tickets import Ticket
from resolvers.ids import encode, local_id
from tests.links.test_links import OPENED, anonymous, link_to, opened, ticket_of
from tests.mail import boxes
from tests.support.site import Client, Site

NEW = "correct horse battery"


@pytest.fixture
async def token(site: Site) -> str:
    """Of a password reset that Sara asked for."""
    await boxes.mailbox("immigrazione@demo.test", department="Immigrazione")
    await anonymous(site).do("passwordResetRequest", email="sara@demo.test")
    await settle()
    mail = await OutboundMail.get(kind=MailKind.PASSWORD_RESET)
    return ring().decrypt(mail.input["secret_url"]).rpartition("/")[2]


async def contact(name: str) -> str:
    return encode("Contact", (await Contact.get(email=f"{name}@demo.test")).id)


async def set_with(site: Site, token: str) -> str:
    done = await anonymous(site).do("passwordSet", token=token, password=NEW)
    kind: str = done["__typename"]
    return kind


@pytest.mark.parametrize("how", ["another address", "none", "merged", "blocked and not"])
async def test_a_reset_is_void(site: Site, token: str, how: str) -> None:
    admin, sara = await site.sign_in("admin"), await contact("sara")
    if how == "merged":
        await admin.do("contactMerge", contactId=sara, intoId=await contact("samuel"))
    elif how == "blocked and not":
        await admin.do("contactBlock", contactId=sara)
        await admin.do("contactUnblock", contactId=sara)
    else:
        email = "new@demo.test" if how == "another address" else None
        done = await admin.do("contactUpdate", contactId=sara, email=email)
        assert done["__typename"] == "ContactUpdated", done
    assert await set_with(site, token) == "LinkExpired"


async def test_a_new_name_voids_nothing(site: Site, token: str) -> None:
    admin, sara = await site.sign_in("admin"), await contact("sara")
    link = await link_to(await ticket_of(site))
    await admin.do("contactUpdate", contactId=sara, name="Sara", email="sara@demo.test")
    await opened(site, link)
    assert await set_with(site, token) == "PasswordIsSet"


async def test_links_in_the_old_mailbox_open_nothing(site: Site) -> None:
    mine = await ticket_of(site)
    link = await link_to(mine)
    by_link, signed_in = await opened(site, link), await site.sign_in("sara")
    admin = await site.sign_in("admin")
    await admin.do("contactUpdate", contactId=await contact("sara"), email="new@demo.test")
    done = await anonymous(site).do("magicLinkOpen", OPENED, token=magic_links.token(link))
    assert done["__typename"] == "LinkExpired"
    assert await status(by_link) == 401
    assert await status(signed_in) == 200, "a password is not in the mailbox"
    assert (await link_to(mine)).id != link.id


async def test_mail_no_longer_goes_where_the_old_one_asked_for(site: Site) -> None:
    mine = local_id(await ticket_of(site), "Ticket")
    await Ticket.filter(id=mine).update(reply_to="drop@stranger.example")
    admin = await site.sign_in("admin")
    await admin.do("contactUpdate", contactId=await contact("sara"), email="new@demo.test")
    assert (await Ticket.get(id=mine)).reply_to == ""


async def status(client: Client) -> int:
    return (await client.post("{ viewer { id } }")).status_code
