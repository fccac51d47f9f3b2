"""Emission of changed figures: oldest change first, coalesced by figure, restatements for closed months."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from services.stats.domain.figures import (
    Causes,
    Change,
    ChangedFigure,
    FigureKey,
    Restatement,
    causes_by_figure,
    changed_figure,
)
from services.stats.store.closing import fetch_closed_months
from services.stats.store.figures import (
    OperatorDetails,
    count_pending,
    fetch_operator_details,
    insert_restatements,
    load_sums,
    lock_emission,
    take_pending_changes,
    upsert_figures,
)
from services.stats.store.sums import CHANGES_CHANNEL, fold_days
from services.stats.store.workdays import fetch_notices
from shared.contracts import FigureChanged, SubjectKind
from shared.metrics import FIGURES_EMITTED, FIGURES_PENDING
from shared.stream import Database, JournalEntry, UnitOfWork
from shared.stream.throughput import RecordThroughput
from shared.waiting import wait_set

if TYPE_CHECKING:  # commands emit figures without the web
    from shared.service import ServiceContext

ItemT = TypeVar("ItemT")

# Changed months of subjects in one transaction: some 2,400 figures, two tenths of a second of work.
MONTHS_PER_TRANSACTION = 600
# Changes within this time are coalesced, whatever the load: it is the smaller part of the second that a figure may take.
COALESCE_S = 0.1
# Up to this many records a second figures are emitted at once. Beyond it, as while a backlog is processed, they would be
# out of date as soon as they are emitted: ever more changes are coalesced.
FRESH_RATE = 700.0
# At twice that rate and above, the rest after a transaction is this many times its duration: emission takes a tenth of time.
PAUSE_FACTOR = 9.0
MAX_PAUSE_S = 3.0
# When no record was applied for so long and there is no lag, the load is over, and pending changes are emitted.
QUIET_S = 0.2
# The gauge of pending changes costs a count.
GAUGE_INTERVAL_S = 5.0
# Figures computed without yielding to the event loop, some 5 ms.
FIGURES_PER_TURN = 100
# Polling for a lost notification.
POLL_INTERVAL_S = 5.0


async def emit_changed_figures(uow: UnitOfWork) -> int:
    """Emit the changed figures of the subjects with the oldest changes; return how many changes were taken."""
    await lock_emission(uow.connection)
    changes = await take_pending_changes(uow.connection, MONTHS_PER_TRANSACTION)
    if not changes:
        return 0
    causes = causes_by_figure(changes)
    keys = list(causes)
    closed = {each.month for each in await fetch_closed_months(uow.connection)}
    stored = await load_sums(uow.connection, keys)
    figures: list[ChangedFigure] = []
    async for key, (sums, emitted) in _with_yields(zip(keys, stored, strict=True)):
        figure = changed_figure(key, sums, emitted, closed, causes[key])
        if figure is not None:
            figures.append(figure)
    await upsert_figures(uow.connection, figures, uow.now)
    restatements = await _to_restatements(uow, figures, causes)
    await _record_restatements(uow, restatements)
    notices = {restatement.figure.key: restatement.notices for restatement in restatements}
    details = await fetch_operator_details(uow.connection, _latest_month_by_operator(changes))
    async for figure in _with_yields(figures):
        uow.emit(_figure_changed(uow, figure, details, notices.get(figure.key, ())))
    FIGURES_EMITTED.inc(len(figures))
    return len(changes)


async def _with_yields(items: Iterable[ItemT]) -> AsyncIterator[ItemT]:
    """Iterate, yielding to the event loop every `FIGURES_PER_TURN` items: years of figures can change at once."""
    for number, item in enumerate(items, 1):
        yield item
        if not number % FIGURES_PER_TURN:
            await asyncio.sleep(0)


def _latest_month_by_operator(changes: Iterable[Change]) -> dict[str, date]:
    """Return the latest changed month by operator key."""
    operators = sorted((change.subject, change.month) for change in changes if change.subject_kind is SubjectKind.OPERATOR)
    return dict(operators)


async def _to_restatements(
    uow: UnitOfWork, figures: Sequence[ChangedFigure], causes: Mapping[FigureKey, Causes]
) -> list[Restatement]:
    notices = await fetch_notices(uow.connection, {calendar for each in causes.values() for calendar in each.calendars})
    return [
        Restatement(
            figure,
            figure.restated_from,
            figure.rulings,
            tuple(dict.fromkeys(n for calendar in sorted(causes[figure.key].calendars) for n in notices.get(calendar, ()))),
        )
        for figure in figures
        if figure.restated_from is not None
    ]


async def _record_restatements(uow: UnitOfWork, restatements: Sequence[Restatement]) -> None:
    if not restatements:
        return
    await insert_restatements(uow.connection, restatements, uow.now)
    for restatement in restatements:
        figure = restatement.figure
        uow.journal(
            JournalEntry(
                "stats",
                "figure_restated",
                str(figure.key),
                before=restatement.before.model_dump(mode="json"),
                after=figure.measures.model_dump(mode="json"),
                detail={
                    "version": figure.version,
                    "ruling_ids": [str(ruling) for ruling in restatement.ruling_ids],
                    "notices": list(restatement.notices),
                },
            )
        )


def _figure_changed(
    uow: UnitOfWork, figure: ChangedFigure, details: Mapping[str, OperatorDetails], notices: tuple[str, ...]
) -> FigureChanged:
    key = figure.key
    detail = details.get(key.subject) if key.subject_kind is SubjectKind.OPERATOR else None
    return FigureChanged.construct_unvalidated({
        "subject_kind": key.subject_kind,
        "subject": key.subject,
        "period_kind": key.period.kind,
        "period": key.period.name,
        "version": figure.version,
        "figures": figure.measures,
        "as_of": uow.now,
        "operator": detail and detail.operator,
        "region": detail and detail.region,
        "industry": detail and detail.industry,
        "restated": figure.restated_from is not None,
        "restated_from": figure.restated_from,
        "notices": notices,
        "rulings": figure.rulings,
    })  # fmt: skip


def pause_s(emission_s: float, records_a_second: float) -> float:
    """Return the seconds before the next emission, in which changes coalesce, by the last one's duration and the throughput."""
    busy = min(1.0, max(0.0, records_a_second / FRESH_RATE - 1.0))
    return max(COALESCE_S, min(MAX_PAUSE_S, PAUSE_FACTOR * busy * emission_s))


class FigureEmitter:
    """The background task that emits changed figures, woken by the commits that change them (LISTEN/NOTIFY).

    `applied` returns how many records the service has applied since it started, `lag` how many it has yet to apply.
    """

    def __init__(self, database: Database, applied: Callable[[], int], lag: Callable[[], int]) -> None:
        self._database = database
        self._applied = applied
        self._lag = lag
        self._notified = asyncio.Event()
        self._throughput = RecordThroughput()
        self._gauge_updated_at = -GAUGE_INTERVAL_S

    @classmethod
    def from_context(cls, context: ServiceContext) -> FigureEmitter:
        """Return the background task of a running service."""
        consumers = context.consumers
        return cls(context.database, lambda: sum(c.health.records for c in consumers), lambda: sum(c.lag() for c in consumers))

    async def run(self) -> None:
        """Emit figures until cancelled, or until the connection that listens is lost."""
        async with self._database.pool.acquire() as connection:
            await connection.add_listener(CHANGES_CHANNEL, self._on_notify)
            try:
                while not connection.is_closed():
                    await self._emit_pending()
                    await wait_set(self._notified, POLL_INTERVAL_S)
            finally:
                if not connection.is_closed():
                    await connection.remove_listener(CHANGES_CHANNEL, self._on_notify)

    async def _emit_pending(self) -> None:
        """Emit pending changes until none is left, with a pause after each transaction in which further changes coalesce."""
        now = asyncio.get_running_loop().time
        applied = self._applied()
        taken, is_more = 1, False
        while taken or is_more:
            self._notified.clear()
            started_at = now()
            async with self._database.unit_of_work() as uow:
                taken = await emit_changed_figures(uow)
                is_more = await fold_days(uow.connection)
                await self._update_gauge(uow)
            ended_at, applied_now = now(), self._applied()
            throughput = self._throughput.update(applied_now - applied, ended_at)
            applied = applied_now
            await self._pause(pause_s(ended_at - started_at, throughput))

    async def _pause(self, seconds: float) -> None:
        """Let changes coalesce for so many seconds, or until none comes in."""
        applied = -1
        while seconds > 0 and (self._lag() or applied != self._applied()):
            applied = self._applied()
            step = min(QUIET_S, seconds)
            await asyncio.sleep(step)
            seconds -= step

    async def _update_gauge(self, uow: UnitOfWork) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._gauge_updated_at >= GAUGE_INTERVAL_S:
            self._gauge_updated_at = now
            FIGURES_PENDING.set(await count_pending(uow.connection))

    def _on_notify(self, *_: object) -> None:
        self._notified.set()
