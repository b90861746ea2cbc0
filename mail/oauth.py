"""Credentials of a mailbox's servers; OAuth2 tokens are refreshed before they run out."""

from actions.keys import ring
from mail.credentials import Credential, Password, Reauthorise
from models.mail_enums import MailAuth
from models.mailboxes import Mailbox, MailServer


async def credential(mailbox: Mailbox, server: MailServer) -> Credential:
    """What to sign in with. Raises KeyLost, Reauthorise."""
    username = server.username or mailbox.address
    if server.auth is MailAuth.NONE:
        return Password("", "")
    if server.auth is MailAuth.PASSWORD:
        return Password(username, ring().decrypt(server.secret))
    raise Reauthorise("No consent was given yet.")
