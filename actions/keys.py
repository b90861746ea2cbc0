"""What the secret key does: encrypt what must not be read in the database, sign what comes back.

Each use has a key of its own, derived (RFC 5869). Former keys still decrypt and verify, until
`sportello rotate-keys` has encrypted everything anew and nobody waits for old signatures.
"""

import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SIGNATURE_BYTES = 10
"""80 bits, 16 letters of base32."""


class Purpose(StrEnum):
    """What a derived key is for; a signature of one is none for another."""

    SECRETS = "secrets at rest"
    MESSAGE_ID = "message ids"
    REPLY_ADDRESS = "reply addresses"
    MAGIC_LINK = "magic links"
    INSTANCE = "instance"
    OAUTH_STATE = "oauth state"
    OAUTH_VERIFIER = "oauth verifier"


class KeyLost(Exception):
    """What was encrypted cannot be read with any key we have."""


class Keyring:
    """The secret keys, the one in use first."""

    def __init__(self, keys: Sequence[str]) -> None:
        """At least one, of any length. Raises ValueError for none."""
        if not keys:
            raise ValueError("a keyring needs a key")
        self._keys = tuple(keys)
        fernets = [Fernet(urlsafe_b64encode(derived(key, Purpose.SECRETS))) for key in keys]
        self._current, self._fernet = fernets[0], MultiFernet(fernets)

    def encrypt(self, text: str) -> str:
        """For the database; the empty string stays empty."""
        return self._fernet.encrypt(text.encode()).decode() if text else ""

    def decrypt(self, stored: str) -> str:
        """What `encrypt` was given. Raises KeyLost."""
        try:
            return self._fernet.decrypt(stored.encode()).decode() if stored else ""
        except InvalidToken:
            raise KeyLost("The secret key has changed: enter the password again.") from None

    def is_current(self, stored: str) -> bool:
        """Whether the key in use encrypted it, so that `rotated` is not needed."""
        try:
            return not stored or bool(self._current.decrypt(stored.encode()))
        except InvalidToken:
            return False

    def rotated(self, stored: str) -> str:
        """The same, encrypted with the key in use. Raises KeyLost."""
        return self.encrypt(self.decrypt(stored))

    def sign(self, purpose: Purpose, text: str) -> str:
        """Sixteen letters and digits, lower case: they survive mail addresses."""
        return _signature(self._keys[0], purpose, text)

    def verify(self, purpose: Purpose, text: str, signature: str) -> bool:
        """Whether `sign` made it, with any of the keys; the case of letters does not matter."""
        given = signature.lower().encode()
        return any(
            hmac.compare_digest(_signature(key, purpose, text).encode(), given)
            for key in self._keys
        )

    @property
    def instance(self) -> str:
        """The desk's name in its mails: who meets it again meets their own."""
        return self.sign(Purpose.INSTANCE, "")

    @property
    def instances(self) -> frozenset[str]:
        """All names it ever had."""
        return frozenset(_signature(key, Purpose.INSTANCE, "") for key in self._keys)


@cache
def derived(key: str, purpose: Purpose) -> bytes:
    """32 bytes for one purpose."""
    return HKDF(SHA256(), 32, salt=None, info=f"sportello {purpose}".encode()).derive(key.encode())


def _signature(key: str, purpose: Purpose, text: str) -> str:
    digest = hmac.new(derived(key, purpose), text.encode(), sha256).digest()
    return b32encode(digest[:SIGNATURE_BYTES]).decode().lower()


_rings: list[Keyring] = []


def use(keys: Sequence[str]) -> None:
    """Said once by the composition root: the keys of this process, the one in use first."""
    _rings[:] = [Keyring(keys)]


def ring() -> Keyring:
    """The keys of this process."""
    if not _rings:
        raise RuntimeError("no keys: keys.use() first")
    return _rings[0]
