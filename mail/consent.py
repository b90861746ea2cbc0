"""Consent to a mailbox: the authorisation-code flow (RFC 6749, 4.1) with PKCE (RFC 7636).

Nothing is kept between its two halves: the state is signed, says whose session began it and when,
and the verifier is derived from it with our key.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from actions import mailbox_grants
from actions.keys import Purpose, ring
from mail import oauth_server
from models.callers import OperatorCaller
from models.mailboxes import Mailbox

PATH = "/oauth/mail/callback"
"""Where providers send people back to: to be registered with them, after our own origin."""
LIFETIME = timedelta(minutes=15)
VERIFIER_PARTS = 4
"""Signatures of 16 characters: 64 together, between 43 and 128 (RFC 7636, 4.1)."""
EXTRA = {
    "google": {"access_type": "offline", "prompt": "consent"},
    "microsoft": {"prompt": "consent"},
}
"""Google gives a refresh token for offline access alone, and again only when asked to consent."""


class StateRefused(Exception):
    """The answer belongs to nothing that was begun here; the message says what to do."""


@dataclass(frozen=True)
class State:
    """What was begun: for which mailbox, in which session."""

    mailbox_id: int
    session_id: int
    expires_at: datetime
    nonce: str

    @property
    def text(self) -> str:
        """As it travels."""
        said = self._said
        return f"{said}.{ring().sign(Purpose.OAUTH_STATE, said)}"

    @property
    def verifier(self) -> str:
        """RFC 7636, 4.1."""
        return "".join(
            ring().sign(Purpose.OAUTH_VERIFIER, f"{self._said}.{part}")
            for part in range(VERIFIER_PARTS)
        )

    @property
    def challenge(self) -> str:
        """RFC 7636, 4.2, with S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    @property
    def _said(self) -> str:
        expires = int(self.expires_at.timestamp())
        return f"{self.mailbox_id}.{self.session_id}.{expires}.{self.nonce}"

    @classmethod
    def new(cls, mailbox_id: int, session_id: int) -> "State":
        """One that begins now."""
        expires = (datetime.now(UTC) + LIFETIME).replace(microsecond=0)
        return cls(mailbox_id, session_id, expires, secrets.token_hex(16))

    @classmethod
    def read(cls, text: str) -> "State":
        """What was begun. Raises StateRefused for what is forged, or too old."""
        said, _, signature = text.rpartition(".")
        parts = said.split(".")
        if len(parts) != 4 or not ring().verify(Purpose.OAUTH_STATE, said, signature):
            raise StateRefused("This answer is to nothing that was begun here.")
        mailbox, session, expires, nonce = parts
        state = cls(int(mailbox), int(session), datetime.fromtimestamp(int(expires), UTC), nonce)
        if state.expires_at <= datetime.now(UTC):
            raise StateRefused("It took more than 15 minutes: begin again.")
        return state


def authorisation_url(mailbox: Mailbox, state: State, base: str) -> str:
    """Where the administrator gives consent, signed in there as the mailbox."""
    asked = {
        "response_type": "code",
        "client_id": mailbox.oauth_client_id,
        "redirect_uri": base + PATH,
        "scope": mailbox.oauth_scope,
        "state": state.text,
        "code_challenge": state.challenge,
        "code_challenge_method": "S256",
        "login_hint": mailbox.address,
    } | EXTRA.get(mailbox.oauth_provider, {})
    joint = "&" if "?" in mailbox.oauth_authorise_url else "?"
    return f"{mailbox.oauth_authorise_url}{joint}{urlencode(asked)}"


async def complete(state: State, code: str, base: str, by: OperatorCaller) -> Mailbox:
    """Change the code for tokens, and keep them.

    Raises Reauthorise, TokenServerTrouble, KeyLost, NotFound, NotPermitted, InvalidInput.
    """
    mailbox = await mailbox_grants.asked_for(state.mailbox_id, by)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": base + PATH,
        "client_id": mailbox.oauth_client_id,
        "code_verifier": state.verifier,
    }
    secret = ring().decrypt(mailbox.oauth_client_secret)
    form |= {"client_secret": secret} if secret else {}
    tokens = await oauth_server.request(mailbox.oauth_token_url, form)
    return await mailbox_grants.granted(mailbox.id, tokens, by)
