"""HTML of mails made harmless: nothing runs, loads from elsewhere, or leaves its box."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote, urlsplit

import nh3

from actions.markup import ordered
from mail.parsing import limits
from mail.parsing.charsets import clean
from mail.parsing.lines import Tries
from mail.parsing.styles import STYLES, size, styles
from mail.parsing.tree import Fold, Tag, folded, lines_of, tags_of

TAGS = (set(nh3.ALLOWED_TAGS) | {"font"}) - {"map", "area", "bdo"}
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
_ATTRIBUTES["font"] = {"color", "face", "size"}
_ATTRIBUTES["*"] = {"style", "title", "dir", "lang"}
for _tag in ("div", "blockquote", "span", "hr", "p"):
    _ATTRIBUTES.setdefault(_tag, set()).update({"class", "id"})
for _cited in ("blockquote", "q", "ins", "del"):
    _ATTRIBUTES[_cited] -= {"cite"}
_SILENT = "title|template|svg|math|select|iframe|audio|video"
_LITERAL = ("textarea", "xmp")
"""What looks like tags in these is text."""
_SPECIAL_TAG = re.compile(rf"<({_SILENT}|{'|'.join(_LITERAL)})(?=[\s/>])", re.IGNORECASE)
_DATA = re.compile(
    r"""(?<=src=)(["']?)data:image/(png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\s]{1,30000000}+)""",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(rf"\s*(?:{'|'.join(sorted(SCHEMES))}):", re.IGNORECASE)


@dataclass
class Shown:
    """What became of a mail's HTML."""

    html: str = ""
    text: str = ""
    pictures: frozenset[str] = frozenset()
    """The content ids it shows."""
    blocked: int = 0
    """Images of other servers that were not loaded."""
    cut: bool = False
    links_cut: bool = False


@dataclass
class _Filter:
    """What one cleaning counts."""

    styled: bool = True
    links: int = 0

    def attribute(self, tag: str, name: str, value: str) -> str | None:
        """The value an attribute may have."""
        if name == "style":
            return styles(value) if self.styled else None
        if name in {"width", "height"}:
            return size(value)
        if tag == "a" and name == "href":
            if not _ABSOLUTE.match(value):
                return None
            self.links += 1
            return value if self.links <= limits.LINKS else None
        return value


@dataclass
class _Pictures:
    """Images on their way out: those of the mail stay, the others are named."""

    known: Callable[[str], str]
    shown: set[str] = field(default_factory=set[str])
    blocked: int = 0

    def __call__(self, tag: Tag) -> str:
        source = unescape(tag.attributes.get("src", ""))
        alt = " ".join(unescape(tag.attributes.get("alt", "")).split())[: limits.NAME]
        if source[:4].lower() == "cid:":
            cid = self.known(unquote(source[4:]).strip().strip("<>"))
            if cid and len(self.shown) < limits.IMAGES:
                self.shown.add(cid)
                sizes = "".join(
                    f' {name}="{tag.attributes[name]}"'
                    for name in ("width", "height")
                    if name in tag.attributes
                )
                return f'<img src="cid:{escape(cid)}" alt="{escape(alt)}"{sizes}>'
            return _placeholder("image missing", alt)
        if not source:
            return _placeholder("image", alt) if alt else ""
        self.blocked += 1
        return _placeholder("image not loaded", ", ".join(filter(None, (alt, _host(source)))))


def safe(raw: str, known: Callable[[str], str], fold: Tries | None = None) -> Shown:
    """HTML to show and its text; `known` says the content id of a picture, empty for none."""
    body = _spoken(clean(raw))
    cut = len(body) > limits.RAW_HTML
    tidy = ordered(body[: limits.RAW_HTML], TAGS)
    size = 2 * limits.HTML_BYTES
    cut = cut or len(tidy) > size
    for styled, most in ((True, size), (False, size), (False, size // 4), (False, size // 16)):
        filter = _Filter(styled)
        cleaned = _cleaned(tidy[:most], filter)
        if len(cleaned) > 2 * size and most > size // 16:
            continue
        shown = _shown(cleaned, known, fold)
        shown.cut = cut or most < min(size, len(tidy))
        shown.links_cut = filter.links > limits.LINKS
        if len(shown.html.encode()) <= limits.HTML_BYTES:
            return shown
    return Shown(cut=True)


def with_data_images(raw: str, keep: Callable[[str, str], str]) -> str:
    """Images written into the HTML become files: `keep(type, base64)` gives a content id."""
    return _DATA.sub(lambda found: found[1] + "cid:" + keep(found[2].lower(), found[3]), raw)


def _cleaned(tidy: str, filter: _Filter) -> str:
    return clean(
        nh3.clean(
            tidy,
            tags=TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=filter.attribute,
            url_schemes=SCHEMES,
            filter_style_properties=STYLES,
            link_rel="noopener noreferrer nofollow",
            strip_comments=True,
            url_relative="pass_through",  # a picture's is named; a link's is refused above
        )
    ).strip()


def _shown(cleaned: str, known: Callable[[str], str], fold: Tries | None) -> Shown:
    pictures = _Pictures(known)
    tags = tags_of(cleaned)
    lines = lines_of(tags)
    where = folded(tags, lines, fold) if fold else Fold()
    html = "".join(one.written(pictures) for one in where.around(tags))
    text = "\n".join(one.text for one in lines if one.text.strip() or not one.blank)
    return Shown(html, text.strip(), frozenset(pictures.shown), pictures.blocked)


def _spoken(html: str) -> str:
    """Without elements whose content is no text of the mail; literal text as such."""
    out: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while found := _SPECIAL_TAG.search(html, at):
        name = found[1].lower()
        end = None
        if name not in unclosed:
            end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(html, found.end())
        if end is None:
            unclosed.add(name)
            out.append(html[at : found.end()])
            at = found.end()
            continue
        out.append(html[at : found.start()])
        if name in _LITERAL:
            out.append(_literal(name, html[found.end() : end.start()]))
        at = end.end()
    return "".join([*out, html[at:]])


def _literal(name: str, content: str) -> str:
    """The text after the rest of its tag: in a textarea, references are read."""
    text = content.partition(">")[2]
    text = text if name == "textarea" else text.replace("&", "&amp;")
    return f"<pre>{text.replace('<', '&lt;')}</pre>"


def _placeholder(what: str, more: str) -> str:
    return f"<span>[{escape(f'{what}: {more}' if more else what)}]</span>"


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "")[:100]
    except ValueError:
        return ""
