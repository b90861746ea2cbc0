"""Refusals of a whole request, as against the refusals a mutation answers with."""


class RequestRefused(Exception):
    """The caller may not even try; `code` is the `extensions.code` the client reads."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
