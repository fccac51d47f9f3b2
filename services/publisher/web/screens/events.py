"""The event stream of a screen: relevant releases and recalls, and the lease, renewed while the release record can be read."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from services.publisher.bureau import BureauContext
from services.publisher.store import gate
from services.publisher.web.broadcast import Broadcaster, ScreenEvent
from services.publisher.web.dependencies import BureauDep, create_presenter
from services.publisher.web.portal import not_found
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.release_numbers import ReleaseNumber, parse_release_number
from services.publisher.web.screens.lease import issue_lease
from services.publisher.web.screens.player import Player, identify_player
from services.publisher.web.screens.urgent import is_urgent
from shared.clock import now
from shared.contracts import ItemState, PublicItem
from shared.stream import Database
from shared.web.concurrency import mark_stranger
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep
from shared.web.templating import Pages

# A lease is renewed this often, so that a screen misses several renewals before it blanks.
LEASE_RENEWAL_S = 30.0
# A screen that missed more releases than this reloads its page.
MAX_REPLAY = 100
RECONNECT_MS = (1_000, 5_000)
# Of a browser that holds a stream of a screen which it is not, or is no more.
RETRY_OTHERS_MS = (60_000, 120_000)
# Keeps the connection open while no lease may be given.
COMMENT = b": \n\n"

router = APIRouter(prefix="/screens")


@router.get("/{screen_id}/events")
@router.get("/{screen_id}/key/{secret}/events")
async def events(
    request: Request, screen_id: str, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    after: ReleaseNumber = 0, last_event_id: Annotated[str | None, Header()] = None,
) -> Response:  # fmt: skip
    """Stream releases, corrections, withdrawals and lease renewals as server-sent events; `id` is the release number.

    Anybody but the screen's player gets what the screen missed, no lease, and the end of the stream.
    """
    player = await identify_player(request, database, bureau, screen_id)
    if player is None:
        raise not_found()
    if player.credential is None:
        mark_stranger(request)
    after_seq = parse_release_number(last_event_id or "") or after or 0
    presenter = create_presenter(pages, player.screen.language)
    stream = EventStream(request.app.state.broadcaster, database, bureau, pages, presenter, player)
    # A proxy may neither buffer nor compress the stream.
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream.chunks(after_seq), media_type="text/event-stream", headers=headers)


@dataclass(frozen=True, slots=True)
class EventStream:
    """The events of one connected screen."""

    broadcaster: Broadcaster
    database: Database
    bureau: BureauContext
    pages: Pages
    presenter: FormPresenter
    player: Player

    async def chunks(self, after_seq: int) -> AsyncIterator[bytes]:
        """Yield the releases after `after_seq`; to the player then each new one, and leases, every `LEASE_RENEWAL_S`."""
        is_player = self.player.credential is not None
        # Subscribed before the record is read: a release in between arrives twice and is sent once.
        subscriber = self.broadcaster.subscribe()
        try:
            retry_ms = random.randint(*(RECONNECT_MS if is_player else RETRY_OTHERS_MS))  # noqa: S311 spreads reconnections
            yield b"retry: %d\n\n" % retry_ms
            found, seq = await self._fetch_missed(after_seq)
            if is_player:
                yield self._lease(seq)
            if found is None:
                yield _event("resync", {"seq": seq}, seq)
            missed = deque(found or ())
            del found
            # A screen that reads slowly holds what it has not got yet, and that with all others.
            while missed:
                yield self._release(missed.popleft())
            renew_at = time.monotonic() + LEASE_RENEWAL_S
            while is_player and not subscriber.is_dropped:
                event = await subscriber.next_event(max(0.0, renew_at - time.monotonic()))
                if event is not None and (event.entry is None or event.seq > seq):
                    yield self._release(event)
                    seq = max(seq, event.seq)
                # Also while one release follows another.
                if time.monotonic() >= renew_at:
                    renew_at += LEASE_RENEWAL_S
                    yield self._renewal(seq)
        finally:
            self.broadcaster.unsubscribe(subscriber)

    async def _fetch_missed(self, after_seq: int) -> tuple[list[ScreenEvent] | None, int]:
        """Return the events of the releases after a number, None of more than are replayed, and the newest number."""
        async with self.database.snapshot() as connection:
            return (
                await self.broadcaster.find_missed(connection, after_seq, MAX_REPLAY),
                await gate.last_release_seq(connection),
            )

    def _renewal(self, seq: int) -> bytes:
        """Return a lease, but none while the release record cannot be read: a recall may stand in it."""
        return self._lease(seq) if self.broadcaster.is_listening else COMMENT

    def _lease(self, seq: int) -> bytes:
        lease = issue_lease(self.bureau, self.player, seq, now())
        self.broadcaster.leased.add(self.player.screen.screen_id)
        until = lease.until.astimezone(self.bureau.zone).strftime("%H:%M")
        body = {"token": lease.token, "seconds": lease.seconds, "until": until, "now": lease.issued_at.isoformat()}
        return _event("lease", body, None)

    def _release(self, event: ScreenEvent) -> bytes:
        """Return a release as an event; an irrelevant one only advances the last event id."""
        if event.entry is None:
            return _event("review", {}, None)
        item = event.entry.item
        # A withdrawal is for every screen: the withdrawn version says no more whom and which region it was about.
        if item.state is not ItemState.WITHDRAWN and not self.player.screen.shows(item):
            return self._not_shown(event.seq, item)
        body: dict[str, object] = {
            "item_id": item.item_id, "version": item.version, "state": item.state.value, "board": item.board.value,
        }  # fmt: skip
        if is_urgent(item, now()):
            body["urgent"] = True
        return _event(event.entry.kind, {**body, **event.render_fragments(self.pages, self.presenter)}, event.seq)

    @staticmethod
    def _not_shown(seq: int, item: PublicItem) -> bytes:
        """Return what only advances the last event id; an earlier version of what was corrected may be on the screen."""
        return _event("left", {"item_id": item.item_id}, seq) if item.version > 1 else b"id: %d\n\n" % seq


def _event(name: str, body: dict[str, object], seq: int | None) -> bytes:
    number = b"" if seq is None else b"id: %d\n" % seq
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), orjson.dumps(body))
