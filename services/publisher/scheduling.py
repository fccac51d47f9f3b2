"""Release at a set time, and holds: the gatekeeper's release is given now and takes effect when its time has come."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import structlog

from services.publisher import releasing
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import Purpose, State
from services.publisher.releasing import ContentChanged, NoticeMissing, NotReleasable, SeenVersion, detail_of, lock_as_seen
from services.publisher.store import batches, gate, holds, item_versions, schedules
from services.publisher.store.schedules import Cause, Due
from shared.errors import PermanentError
from shared.stream import Database, JournalEntry, UnitOfWork

# So many take effect in one transaction; between two of them a withdrawal has its turn.
PART = 500
POLL_S = 30.0
# After an error that is none of the release's own it is tried again, and the others meanwhile.
REST_S = 30.0
log = structlog.get_logger(__name__)


class TimeIsPast(PermanentError):
    """A release is scheduled for a time that is still to come."""


class Disputed(PermanentError):
    """An operator's application on the item waits for its decision, so its release is not scheduled."""


class NotHeld(PermanentError):
    """The item is held already, or not held any more."""


async def schedule(
    uow: UnitOfWork, bureau: BureauContext, person: str, seen: Sequence[SeenVersion], release_at: datetime
) -> None:
    """Release approved versions as the gatekeeper, with effect at a time.

    Raises `ContentChanged`, `NotReleasable`, `NoticeMissing`, `TimeIsPast`, `Disputed`, and
    `asyncpg.IntegrityConstraintViolationError` where the gate refuses.
    """
    if release_at <= uow.now:
        raise TimeIsPast
    approved = await lock_as_seen(uow, seen, State.APPROVED)
    if any(version.purpose is Purpose.WITHDRAW for version in approved):
        raise ContentChanged
    await releasing.require_releasable(uow, bureau, approved, release_at)
    if await schedules.fetch_disputed(uow.connection, [version.item_id for version in approved]):
        raise Disputed
    # Who releases their batch today does not release what is to wait.
    await batches.leave(uow.connection, [version.item_id for version in approved])
    contents = [(version.item_id, version.version, version.digest) for version in approved]
    await schedules.insert(uow.connection, contents, release_at=release_at, person=person, at=uow.now)
    await gate.notify_listeners(uow.connection)
    rules, moment = bureau.rules(uow.now), release_at.isoformat()
    for version in approved:
        detail = detail_of(version, rules) | {"release_at": moment}
        uow.journal(JournalEntry(person, "release_scheduled", version.item_id, detail=detail))


async def cancel(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str) -> None:
    """Cancel what is scheduled of an item; it waits for release as before. Raises `ContentChanged` where nothing is."""
    # A release that is under way ends first, and then there is nothing to cancel.
    await item_versions.lock_item(uow.connection, item_id)
    version = await schedules.cancel(uow.connection, item_id, uow.now)
    if version is None:
        raise ContentChanged
    detail = {"version": version, "rules": bureau.rules(uow.now).version}
    uow.journal(JournalEntry(person, "schedule_cancelled", item_id, detail=detail))


async def hold(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str, reason: str) -> None:
    """Keep an item from being released until that is lifted; its scheduled release ends. Raises `NotHeld`, `ContentChanged`."""
    item = await item_versions.lock_item(uow.connection, item_id)
    if item is None or item.open is None or item.open.purpose is Purpose.WITHDRAW:
        raise ContentChanged
    if await holds.fetch_hold(uow.connection, item_id):
        raise NotHeld
    await holds.insert(uow.connection, item_id, reason, person, uow.now)
    await batches.leave(uow.connection, [item_id])
    detail = {"version": item.open.version, "reason": reason, "rules": bureau.rules(uow.now).version}
    uow.journal(JournalEntry(person, "item_held", item_id, detail=detail))


async def lift(uow: UnitOfWork, bureau: BureauContext, person: str, item_id: str) -> None:
    """Lift a hold, as who held it or as a gatekeeper. Raises `NotHeld`, and `asyncpg.CheckViolationError` for anybody else."""
    reason = await holds.lift(uow.connection, item_id, person, uow.now)
    if reason is None:
        raise NotHeld
    detail = {"reason": reason, "rules": bureau.rules(uow.now).version}
    uow.journal(JournalEntry(person, "hold_lifted", item_id, detail=detail))


class ScheduledReleaseWorker:
    """Lets scheduled releases take effect; of those whose time came while nothing ran, when it runs again."""

    def __init__(self, database: Database, bureau: BureauContext) -> None:
        self._database = database
        self._bureau = bureau
        self._resting: dict[int, float] = {}

    async def step(self) -> float:
        """Release what is due; return the seconds after which the next one may be."""
        moment = time.monotonic()
        self._resting = {schedule_id: until for schedule_id, until in self._resting.items() if until > moment}
        async with self._database.snapshot() as connection:
            due = await schedules.fetch_due(connection, self._database.clock(), PART, self._resting)
        if due and not await self._release(due):
            for each in due:
                await self._release_or_stop(each)
        async with self._database.snapshot() as connection:
            wait = await schedules.fetch_wait(connection, self._database.clock(), self._resting)
        return POLL_S if wait is None else max(0.0, min(POLL_S, wait.total_seconds()))

    async def stop(self) -> None:
        """Nothing is on its way: a release is one transaction."""

    async def _release(self, due: Sequence[Due]) -> bool:
        """Release all of these in one transaction; return whether nothing stood against it."""
        try:
            async with self._database.unit_of_work() as uow:
                await release_due(uow, self._bureau, due)
        except Exception as error:
            # Each alone shows which one it is about, and what becomes of it.
            log.info("scheduled_releases_refused", releases=len(due), error=type(error).__name__)
            return False
        return True

    async def _release_or_stop(self, due: Due) -> None:
        try:
            await self._release_one(due)
        except Exception:
            # Neither the other releases nor who else works beside this one waits for it.
            log.exception("scheduled_release_failed", schedule=due.schedule_id)
            self._resting[due.schedule_id] = time.monotonic() + REST_S

    async def _release_one(self, due: Due) -> None:
        try:
            async with self._database.unit_of_work() as uow:
                await release_due(uow, self._bureau, [due])
        except (PermanentError, asyncpg.IntegrityConstraintViolationError) as error:
            async with self._database.unit_of_work() as uow:
                await _stop(uow, self._bureau, due, error)


async def release_due(uow: UnitOfWork, bureau: BureauContext, due: Sequence[Due]) -> None:
    """Let scheduled releases of one person take effect; all or none.

    Raises `ContentChanged`, `NotReleasable`, `NoticeMissing`, `Disputed`, and `asyncpg.CheckViolationError` where the
    gate refuses.
    """
    first_seq = await gate.lock_releases(uow.connection) + 1
    seen = [SeenVersion(each.item_id, each.digest) for each in due]
    approved = await lock_as_seen(uow, seen, State.APPROVED)
    if await schedules.fetch_disputed(uow.connection, [each.item_id for each in due]):
        raise Disputed
    await releasing.require_releasable(uow, bureau, approved, uow.now)
    await releasing.publish(uow, bureau, due[0].scheduled_by, first_seq, approved)


CAUSES: dict[type[Exception], Cause] = {
    Disputed: Cause.DISPUTED,
    NotReleasable: Cause.CHECK_FAILED,
    NoticeMissing: Cause.NOTICE_MISSING,
    ContentChanged: Cause.CHANGED,
}


async def _stop(uow: UnitOfWork, bureau: BureauContext, due: Due, error: Exception) -> None:
    cause = CAUSES.get(type(error), Cause.GATE_CLOSED)
    if await schedules.stop(uow.connection, due.schedule_id, cause, uow.now):
        detail = {"content": due.digest, "cause": cause.value, "rules": bureau.rules(uow.now).version}
        uow.journal(JournalEntry(due.scheduled_by, "schedule_stopped", due.item_id, detail=detail))
