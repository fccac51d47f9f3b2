"""Fan-out of releases to display screens: one reader of the release record a process, many subscribers."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg

from services.publisher.store import gate
from services.publisher.store.gate import ReleaseEntry
from services.publisher.web.presenter import FormPresenter
from shared.contracts import ItemState
from shared.metrics import SCREENS
from shared.stream import Database
from shared.waiting import wait_set
from shared.web.languages import Language
from shared.web.templating import Pages

QUEUE_SIZE = 256
# Releases whose events are kept, so that what many screens have missed is rendered once, and held once.
KEPT_EVENTS = 512
BATCH = 500
# A lost notification is made good after this long.
POLL_S = 5.0


@dataclass(slots=True)
class ScreenEvent:
    """What a screen is sent: a release, or with no release the notice that an application was filed or decided."""

    seq: int
    entry: ReleaseEntry | None
    _fragments: dict[Language, dict[str, str]] = field(default_factory=dict)

    def render_fragments(self, pages: Pages, presenter: FormPresenter) -> dict[str, str]:
        """Return the item's HTML as `card` and as `row` of the table; rendered once for all screens of a language."""
        if self.entry is None or self.entry.item.state is ItemState.WITHDRAWN:
            return {}
        if presenter.language not in self._fragments:
            self._fragments[presenter.language] = {
                part: pages.html(presenter.language, f"screens/{part}.html", item=self.entry.item, presenter=presenter)
                for part in ("card", "row")
            }
        return self._fragments[presenter.language]


class Subscriber:
    """One connected screen with a bounded queue. A slow one is dropped, and catches up when it connects again."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[ScreenEvent] = asyncio.Queue(QUEUE_SIZE)
        self.is_dropped = False

    def offer(self, event: ScreenEvent) -> bool:
        """Enqueue an event; return False when the queue is full and the subscriber dropped."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self.is_dropped = True
            while not self._queue.empty():
                self._queue.get_nowait()
        return not self.is_dropped

    async def next_event(self, timeout_s: float) -> ScreenEvent | None:
        """Return the next event, or None at the time-out."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._queue.get()
        except TimeoutError:
            return None


class Broadcaster:
    """Reads the release record on NOTIFY and hands each release to the subscribers.

    `generation` grows with every notification and with every batch of releases read: what was rendered in an earlier
    generation is stale. It says nothing while the broadcaster is not listening.
    """

    def __init__(self) -> None:
        self._subscribers: set[Subscriber] = set()
        self._wake = asyncio.Event()
        self._pending_reviews = 0
        self._events: OrderedDict[int, ScreenEvent] = OrderedDict()
        self.seq = 0
        self.generation = 0
        self.is_listening = False
        self.leased: set[str] = set()
        """Screens whose players were given a lease; `PublisherWatch` takes them out."""

    @property
    def subscriber_count(self) -> int:
        """How many screens are connected."""
        return len(self._subscribers)

    def subscribe(self) -> Subscriber:
        """Add a subscriber; it receives every event from now on."""
        subscriber = Subscriber()
        self._subscribers.add(subscriber)
        SCREENS.set(self.subscriber_count)
        return subscriber

    def event_of(self, entry: ReleaseEntry) -> ScreenEvent:
        """Return the event of a release: the same one for every screen that is sent it."""
        event = self._events.setdefault(entry.release_seq, ScreenEvent(entry.release_seq, entry))
        while len(self._events) > KEPT_EVENTS:
            self._events.popitem(last=False)
        return event

    async def find_missed(self, connection: asyncpg.Connection, after_seq: int, limit: int) -> list[ScreenEvent] | None:
        """Return the events of the releases after a release number, None of more than `limit`; none is read that is kept."""
        numbers = await gate.fetch_numbers_after(connection, after_seq, limit + 1)
        if len(numbers) > limit:
            return None
        kept = {number: self._events[number] for number in numbers if number in self._events}
        read = await gate.fetch_releases(connection, [number for number in numbers if number not in kept])
        events = kept | {entry.release_seq: self.event_of(entry) for entry in read}
        return [events[number] for number in numbers]

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Remove a subscriber."""
        self._subscribers.discard(subscriber)
        SCREENS.set(self.subscriber_count)

    async def run(self, database: Database) -> None:
        """Listen for as long as the service runs. Raises `ConnectionError` when the listening connection is lost."""
        async with database.snapshot() as reading:
            self.seq = self.seq or await gate.last_release_seq(reading)
        async with database.pool.acquire() as connection:
            await connection.add_listener(gate.CHANNEL, self._on_notify)
            self.generation += 1
            self.is_listening = True
            try:
                while True:
                    await wait_set(self._wake, POLL_S)
                    self._wake.clear()
                    if connection.is_closed():
                        raise ConnectionError("the listening connection was lost")
                    await self._broadcast_new(database)
            finally:
                self.is_listening = False
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.remove_listener(gate.CHANNEL, self._on_notify)

    async def _broadcast_new(self, database: Database) -> None:
        if self._pending_reviews:
            self._pending_reviews = 0
            self._broadcast(ScreenEvent(self.seq, None))
        more = True
        while more:
            async with database.snapshot() as reading:
                entries = await gate.fetch_releases_after(reading, self.seq, BATCH)
            if entries:
                # Also where the notification was lost: pages rendered before are stale.
                self.generation += 1
            for entry in entries:
                self.seq = entry.release_seq
                self._broadcast(self.event_of(entry))
            more = len(entries) == BATCH

    def _broadcast(self, event: ScreenEvent) -> None:
        for subscriber in [s for s in self._subscribers if not s.offer(event)]:
            self.unsubscribe(subscriber)

    def _on_notify(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.generation += 1
        if not payload:
            self._pending_reviews += 1
        self._wake.set()
