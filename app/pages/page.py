"""How a page is put together: no script, nothing loaded from elsewhere, nothing to be framed."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse, Response

from app.pages.words import LANGUAGES

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.5rem 1rem}input,textarea{font:inherit;width:100%;"
    "box-sizing:border-box;margin:.25rem 0 1rem}article{border-top:1px solid;padding:.5rem 0}"
    "img{max-width:100%}.who{font-weight:bold}"
)
_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()


def page(
    title: str, body: str, language: str, *, status: int = HTTPStatus.OK, form_to: str = ""
) -> Response:
    """A whole page; `body` is HTML, `form_to` another origin that a form may lead to."""
    csp = (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src 'self' data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {form_to}".strip()
    )
    html = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title>"
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": csp,
        "Cache-Control": "no-store",
        # Not `no-referrer`: then browsers send forms with no origin. The token stays with us.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
    }
    return HTMLResponse(html, status, headers)


def form(action: str, fields: str, button: str) -> str:
    """A form that posts."""
    return (
        f'<form method="post" action="{escape(action)}">{fields}'
        f"<button>{escape(button)}</button></form>"
    )


def field(name: str, label: str, kind: str = "text", complete: str = "off") -> str:
    """A labelled input."""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" '
        f'type="{kind}" autocomplete="{complete}" required>'
    )


def said(language: str, *names: str) -> list[str]:
    """Texts in a language."""
    return [LANGUAGES[language][name] for name in names]


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def unsent(text: str, language: str) -> str:
    """What somebody has typed and we did not take, for them to copy; nothing of nothing."""
    if not text.strip():
        return ""
    (label,) = said(language, "not_sent")
    return (
        f'<label for="unsent">{escape(label)}</label>'
        f'<textarea id="unsent" rows="6" readonly>{typed(text)}</textarea>'
    )


def typed(text: str) -> str:
    """As the content of a textarea, of which browsers drop a first line that is empty."""
    return "\n" + escape(text)
