"""A form as a browser posts it (application/x-www-form-urlencoded)."""

from urllib.parse import parse_qs

from starlette.requests import Request

FORM_LIMIT = 300_000
"""Bytes of a form."""
HEARD_OUT = 10 * FORM_LIMIT
"""Bytes of one that is too long: a browser hears no answer before it has sent all."""
FIELDS_MOST = 20


class FormTooLong(Exception):
    """More than is read."""


async def read(request: Request) -> dict[str, str]:
    """The fields, the first of each name; none when it is no form. Raises FormTooLong."""
    body, size = b"", 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > HEARD_OUT:
            break
        if size <= FORM_LIMIT:
            body += chunk
    if size > FORM_LIMIT:
        raise FormTooLong
    try:
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=FIELDS_MOST)
    except ValueError:  # too many fields
        return {}
    return {name: values[0] for name, values in found.items()}
