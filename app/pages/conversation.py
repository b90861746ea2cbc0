"""A conversation as a page: what the contact may see of it, and a form to answer."""

import re
from collections.abc import Callable
from html import escape
from http import HTTPStatus

from starlette.responses import Response

from actions.mailing import surveyed
from actions.tickets.rating import COMMENT_LIMIT
from app.pages.page import form, page, paragraph, said
from app.pages.words import language_of
from models import rows
from models.callers import ContactCaller
from models.documents import Document
from models.enums import VISIBLE_KINDS
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

SHOWN = 200
"""The last so many messages."""
_CID = re.compile(r'src="cid:([^"]*)"')


async def conversation(
    caller: ContactCaller, download_url: Callable[[int, int], str], *, unsent: str = ""
) -> Response:
    """The page of the one ticket the caller reaches; `unsent` is a text that was not taken."""
    language = language_of(caller.contact.language)
    ticket = await rows.ticket(caller.condition, caller.only_ticket or 0)
    if ticket is None:
        (title,) = said(language, "expired_title")
        return page(title, "", language, status=HTTPStatus.GONE)
    entries = await (
        TimelineEntry.filter(ticket_id=ticket.id, kind__in=list(VISIBLE_KINDS))
        .order_by("-number")
        .limit(SHOWN)
    )
    documents = await Document.filter(
        entry_id__in=[one.id for one in entries], internal=False
    ).order_by("id")

    def url(document: Document) -> str:
        return download_url(document.id, caller.session_id)

    articles = [
        _article(one, [each for each in documents if each.entry_id == one.id], url, language)
        for one in reversed(entries)
    ]
    answer = await _end(ticket, language) if ticket.closed else _form(unsent, language)
    title = f"#{ticket.id} {ticket.subject}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if unsent else HTTPStatus.OK
    return page(title, "".join(articles) + answer, language, status=status)


def _form(unsent: str, language: str) -> str:
    label, button = said(language, "reply", "send")
    fields = (
        f'<label for="body">{escape(label)}</label>'
        f'<textarea id="body" name="body" rows="6" required>{escape(unsent)}</textarea>'
    )
    return form("/conversation", fields, button)


async def _end(ticket: Ticket, language: str) -> str:
    """Of a closed conversation: that it is, and the question how it was."""
    (closed,) = said(language, "closed")
    rating, now = ticket.rating, await clock()
    if (rating is not None and now > rating.changeable_until) or not await surveyed(ticket):
        return paragraph(closed)
    question, yes, no, comment, button, rated = said(
        language, "rate", "rate_yes", "rate_no", "rate_comment", "rate_button", "rated"
    )
    given = rating.positive if rating is not None else None
    choices = "".join(
        f'<label><input type="radio" name="positive" value="{value}" required'
        f"{' checked' if given is positive else ''}>{escape(label)}</label> "
        for value, positive, label in (("yes", True, yes), ("no", False, no))
    )
    said_so = paragraph(rated.format(until=f"{rating.changeable_until:%Y-%m-%d}")) if rating else ""
    fields = (
        f"<fieldset><legend>{escape(question)}</legend>{choices}</fieldset>"
        f'<label for="comment">{escape(comment)}</label>'
        f'<textarea id="comment" name="comment" rows="3" maxlength="{COMMENT_LIMIT}">'
        f"{escape(rating.comment if rating else '')}</textarea>"
    )
    return paragraph(closed) + said_so + form("/conversation/rating", fields, button)


def text_as_html(text: str) -> str:
    """What was typed, as a message: lines kept, nothing in it is markup."""
    return "<br>".join(escape(line) for line in text.replace("\r\n", "\n").split("\n"))


def _article(
    entry: TimelineEntry, documents: list[Document], url: Callable[[Document], str], language: str
) -> str:
    us, you = said(language, "us", "you")
    who = you if entry.contact_id is not None else entry.staff_name or us
    inline = {one.content_id: one for one in documents if one.content_id}

    def source(found: "re.Match[str]") -> str:
        document = inline.get(found[1])
        return f'src="{escape(url(document))}"' if document is not None else 'src=""'

    files = "".join(
        f'<li><a href="{escape(url(one))}">{escape(one.name)}</a></li>'
        for one in documents
        if not one.content_id
    )
    listed = f"<ul>{files}</ul>" if files else ""
    when = (
        f'<time datetime="{entry.created_at.isoformat()}">{entry.created_at:%Y-%m-%d %H:%M}</time>'
    )
    body = _CID.sub(source, entry.body)
    return f'<article><p class="who">{escape(who)} · {when}</p>{body}{listed}</article>'
