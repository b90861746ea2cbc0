"""`/m/{token}`, `/conversation` and `/password/{token}`: pages for people a mail has led here.

Opening one does nothing: mail scanners follow links. A form does, sent from the page itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from actions import link_requests, tickets, ways_in
from actions.refusals import (
    InvalidInput,
    LinkExpired,
    NotFound,
    RatingClosed,
    TicketAlreadyClosed,
    TicketStillOpen,
    TooManyAttempts,
)
from actions.sessions import CONTACT_SESSION
from actions.tickets.requests import Post, Rate
from app.pages import forms
from app.pages.conversation import conversation, text_as_html
from app.pages.page import field, form, page, paragraph, said, unsent
from app.pages.words import language_of
from app.transport.ask import ask_of
from app.transport.endpoint import BadCredential
from models.callers import Caller, ContactCaller
from models.people import Contact

COOKIE_LIVES_S = int(CONTACT_SESSION / timedelta(seconds=1))
"""Longer than a link's session, which says itself when it is over: used, it lives on."""
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Pages:
    """What the pages need of the composition root."""

    origin: str
    """Our own address."""
    cookie: str
    """The name of the client area's session cookie; without one, of a cookie of the pages."""
    set_cookie: Callable[[str, int], str]
    identify: Callable[[str], Awaitable[Caller]]
    """Raises BadCredential."""
    download_url: Callable[[int, int], str]
    client_area: str = ""
    """Where a conversation is shown instead, with `{ticket}` for its number; empty for here."""

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/m/{token}", self._link, methods=["GET"]),
            Route("/m/{token}", self._guarded(self._open), methods=["POST"]),
            Route("/conversation", self._conversation, methods=["GET"]),
            Route("/conversation", self._guarded(self._write), methods=["POST"]),
            Route("/conversation/rating", self._guarded(self._rate), methods=["POST"]),
            Route("/link", self._guarded(self._request_link), methods=["POST"]),
            Route("/password", self._ask_reset, methods=["GET"]),
            Route("/password", self._guarded(self._request_reset), methods=["POST"]),
            Route("/password/{token}", self._password, methods=["GET"]),
            Route("/password/{token}", self._guarded(self._set_password), methods=["POST"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        """Forms of our own pages alone, whatever cookie comes along."""

        async def guarded(request: Request) -> Response:
            if not self._is_ours(request):
                return _refused(request, "wrong_origin", HTTPStatus.FORBIDDEN)
            try:
                return await handler(request)
            except TooManyAttempts:
                return _refused(request, "too_many", HTTPStatus.TOO_MANY_REQUESTS)
            except forms.FormTooLong:
                return _refused(request, "too_long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

        return guarded

    def _is_ours(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return request.headers.get("origin", "") == self.origin

    async def _link(self, request: Request) -> Response:
        """The page with the button; nothing happens yet."""
        token = request.path_params["token"]
        link = await ways_in.find_link(token)
        contact = await Contact.get_or_none(id=link.contact_id) if link is not None else None
        language = language_of(contact.language) if contact is not None else _language(request)
        if link is None:
            return self._expired(language)
        title, text, button = said(language, "open_title", "open_text", "open_button")
        body = paragraph(text) + form(f"/m/{token}", "", button)
        return page(title, body, language, form_to=self._elsewhere)

    async def _open(self, request: Request) -> Response:
        try:
            done, ticket = await ways_in.open_link(request.path_params["token"], _address(request))
        except LinkExpired:
            return self._expired(_language(request))
        where = self.client_area.replace("{ticket}", str(ticket.id)) or "/conversation"
        answer = RedirectResponse(where, HTTPStatus.SEE_OTHER)
        if not await self._signed_in(request):
            cookie = self.set_cookie(done.token, COOKIE_LIVES_S).encode("latin-1")
            answer.raw_headers.append((b"set-cookie", cookie))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    async def _conversation(self, request: Request) -> Response:
        caller = await self._caller(request)
        if caller is None or caller.only_ticket is None:
            return self._expired(_language(request))
        return await conversation(caller, self.download_url)

    async def _write(self, request: Request) -> Response:
        text = (await forms.read(request)).get("body", "")
        caller = await self._caller(request)
        if caller is None or caller.only_ticket is None:
            return self._expired(_language(request), text)
        try:
            await tickets.post(Post(caller.only_ticket, text_as_html(text)), by=caller)
        except InvalidInput as error:
            wrong = error.fields[0].message
            return await conversation(caller, self.download_url, text=text, wrong=wrong)
        except (NotFound, TicketAlreadyClosed):
            return await conversation(caller, self.download_url, text=text)
        return RedirectResponse("/conversation", HTTPStatus.SEE_OTHER)

    async def _rate(self, request: Request) -> Response:
        caller = await self._caller(request)
        if caller is None or caller.only_ticket is None:
            return self._expired(_language(request))
        given = await forms.read(request)
        if given.get("positive") in {"yes", "no"}:
            positive = given["positive"] == "yes"
            comment = given.get("comment", "").replace("\r\n", "\n")
            try:
                await tickets.rate(Rate(caller.only_ticket, positive, comment), by=caller)
            except InvalidInput as error:
                wrong = error.fields[0].message
                return await conversation(caller, self.download_url, text=comment, wrong=wrong)
            except (NotFound, RatingClosed, TicketStillOpen):
                pass  # the page it leads back to shows what it is
        return RedirectResponse("/conversation", HTTPStatus.SEE_OTHER)

    async def _request_link(self, request: Request) -> Response:
        email = (await forms.read(request)).get("email", "")
        await link_requests.request_link(email, None, _address(request))
        return self._sent(_language(request))

    async def _ask_reset(self, request: Request) -> Response:
        language = _language(request)
        title, email, button = said(language, "password_title", "email", "send_link")
        body = form("/password", field("email", email, "email", "email"), button)
        return page(title, body, language)

    async def _request_reset(self, request: Request) -> Response:
        email = (await forms.read(request)).get("email", "")
        await link_requests.request_reset(email, _address(request))
        return self._sent(_language(request))

    async def _password(self, request: Request, wrong: str = "") -> Response:
        language = _language(request)
        title, label, button = said(language, "password_title", "password", "set")
        fields = field("password", label, "password", "new-password")
        action = f"/password/{request.path_params['token']}"
        status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK
        body = (paragraph(wrong) if wrong else "") + form(action, fields, button)
        return page(title, body, language, status=status)

    async def _set_password(self, request: Request) -> Response:
        password = (await forms.read(request)).get("password", "")
        try:
            contact = await ways_in.set_password(request.path_params["token"], password)
        except LinkExpired:
            return self._expired(_language(request))
        except InvalidInput as error:
            return await self._password(request, error.fields[0].message)
        language = language_of(contact.language)
        title, text = said(language, "set_title", "set_text")
        return page(title, paragraph(text), language)

    async def _caller(self, request: Request) -> ContactCaller | None:
        token = request.cookies.get(self.cookie, "")
        try:
            caller = await self.identify(token)
        except BadCredential:
            return None
        return caller if isinstance(caller, ContactCaller) else None

    async def _signed_in(self, request: Request) -> bool:
        """Whether the client area knows them already: a link must not take that away."""
        known = await self._caller(request)
        return bool(self.client_area) and known is not None and known.only_ticket is None

    @property
    def _elsewhere(self) -> str:
        parts = urlsplit(self.client_area)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    def _expired(self, language: str, typed: str = "") -> Response:
        title, text, email, button = said(
            language, "expired_title", "expired_text", "email", "send_link"
        )
        again = form("/link", field("email", email, "email", "email"), button)
        body = unsent(typed, language) + paragraph(text) + again
        return page(title, body, language, status=HTTPStatus.GONE)

    def _sent(self, language: str) -> Response:
        title, text = said(language, "sent_title", "sent_text")
        return page(title, paragraph(text), language)


def _refused(request: Request, word: str, status: int) -> Response:
    language = _language(request)
    (text,) = said(language, word)
    return page(text, "", language, status=status)


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language", ""))


def _address(request: Request) -> str:
    return ask_of(request, live=False).address
