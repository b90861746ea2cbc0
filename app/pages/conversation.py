"""A conversation as a page: what the contact may see of it, and a form to answer."""

import re
from collections.abc import Callable
from html import escape
from http import HTTPStatus

from starlette.responses import Response

from actions.mailing import surveyed
from actions.tickets.rating import COMMENT_LIMIT
from app.pages.page import form, page, paragraph, said, typed, unsent
from app.pages.words import language_of
from models import rows
from models.callers import ContactCaller
from models.documents import Document
from models.enums import VISIBLE_KINDS
from models.people import Contact
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

SHOWN = 200
"""The last so many messages."""
_CID = re.compile(r'src="cid:([^"]*)"')


async def conversation(
    caller: ContactCaller,
    download_url: Callable[[int, int], str],
    *,
    text: str = "",
    wrong: str = "",
) -> Response:
    """The page of the one ticket the caller reaches; `text` was not taken, `wrong` says why."""
    language = language_of(caller.contact.language)
    ticket = await rows.ticket(caller.condition, caller.only_ticket or 0)
    if ticket is None:
        (title,) = said(language, "expired_title")
        return page(title, unsent(text, language), language, status=HTTPStatus.GONE)
    entries = await (
        TimelineEntry.filter(ticket_id=ticket.id, kind__in=list(VISIBLE_KINDS))
        .order_by("-number")
        .limit(SHOWN)
    )
    documents = await Document.filter(
        entry_id__in=[one.id for one in entries], internal=False
    ).order_by("id")

    names = await _names(entries, caller)

    def url(document: Document) -> str:
        return download_url(document.id, caller.session_id)

    articles = [
        _article(one, [each for each in documents if each.entry_id == one.id], url, names)
        for one in reversed(entries)
    ]
    if ticket.closed:
        why = paragraph(wrong) if wrong else ""
        answer = why + unsent(text, language) + await _end(ticket, language)
    else:
        answer = _form(text, wrong, language)
    title = f"#{ticket.id} {ticket.subject}"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if text or wrong else HTTPStatus.OK
    return page(title, "".join(articles) + answer, language, status=status)


async def _names(entries: list[TimelineEntry], caller: ContactCaller) -> dict[int, str]:
    """What authors are called, by entry: the caller is you, colleagues have their own names."""
    us, you = said(language_of(caller.contact.language), "us", "you")
    ids = {one.contact_id for one in entries if one.contact_id not in {None, caller.id}}
    others = {one.id: one.display_name for one in await Contact.filter(id__in=list(ids))}
    called = {**others, caller.id: you}
    return {one.id: called.get(one.contact_id or 0, one.staff_name or us) for one in entries}


def _form(text: str, wrong: str, language: str) -> str:
    label, button = said(language, "reply", "send")
    fields = (
        f'<label for="body">{escape(label)}</label>'
        f'<textarea id="body" name="body" rows="6" required>{typed(text)}</textarea>'
    )
    return (paragraph(wrong) if wrong else "") + form("/conversation", fields, button)


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
    entry: TimelineEntry,
    documents: list[Document],
    url: Callable[[Document], str],
    names: dict[int, str],
) -> str:
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
    return f'<article><p class="who">{escape(names[entry.id])} · {when}</p>{body}{listed}</article>'
