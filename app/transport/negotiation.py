"""Media types of GraphQL over HTTP: what a body is in, what the answer shall be in."""

from enum import StrEnum
from typing import NamedTuple


class Media(StrEnum):
    """The two media types of a GraphQL response; the first is what we choose ourselves."""

    JSON = "application/json"
    GRAPHQL = "application/graphql-response+json"


class _Range(NamedTuple):
    """One entry of an `Accept` header."""

    media: str
    quality: float
    place: int


def negotiated(accept: str | None) -> Media | None:
    """The media type a client likes best, or `None` when it accepts neither (RFC 9110, 12.5.1).

    Of two it likes equally, the one it names wins over a wildcard, then the first named.
    No header means JSON: the clients that send none are old.
    """
    if not accept or not accept.strip():
        return Media.JSON
    ranges = [_range(entry, place) for place, entry in enumerate(accept.split(","))]
    ranked: list[tuple[float, int, int, Media]] = []
    for media in Media:
        fitting = [(_specificity(entry, media), entry) for entry in ranges]
        specificity, best = max(fitting, key=lambda fit: (fit[0], -fit[1].place))
        if specificity and best.quality > 0:
            ranked.append((best.quality, specificity, -best.place, media))
    # `max` keeps the first of equals, and JSON comes first.
    return max(ranked, key=lambda rank: rank[:3])[3] if ranked else None


def is_json(content_type: str | None) -> bool:
    """Whether a body is JSON in UTF-8, which is also what an absent charset means."""
    media, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charsets = [
        parameter.removeprefix("charset=").strip('"')
        for parameter in parameters
        if parameter.startswith("charset=")
    ]
    return media == Media.JSON and set(charsets) <= {"utf-8", "utf8"}


def _range(entry: str, place: int) -> _Range:
    media, *parameters = (part.strip().lower() for part in entry.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            quality = _quality(parameter.removeprefix("q="))
    return _Range(media, quality, place)


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _specificity(entry: _Range, media: Media) -> int:
    """3 for the type itself, 2 for its family, 1 for anything, 0 for another type."""
    return {str(media): 3, "application/*": 2, "*/*": 1}.get(entry.media, 0)
