"""HTML of strangers made harmless: nothing runs, nothing is loaded, nothing leaves its box."""

import re
from collections.abc import Set
from html import escape, unescape
from urllib.parse import urlsplit

import nh3

from actions.markup import ordered

LIMIT = 2_000_000
"""Characters of a mail's HTML; of longer ones the text is shown, and the HTML attached."""
LINKS = 5000
TAGS = set(nh3.ALLOWED_TAGS) - {"map", "area", "bdo"}
_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*) ?/?>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
ALT = 200


def harmless(html: str, content_ids: Set[str]) -> tuple[str, frozenset[str]]:
    """Safe HTML, and the content ids of images it shows; others become placeholders in words.

    `content_ids` are those the mail brings. Linear in the length of the HTML.
    """
    few_links = html.lower().count("<a") <= LINKS
    tags = TAGS if few_links else TAGS - {"a"}
    safe = nh3.clean(
        ordered(html, tags),
        tags=tags,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )
    shown: set[str] = set()

    def image(found: "re.Match[str]") -> str:
        given = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        source, alt = given.get("src", ""), " ".join(given.get("alt", "").split())[:ALT]
        id = source[4:].strip("<>") if source.lower().startswith("cid:") else ""
        if id in content_ids:
            shown.add(id)
            return f'<img src="cid:{escape(id)}" alt="{escape(alt)}">'
        return _placeholder(source, alt)

    return _IMAGE.sub(image, safe).strip(), frozenset(shown)


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img":
        return value if attribute in {"src", "alt"} else None
    return value if attribute not in {"src", "srcset", "background", "cite"} else None


def _placeholder(source: str, alt: str) -> str:
    """Where a picture was that is not shown, and from where it would have come."""
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        host = ""
    words = ", ".join(one for one in (alt, host) if one)
    return f"[{escape(words)}]" if words else ""
