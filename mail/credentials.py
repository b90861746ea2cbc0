"""How the desk signs in to a mail server."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Password:
    """A name and a password; both empty where the server asks for none."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Bearer:
    """A name and an OAuth2 access token (XOAUTH2)."""

    username: str
    token: str = field(repr=False)


Credential = Password | Bearer


class Reauthorise(Exception):
    """The OAuth2 grant is dead; the message says what the provider said."""
