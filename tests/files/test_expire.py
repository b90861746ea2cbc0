"""Uploads that expire: what goes, what stays, and that a crash loses nothing."""

from datetime import timedelta

import pytest

from app.files.expire import remove_expired
from app.files.storage import Storage
from models.documents import Document, Upload
from models.sql import clock
from tests.files.site import Site, World, serving, stored

DAY = timedelta(hours=24)


async def uploaded(site: Site, age: timedelta, name: str = "a.txt") -> Upload:
    [upload] = (await site.post((name, b"content"))).json()["uploads"]
    await Upload.filter(id=upload["id"]).update(created_at=await clock() - age)
    return await Upload.get(id=upload["id"])


async def test_unused_uploads_go_after_a_day_with_their_bytes(
    world: World, storage: Storage
) -> None:
    async with serving(world, storage) as site:
        await uploaded(site, DAY + timedelta(minutes=2))
        fresh = await uploaded(site, DAY - timedelta(minutes=2))
        assert await remove_expired(storage) == 1
        assert [one.id for one in await Upload.all()] == [fresh.id]
        assert len(stored(storage)) == 1
        await storage.range(fresh.storage_key, 0, fresh.size)


async def test_a_used_upload_loses_its_row_and_never_its_bytes(site: Site) -> None:
    document = await site.document(b"kept")
    old = await uploaded(site, 2 * DAY)
    fresh = await uploaded(site, DAY / 2)
    for upload in (old, fresh):
        await site.storage.delete(upload.storage_key)
        await Upload.filter(id=upload.id).update(
            document_id=document.id, storage_key=document.storage_key
        )
    assert await remove_expired(site.storage) == 0
    assert [one.id for one in await Upload.all()] == [fresh.id]
    assert await Document.exists(id=document.id)
    assert (await site.fetch(document)).content == b"kept"


async def test_a_removal_that_was_cut_short_is_finished_by_the_next(site: Site) -> None:
    upload = await uploaded(site, 2 * DAY)
    await site.storage.delete(upload.storage_key)
    assert await remove_expired(site.storage) == 1
    assert await Upload.all().count() == 0


async def test_while_storage_fails_the_row_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = await uploaded(site, 2 * DAY)

    async def broken(_: str) -> None:
        raise ConnectionError("no storage")

    with monkeypatch.context() as patched:
        patched.setattr(site.storage, "delete", broken)
        with pytest.raises(ConnectionError):
            await remove_expired(site.storage)
    assert await Upload.exists(id=upload.id)
    assert await remove_expired(site.storage) == 1
    assert stored(site.storage) == []


async def test_other_files_are_left_alone(site: Site) -> None:
    document = await site.document(b"x")
    await uploaded(site, 2 * DAY)
    await remove_expired(site.storage)
    assert len(stored(site.storage)) == 1
    assert (await site.fetch(document)).content == b"x"
