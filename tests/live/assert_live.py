"""`assert_live`: what somebody knew, and the frames they got, is what a fresh query says."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.live.documents import DESK_SIDE, Side
from tests.live.stage import Person, Stage, arrived, begun, eventually
from tests.support.live import Feed

Act = Callable[[], Awaitable[Any]]
Frame = dict[str, Any]


@dataclass
class State:
    """A screen: the ticket and its entries, moved on by frames alone."""

    side: Side
    ticket: dict[str, Any] | None = None
    entries: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    cursor: str = ""

    @classmethod
    def of(cls, side: Side, fresh: dict[str, Any] | None) -> "State":
        """What a query says."""
        if fresh is None:
            return cls(side)
        ticket = {name: value for name, value in fresh.items() if name != "feedCursor"}
        nodes = [edge["node"] for edge in ticket.pop(side.entries)["edges"]]
        return cls(side, ticket, {one["number"]: one for one in nodes}, fresh["feedCursor"])

    @property
    def face(self) -> tuple[Any, Any]:
        """What is compared."""
        return self.ticket, self.entries

    def apply(self, frame: Frame) -> None:
        """A frame's effect, as a client would have it."""
        self.cursor = frame.get("cursor", self.cursor)
        if frame["__typename"] == "AccessRevoked":
            self.ticket, self.entries = None, {}
        if "ticket" in frame:
            self.ticket = frame["ticket"]
        for name in ("lock", "viewers"):
            if name in frame:
                assert self.ticket is not None
                self.ticket = self.ticket | {name: frame[name]}
        if self.side.entry in frame:
            self._put(frame[self.side.entry], new=frame["__typename"] != "EntryChanged")

    def _put(self, entry: dict[str, Any], *, new: bool) -> None:
        assert (entry["number"] not in self.entries) is new, "an entry twice, or one never sent"
        assert not new or entry["number"] == max(self.entries, default=0) + 1, "a gap"
        self.entries[entry["number"]] = entry


@dataclass
class Watcher:
    """A person, their feed, and their screen."""

    person: Person
    feed: Feed
    state: State
    blind: bool
    """They did not see the ticket at first."""
    frames: list[Frame] = field(default_factory=list[Frame])

    @property
    def types(self) -> list[str]:
        """What they got."""
        return [frame["__typename"] for frame in self.frames]


async def watching(stage: Stage, ticket_id: str, people: Sequence[Person]) -> list[Watcher]:
    """Everybody has the ticket open, and all that follows from that has happened."""
    feeds = [await person.watch(ticket_id) for person in people]
    await eventually(lambda: all(map(begun, feeds)))
    await stage.settled()
    watchers: list[Watcher] = []
    for person, feed in zip(people, feeds, strict=True):
        fresh = await person.fresh(ticket_id)
        first = arrived(feed)
        seen = State.of(person.side, fresh)
        told = State(person.side, entries=dict(seen.entries))
        for frame in first:
            told.apply(frame)
        if fresh is None:
            assert [one["__typename"] for one in first] == ["AccessRevoked", "(complete)"]
        else:
            assert told.face == seen.face, f"{person.name}'s first frames are not what they see"
        watchers.append(Watcher(person, feed, seen, fresh is None))
    return watchers


async def assert_live(
    stage: Stage, ticket_id: str, people: Sequence[Person], act: Act
) -> dict[str, list[str]]:
    """State before + frames = fresh query, for everybody; the types of frames by name.

    Who did not see the ticket gets nothing; who loses it gets AccessRevoked, and the end.
    """
    watchers = await watching(stage, ticket_id, people)
    await act()
    await stage.settled()
    for one in watchers:
        one.frames = arrived(one.feed)
        await _assert_screen(one, ticket_id)
    for one in watchers:
        await one.feed.stop()
    await stage.settled()
    return {one.person.name: one.types for one in watchers}


async def _assert_screen(one: Watcher, ticket_id: str) -> None:
    fresh = State.of(one.person.side, await one.person.fresh(ticket_id))
    if one.blind:
        assert not one.frames, f"{one.person.name} did not see it and got {one.types}"
        return
    for frame in one.frames:
        one.state.apply(frame)
    what = f"{one.person.name} got {one.types}"
    assert one.state.ticket == fresh.ticket, what
    assert one.state.entries == fresh.entries, what
    assert ("(complete)" in one.types) is (fresh.ticket is None), what
    if one.person.side is not DESK_SIDE:
        assert {"EntryChanged", "ReplyLockChanged", "ViewersChanged"}.isdisjoint(one.types), what
