"""Mails that go out, and the words of them: who asks, then the action."""

from actions.administration import mail_templates, outgoing
from actions.administration.mail_templates import Saying, Which
from actions.refusals import FieldError
from mail import compose, words
from mail.rendering import Rendered, dressed, problems
from mail.templating import BrokenTemplate
from mail.variables import variables_of
from mail.words import InForce, Words
from models import rows
from models.callers import OperatorCaller
from models.conditions import Condition, Every, Is
from models.desk import Department, Desk
from models.enums import VISIBLE_KINDS, Right
from models.mail_enums import CONTACT_MAILS, MailKind, OutboundState
from models.mails import OutboundMail
from models.paging import Page, PageRequest, Sort
from models.timeline import TimelineEntry
from resolvers import lists
from resolvers.context import Context
from resolvers.refusals import InvalidInput, NotFound, NotPermitted

__all__ = ["Saying", "Which"]
PREVIEW_LINK = "https://example.invalid/m/…"
"""Where a magic link would stand: a preview opens nothing."""


async def log(
    *, mailbox_id: int | None, state: OutboundState | None, kind: MailKind | None, page: PageRequest
) -> Page[OutboundMail]:
    """The mails of ours, the newest first."""
    wanted = {"mailbox_id": mailbox_id, "state": state, "kind": kind}
    parts: list[Condition] = [
        Is(column, value) for column, value in wanted.items() if value is not None
    ]
    sort = Sort("mail", "t.id", lambda row: row.id, True, unique=True)
    return await lists.rows_of(OutboundMail, "outbound_mail", Every(tuple(parts)), sort, page)


def original(mail: OutboundMail) -> str | None:
    """As it was sent, without what opens anything; None before it was put together."""
    if mail.text is None:
        return None
    return compose.redacted(mail).decode("ascii", "replace")


def is_template(row: object) -> bool:
    """Whether it is one in force."""
    return isinstance(row, InForce)


async def resend(context: Context, id: int) -> OutboundMail:
    return await outgoing.resend(id, by=await context.operator())


async def templates(department_id: int | None) -> list[InForce] | None:
    """What a department, or the desk, says in each kind of mail; None for no such department."""
    if department_id is not None and not await Department.exists(id=department_id):
        return None
    return await words.in_force(department_id, (await Desk.get(id=1)).languages)


async def save(context: Context, which: Which, saying: Saying) -> InForce:
    """Raises InvalidInput, with the line where it is wrong."""
    by = await _may_write(context)
    _check(which, saying)
    row = await mail_templates.save(which, saying, by)
    said = Words(row.subject, row.text, row.html, row.language, row.id)
    return InForce(which.kind, which.language, said, own=True)


async def reset(context: Context, which: Which) -> InForce:
    await mail_templates.reset(which, by=await context.operator())
    found = await words.in_force(which.department_id, [which.language])
    return next(one for one in found if one.kind is which.kind)


async def preview(context: Context, ticket_id: int, which: Which, saying: Saying) -> Rendered:
    """What the mail would say of a ticket of theirs. Raises NotFound, NotPermitted, InvalidInput.

    It is the last post that the mail tells of; of a mail to operators no post is told.
    """
    by = await context.operator()
    ticket = await rows.ticket(by.condition, ticket_id)
    if ticket is None:
        raise NotFound
    await _may_write(context)
    _check(which, saying)
    entries = TimelineEntry.filter(ticket_id=ticket.id, kind__in=list(VISIBLE_KINDS))
    last = await entries.order_by("-number").first()
    mail = OutboundMail(
        kind=which.kind,
        language=which.language,
        department_id=which.department_id or ticket.department_id,
        ticket_id=ticket.id,
        contact_id=ticket.contact_id if which.kind in CONTACT_MAILS else None,
        entry_number=last.number if last is not None else None,
        recipient="",
        input={},
    )
    variables = await variables_of(mail)
    if which.kind in CONTACT_MAILS:
        variables |= {"magic_link": PREVIEW_LINK, "set_password_url": PREVIEW_LINK}
    try:
        return dressed(_words(which, saying), variables)
    except BrokenTemplate as error:
        raise InvalidInput(FieldError(("text",), str(error))) from error


async def _may_write(context: Context) -> OperatorCaller:
    by = await context.operator()
    if not by.sight.has(Right.SETTINGS_WRITE):
        raise NotPermitted(Right.SETTINGS_WRITE.value)
    return by


def _check(which: Which, saying: Saying) -> None:
    parts = {"subject": saying.subject, "text": saying.text, "html": saying.html}
    unheard = [name for name, text in parts.items() if "\0" in text]
    if unheard:
        raise InvalidInput(*(FieldError((one,), "Leave NUL characters out.") for one in unheard))
    found = problems(_words(which, saying))
    if found:
        raise InvalidInput(*(FieldError((part,), str(problem)) for part, problem in found))


def _words(which: Which, saying: Saying) -> Words:
    return Words(saying.subject, saying.text, saying.html, which.language)
