"""Uploads: files stored but not yet given with a post; each is used once, by who sent it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from actions.refusals import FieldError, InvalidInput
from models.callers import Automation, Caller
from models.desk import Desk
from models.documents import Document, Upload
from models.enums import EntryKind
from models.sql import clock
from models.tickets import Ticket
from models.timeline import TimelineEntry

KEPT = timedelta(hours=24)
"""An upload nobody used is removed after this."""
PER_POST = 100


@dataclass(frozen=True)
class StoredFile:
    """A file that has arrived in storage, as it was measured on the way in."""

    name: str
    size: int
    media_type: str
    sha256: str
    storage_key: str
    content_id: str = ""
    """Of an image that its message shows in its place."""


async def register(caller: Caller | Automation, file: StoredFile) -> Upload:
    """Remember a stored file as the caller's unused upload."""
    return await Upload.create(
        id=uuid4(),
        owner=caller.key,
        name=file.name,
        size=file.size,
        media_type=file.media_type,
        sha256=file.sha256,
        storage_key=file.storage_key,
        content_id=file.content_id,
        created_at=await clock(),
    )


async def usable(caller: Caller, ids: Sequence[str], path: str = "uploadIds") -> list[Upload]:
    """The caller's unused uploads with these ids, in their order.

    Raises InvalidInput naming each id that is unknown, another's, expired, used, given twice, or
    of a type that is not taken any more.
    """
    if not ids:
        return []
    if len(ids) > PER_POST:
        raise InvalidInput(FieldError((path,), f"Give at most {PER_POST} files with one post."))
    oldest = await clock() - KEPT
    forbidden = (await Desk.get(id=1)).forbidden_types
    wanted = [one for id in ids if (one := parsed(id)) is not None]
    found = {
        str(one.id): one
        for one in await Upload.filter(id__in=wanted, owner=caller.key, created_at__gt=oldest)
    }
    errors = [
        FieldError((path, str(place)), wrong)
        for place, id in enumerate(ids)
        if (wrong := _wrong(found.get(id), forbidden, twice=id in ids[:place])) is not None
    ]
    if errors:
        raise InvalidInput(*errors)
    return [found[id] for id in ids]


def _wrong(upload: Upload | None, forbidden: Collection[str], *, twice: bool) -> str | None:
    """What keeps it from being used, in words."""
    if upload is None:
        return "No such upload of yours: send the file again."
    if upload.document_id is not None:
        return "This upload was used already: send the file again."
    if twice:
        return "This upload is listed twice: name it once."
    if is_forbidden(upload.media_type, forbidden):
        return f"Files of type {upload.media_type} are not taken: leave it out."
    return None


def is_forbidden(media_type: str, forbidden: Collection[str]) -> bool:
    """Whether a type is among those not taken: `type/subtype`, or `type/*` for all of a kind."""
    return media_type in forbidden or f"{media_type.partition('/')[0]}/*" in forbidden


async def attach(files: Sequence[Upload], entry: TimelineEntry, ticket: Ticket) -> None:
    """Turn uploads into documents of an entry just written.

    Raises InvalidInput when another request used one of them meanwhile.
    """
    if len(files) > 1:  # in order of id: two posts with the same files must not deadlock
        await Upload.filter(id__in=[one.id for one in files]).order_by("id").select_for_update()
    for place, upload in enumerate(files):
        document = await Document.create(
            contact_id=ticket.contact_id,
            ticket_id=ticket.id,
            entry_id=entry.id,
            name=upload.name,
            size=upload.size,
            media_type=upload.media_type,
            sha256=upload.sha256,
            storage_key=upload.storage_key,
            content_id=upload.content_id,
            internal=entry.kind is EntryKind.INTERNAL_NOTE,
            from_desk=entry.operator_id is not None,
            created_at=entry.created_at,
        )
        used = await Upload.filter(id=upload.id, document_id=None).update(document_id=document.id)
        if used == 0:
            where = ("uploadIds", str(place))
            raise InvalidInput(FieldError(where, "This upload was used already: send it again."))


def parsed(id: str) -> UUID | None:
    """An upload's id; None for what is none."""
    try:
        return UUID(id)
    except ValueError:
        return None
