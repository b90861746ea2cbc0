"""Every ticket of the demo is as if actions had written it."""

import hashlib

import pytest

from actions.texts import excerpt, plain_text, sanitised, words
from models.callers import ContactCaller
from models.enums import VISIBLE_KINDS, EntryKind, SystemEventKind, TicketSource, Turn
from models.people import Contact, Operator, Organisation
from models.sights import members_of, sight_of
from models.tickets import TicketWord
from models.timeline import TimelineEntry
from tests.demo.desks import NOW, Loaded
from tests.demo.replay import History, Names, histories, leaves, turns, writes

pytestmark = pytest.mark.xdist_group("demo")


def times(entries: list[TimelineEntry], *kinds: EntryKind) -> list[object]:
    return [entry.created_at for entry in entries if entry.kind in kinds] or [None]


async def test_entries_are_numbered_without_gaps(desk: Loaded) -> None:
    for history in await histories():
        ticket, entries = history.ticket, history.entries
        assert 1 <= len(entries) <= 9
        assert [entry.number for entry in entries] == list(range(1, ticket.seq + 1))
        seen = [entry for entry in entries if entry.kind in VISIBLE_KINDS]
        assert [entry.visible_number for entry in seen] == list(range(1, ticket.visible_seq + 1))
        assert {one.visible_number for one in entries if one not in seen} <= {None}
        assert ticket.revision >= ticket.seq
        assert ticket.lock_holder_id is ticket.lock_expires is ticket.deleted_at is None


async def test_turns_follow_the_table(desk: Loaded) -> None:
    for history in await histories():
        entries = history.entries
        assert [entry.turn_after for entry in entries] == list(turns(entries))
        assert history.ticket.turn is entries[-1].turn_after


async def test_nobody_speaks_after_the_end(desk: Loaded) -> None:
    for history in await histories():
        after = [one.event for one in history.entries if one.turn_after is Turn.CLOSED][1:]
        assert set(after) <= {SystemEventKind.FOLLOW_UP_OPENED}
        ends = [
            one.created_at
            for one in history.entries
            if one.event is SystemEventKind.CLOSED or leaves(one)
        ]
        assert [history.ticket.closed_at] == (ends or [None])


async def test_the_row_sums_its_entries_up(desk: Loaded) -> None:
    for history in await histories():
        ticket, entries = history.ticket, history.entries
        posts = [entry for entry in entries if entry.kind in VISIBLE_KINDS]
        assert ticket.last_post_number == posts[-1].number
        assert ticket.last_post_excerpt == excerpt(posts[-1].body_text)
        assert ticket.last_post_at == posts[-1].created_at
        assert ticket.last_contact_post_at == times(entries, EntryKind.CONTACT_MESSAGE)[-1]
        assert ticket.last_operator_reply_at == times(entries, EntryKind.OPERATOR_REPLY)[-1]
        assert ticket.attachment_count == len(history.documents)
        asked = next((one.number for one in posts if one.contact_id is not None), 99)
        answers = [one for one in posts if one.operator_id is not None and one.number > asked]
        assert ticket.first_reply_at == (answers[0].created_at if answers else None)


async def test_times_run_forward_and_move_what_they_should(desk: Loaded) -> None:
    for history in await histories():
        ticket, entries = history.ticket, history.entries
        at = [entry.created_at for entry in entries]
        assert at == sorted(at)
        assert at[-1] <= NOW
        assert ticket.created_at == at[0] > history.contact.created_at
        moving = [one for one in entries if one.event is not SystemEventKind.FOLLOW_UP_OPENED]
        assert ticket.updated_at == moving[-1].created_at
        joined = [one.created_at for one in entries if one.event is SystemEventKind.MERGED]
        shown = [one for one in (ticket.last_post_at, ticket.closed_at) if one is not None]
        assert ticket.visible_at in {max(shown), *joined}


async def test_numbers_run_with_time(desk: Loaded) -> None:
    opened = [history.ticket.created_at for history in await histories()]
    assert opened == sorted(opened)


async def test_bodies_are_sanitised(desk: Loaded) -> None:
    for entry in await TimelineEntry.exclude(kind=EntryKind.SYSTEM_EVENT):
        assert entry.body
        assert sanitised(entry.body).html == entry.body
        assert plain_text(entry.body) == entry.body_text
        assert "{" not in entry.body


async def test_every_word_is_findable(desk: Loaded) -> None:
    for history in await histories():
        ticket, contact = history.ticket, history.contact
        shown = [one.body_text for one in history.entries if one.kind in VISIBLE_KINDS]
        noted = [one.body_text for one in history.entries if one.kind not in VISIBLE_KINDS]
        named = (str(ticket.id), ticket.subject, contact.name, contact.email or "")
        visible = words(*named, *shown)
        expected = {word: word in visible for word in visible | words(*noted)}
        found = await TicketWord.filter(ticket_id=ticket.id).values_list("word", "visible")
        assert sorted(found) == sorted(expected.items())


async def test_operators_see_what_they_write_on(desk: Loaded) -> None:
    """Before they write; and when they open one, apart from its assignment."""
    names = await Names.load()
    for history in await histories():
        for write in writes(history, names):
            author = write.entries[0].operator_id
            seers = {author, *(id for entry in write.entries for id in entry.mentions)} - {None}
            for operator_id in seers:
                sight = await sight_of(operator_id or 0)
                assert sight.sees(write.before), (history.ticket.id, write.entries[0].number)


async def test_assignees_see_what_is_theirs(desk: Loaded) -> None:
    names = await Names.load()
    for history in await histories():
        for write in writes(history, names):
            ticket = write.after
            if ticket.assignee_operator_id is not None:
                assert (await sight_of(ticket.assignee_operator_id)).sees(ticket)
            if ticket.assignee_group_id is not None:
                members = await members_of(ticket.assignee_group_id)
                assert any([(await sight_of(id)).sees(ticket) for id in members])


async def test_only_the_contact_and_sharing_colleagues_write(desk: Loaded) -> None:
    sharing = {one.id for one in await Organisation.filter(shares_tickets=True)}
    contacts = {one.id: one for one in await Contact.all()}
    for history in await histories():
        for entry in history.entries:
            author = contacts.get(entry.contact_id or 0, history.contact)
            mine = author.id == history.contact.id
            assert mine or author.organisation_id in sharing & {history.contact.organisation_id}


async def test_posts_and_events_name_their_authors(desk: Loaded) -> None:
    operators = {one.id for one in await Operator.all()}
    for history in await histories():
        for entry in history.entries:
            if entry.kind is EntryKind.CONTACT_MESSAGE:
                assert entry.operator_id is None
                assert entry.contact_id is not None
                assert entry.source is not None
                assert entry.verified is (entry.source is not TicketSource.PHONE)
            elif entry.event is not SystemEventKind.FOLLOW_UP_OPENED:
                assert entry.operator_id in operators


async def test_follow_ups_and_merges_name_both_sides(desk: Loaded) -> None:
    by_id = {history.ticket.id: history for history in await histories()}
    followed = merged = 0
    for history in by_id.values():
        ticket = history.ticket
        if ticket.follow_up_of_id is not None:
            followed += 1
            origin = by_id[ticket.follow_up_of_id]
            assert origin.ticket.turn is Turn.CLOSED
            assert origin.ticket.contact_id == ticket.contact_id
            assert _named(origin, "followUp") == [f"#{ticket.id} {ticket.subject}"]
        if ticket.merged_into_id is not None:
            merged += 1
            target = by_id[ticket.merged_into_id]
            assert target.ticket.contact_id == ticket.contact_id
            assert _named(target, "merged") == [f"#{ticket.id} {ticket.subject}"]
            assert _named(history, "mergedInto") == [f"#{target.ticket.id} {target.ticket.subject}"]
    assert followed >= 5
    assert merged >= 2


def _named(history: History, field: str) -> list[str | None]:
    changes = [change for entry in history.entries for change in entry.field_changes()]
    return [change.to for change in changes if change.field == field]


async def test_documents_are_real_files(desk: Loaded) -> None:
    signs = {"application/pdf": b"%PDF-1.4\n", "image/png": b"\x89PNG\r\n\x1a\n", "text/plain": b""}
    keys: list[str] = []
    for history in await histories():
        entries = {entry.id: entry for entry in history.entries}
        for document in history.documents:
            data, entry = desk.files[document.storage_key], entries[document.entry_id]
            assert document.size == len(data)
            assert document.sha256 == hashlib.sha256(data).hexdigest()
            assert data.startswith(signs[document.media_type])
            assert document.contact_id == history.contact.id
            assert document.created_at == entry.created_at
            assert document.internal is (entry.kind is EntryKind.INTERNAL_NOTE)
            assert document.from_desk is (entry.operator_id is not None)
            keys.append(document.storage_key)
    assert sorted(keys) == sorted(desk.files)


async def test_contacts_find_their_tickets(desk: Loaded) -> None:
    mario = await Contact.get(email="mario.rossi@demo.test")
    caller = ContactCaller(mario, 0, frozenset({mario.id}))
    own = [one for one in await histories() if caller.condition.holds(one.ticket)]
    assert len(own) >= 5
    assert {one.contact.id for one in own} == {mario.id}
