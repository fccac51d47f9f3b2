"""One listener for all screens of this process: releases are read once and handed to every connected client."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg

from services.publisher.store import gate
from services.publisher.store.gate import Recorded
from services.publisher.web.fields import Showing
from shared.contracts import ItemState
from shared.metrics import SCREENS
from shared.stream import Store
from shared.waiting import until_set
from shared.web.languages import Language
from shared.web.templating import Pages

QUEUE = 256
BATCH = 500
# A lost notification is made good after this long.
IDLE_S = 5.0


@dataclass(slots=True)
class News:
    """Something that screens hear: a release, or with no release only that an application waits or was decided."""

    seq: int
    entry: Recorded | None
    _drawn: dict[Language, dict[str, str]] = field(default_factory=dict)

    def drawn(self, pages: Pages, show: Showing) -> dict[str, str]:
        """Return the item as a card and as a row of the table; drawn once for all screens of a language."""
        if self.entry is None or self.entry.item.state is ItemState.WITHDRAWN:
            return {}
        if show.language not in self._drawn:
            self._drawn[show.language] = {
                part: pages.html(show.language, f"screens/{part}.html", item=self.entry.item, show=show)
                for part in ("card", "row")
            }
        return self._drawn[show.language]


class Client:
    """One connected screen. Who does not read is dropped, and catches up when it connects again."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[News] = asyncio.Queue(QUEUE)
        self.dropped = False

    def tell(self, news: News) -> bool:
        """Hand over news; return False when the client has fallen behind."""
        try:
            self._queue.put_nowait(news)
        except asyncio.QueueFull:
            self.dropped = True
            while not self._queue.empty():
                self._queue.get_nowait()
        return not self.dropped

    async def next(self, within_s: float) -> News | None:
        """Return the next news, or None when none came in time."""
        try:
            async with asyncio.timeout(within_s):
                return await self._queue.get()
        except TimeoutError:
            return None


class Broadcaster:
    """Reads the release record behind NOTIFY and tells the clients.

    `told` grows with every notification and with every release that is read, so that whatever was written before is known
    to be old; it says nothing while not `listening`.
    """

    def __init__(self) -> None:
        self._clients: set[Client] = set()
        self._wake = asyncio.Event()
        self._others = 0
        self.seq = 0
        self.told = 0
        self.listening = False

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def join(self) -> Client:
        """Connect a client; it hears everything from now on."""
        client = Client()
        self._clients.add(client)
        SCREENS.set(self.clients)
        return client

    def leave(self, client: Client) -> None:
        """Disconnect a client."""
        self._clients.discard(client)
        SCREENS.set(self.clients)

    async def run(self, store: Store) -> None:
        """Listen for as long as the service runs."""
        async with store.reading() as reading:
            self.seq = self.seq or await gate.head(reading)
        async with store.pool.acquire() as connection:
            await connection.add_listener(gate.CHANNEL, self._notified)
            self.told += 1
            self.listening = True
            try:
                while True:
                    await until_set(self._wake, IDLE_S)
                    self._wake.clear()
                    if connection.is_closed():
                        raise ConnectionError("the listening connection was lost")
                    await self._forward(store)
            finally:
                self.listening = False
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.remove_listener(gate.CHANNEL, self._notified)

    async def _forward(self, store: Store) -> None:
        if self._others:
            self._others = 0
            self._tell(News(self.seq, None))
        more = True
        while more:
            async with store.reading() as reading:
                entries = await gate.releases_after(reading, self.seq, BATCH)
            if entries:
                # Whether a notification told of them or got lost: pages that were written before are old.
                self.told += 1
            for entry in entries:
                self.seq = entry.release_seq
                self._tell(News(entry.release_seq, entry))
            more = len(entries) == BATCH

    def _tell(self, news: News) -> None:
        for client in [c for c in self._clients if not c.tell(news)]:
            self.leave(client)

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self.told += 1
        if not payload:
            self._others += 1
        self._wake.set()
