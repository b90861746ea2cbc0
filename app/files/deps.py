"""What the composition root tells the file endpoints."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from app.files.storage import Storage
from models.callers import Caller


@dataclass(frozen=True)
class FileDeps:
    """The parts the file endpoints are made of.

    `identify` turns the token of an operator or of a contact into a caller, or raises
    `app.transport.endpoint.BadCredential`.
    """

    storage: Storage
    identify: Callable[[str], Awaitable[Caller]]
    secret: str
    """Signs download addresses."""
    cookies: Mapping[str, str]
    """Names of the session cookies, by `operator` and `contact`; of two sent, the first goes."""
    origins: frozenset[str] = frozenset()
    """Other origins whose pages may use cookies."""
    operator_origins: frozenset[str] | None = None
    """Those of them that may use the operator's; all of them when not said."""
    patience_s: float = 60.0
    """An upload that sends nothing for so long is given up."""

    def origins_for(self, kind: str) -> frozenset[str]:
        """The other origins whose pages may use the cookie of this kind."""
        if kind == "operator" and self.operator_origins is not None:
            return self.origins & self.operator_origins
        return self.origins
