"""Unsent texts: saved as they are typed, with a revision, by the operator whose they are."""

from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from actions.events import OwnStateChanged
from actions.refusals import DraftConflict, FieldError, InvalidInput, NotFound
from actions.texts import BODY_LIMIT_BYTES
from actions.unit_of_work import record, unit_of_work
from actions.uploads import parsed
from models import rows as tickets
from models.callers import OperatorCaller
from models.drafts import Draft, SpentDraft
from models.enums import DraftKind
from models.sql import Statement, clock, rows

UPLOADS_LIMIT = 100


@dataclass(frozen=True)
class SaveDraft:
    """A text typed on revision `base_revision`; 0 for the first."""

    ticket_id: int
    kind: DraftKind
    body: str
    upload_ids: tuple[str, ...]
    base_revision: int


async def save(request: SaveDraft, by: OperatorCaller) -> Draft:
    """Save the text; for a draft that exists no sight of the ticket is needed.

    Raises NotFound, InvalidInput, DraftConflict (with the newer text).
    """

    async def do() -> Draft:
        draft = await _find(by, request.ticket_id, request.kind)
        if draft is None and await tickets.ticket(by.sight.condition(), request.ticket_id) is None:
            raise NotFound
        _check(request)
        saved = await _overwrite(draft, request) if draft is not None else None
        saved = saved or await _create(request, by)
        record(OwnStateChanged(request.ticket_id, by.id))
        return saved

    return await unit_of_work(do)


async def delete(ticket_id: int, kind: DraftKind, by: OperatorCaller) -> None:
    """Throw the text away. Raises NotFound."""

    async def do() -> None:
        if not await _spent(by, ticket_id, kind):
            raise NotFound
        record(OwnStateChanged(ticket_id, by.id))

    await unit_of_work(do)


async def sent(by: OperatorCaller, ticket_id: int, kind: DraftKind) -> None:
    """The text became a post: within the post's unit of work."""
    if await _spent(by, ticket_id, kind):
        record(OwnStateChanged(ticket_id, by.id))


async def _spent(by: OperatorCaller, ticket_id: int, kind: DraftKind) -> bool:
    """The draft gone, its revision kept: a tab that still shows it is never up to date again.

    False when there was none.
    """
    to = Statement()
    whose = (
        f"operator_id = {to.add(by.id)} AND ticket_id = {to.add(ticket_id)} "
        f"AND kind = {to.add(kind.value)}"
    )
    gone = await rows(f"DELETE FROM draft WHERE {whose} RETURNING revision", to)
    for row in gone:
        to = Statement()
        values = (by.id, ticket_id, kind.value, row["revision"])
        sql = f"""
            INSERT INTO spent_draft (operator_id, ticket_id, kind, revision)
            VALUES ({", ".join(to.add(value) for value in values)})
            ON CONFLICT (operator_id, ticket_id, kind) DO UPDATE SET revision = excluded.revision
            RETURNING id"""
        await rows(sql, to)
    return bool(gone)


async def _find(by: OperatorCaller, ticket_id: int, kind: DraftKind) -> Draft | None:
    return await Draft.get_or_none(operator_id=by.id, ticket_id=ticket_id, kind=kind)


async def _create(request: SaveDraft, by: OperatorCaller) -> Draft:
    try:
        return await unit_of_work(
            lambda: _insert(request, by)
        )  # a savepoint: another tab may be first
    except IntegrityError:
        newer = await Draft.get(operator_id=by.id, ticket_id=request.ticket_id, kind=request.kind)
        raise DraftConflict(newer) from None


async def _insert(request: SaveDraft, by: OperatorCaller) -> Draft:
    before = await SpentDraft.get_or_none(
        operator_id=by.id, ticket_id=request.ticket_id, kind=request.kind
    )
    return await Draft.create(
        operator_id=by.id,
        ticket_id=request.ticket_id,
        kind=request.kind,
        body=request.body,
        upload_ids=list(request.upload_ids),
        revision=before.revision + 1 if before is not None else 1,
        saved_at=await clock(),
    )


async def _overwrite(draft: Draft, request: SaveDraft) -> Draft | None:
    """None when it was sent or thrown away at that very moment. Raises DraftConflict."""
    at = await clock()
    saved = await Draft.filter(id=draft.id, revision=request.base_revision).update(
        body=request.body,
        upload_ids=list(request.upload_ids),
        revision=request.base_revision + 1,
        saved_at=at,
    )
    now = await Draft.get_or_none(id=draft.id)
    if now is not None and not saved:
        raise DraftConflict(now)
    return now


def _check(request: SaveDraft) -> None:
    errors: list[FieldError] = []
    if len(request.body.encode()) > BODY_LIMIT_BYTES:
        errors.append(FieldError(("body",), f"Shorten it to {BODY_LIMIT_BYTES:,} bytes."))
    if "\0" in request.body:
        errors.append(FieldError(("body",), "Take out the NUL characters."))
    if len(request.upload_ids) > UPLOADS_LIMIT:
        errors.append(FieldError(("uploadIds",), f"Give at most {UPLOADS_LIMIT} files."))
    errors += [
        FieldError(("uploadIds", str(place)), "No such upload of yours: send the file again.")
        for place, id in enumerate(request.upload_ids[:UPLOADS_LIMIT])
        if parsed(id) is None
    ]
    if errors:
        raise InvalidInput(*errors)
