"""Uploads nobody used within a day are removed, bytes and row; used ones, the row alone."""

from datetime import timedelta

from actions.uploads import KEPT
from app.files.storage import Storage
from models.documents import Upload
from models.sql import clock

SETTLED = timedelta(minutes=1)
"""Longer than a unit of work may take: nobody is just now making a document of the upload."""


async def remove_expired(storage: Storage) -> int:
    """Remove what has expired; how many files were removed.

    Bytes go first: should we stop in between, the row is still there to say what to remove.
    """
    before = await clock() - KEPT - SETTLED
    expired = await Upload.filter(document_id=None, created_at__lte=before).order_by("created_at")
    for upload in expired:
        await storage.delete(upload.storage_key)
        await Upload.filter(id=upload.id, document_id=None).delete()
    await Upload.filter(document_id__isnull=False, created_at__lte=before).delete()
    return len(expired)
