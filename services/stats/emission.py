"""Saying figures as they change: oldest change first, several changes of one figure as one, closed months as restatements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from services.stats.domain.figures import Change, NewFigure, concerned, renewed
from services.stats.store.closing import closed_months
from services.stats.store.figures import OperatorCard, cards, keep, restate, say_alone, standing, take_changes, waiting
from services.stats.store.sums import CHANGES_CHANNEL
from shared.contracts import FigureChanged, SubjectKind
from shared.metrics import FIGURES_EMITTED, FIGURES_PENDING
from shared.service import Running
from shared.stream import Entry, Store, Unit
from shared.stream.rate import Rate
from shared.waiting import until_set

T = TypeVar("T")

# Changed months in one transaction, as many subjects have: some 2,400 figures, two tenths of a second of work.
MONTHS = 600
# Changes within this time are said as one, whatever the load: it is the smaller part of the second that a figure may take.
COALESCE_S = 0.1
# Up to this many records a second figures are said as soon as they can be. Beyond it, as when a backlog is caught up with, they
# would be out of date as soon as they are said: ever more changes are said as one.
FRESH_RATE = 1_000.0
# At twice that rate and above, the rest after a turn is this many times the turn: saying takes a tenth of the time.
REST = 9.0
REST_MOST_S = 3.0
# When none was applied for so long and none waits, the load is over, and what gathered is said.
QUIET_S = 0.2
# The gauge of what waits is read by a count.
COUNT_EVERY_S = 5.0
# Figures worked out in one go, some 5 ms.
TURN = 100
# A lost notification is made up for after this time.
IDLE_S = 5.0


async def say_changes(unit: Unit) -> int:
    """Say the changed figures of the subjects that have waited longest; return how many changes were taken."""
    await say_alone(unit.connection)
    changes = await take_changes(unit.connection, MONTHS)
    if not changes:
        return 0
    rulings = concerned(changes)
    keys = list(rulings)
    closed = {each.month for each in await closed_months(unit.connection)}
    stands = await standing(unit.connection, keys)
    figures: list[NewFigure] = []
    async for key, (sums, said) in _in_turns(zip(keys, stands, strict=True)):
        figure = renewed(key, sums, said, closed)
        if figure is not None:
            figures.append(figure)
    await keep(unit.connection, figures, unit.now)
    await _restate(unit, [(figure, rulings[figure.key]) for figure in figures])
    known = await cards(unit.connection, _newest_months(changes))
    async for figure in _in_turns(figures):
        unit.emit(_event(unit, figure, known))
    FIGURES_EMITTED.inc(len(figures))
    return len(changes)


async def _in_turns(each: Iterable[T]) -> AsyncIterator[T]:
    """Yield each, letting the consumers have their turn from time to time: years of figures can change at once."""
    for number, one in enumerate(each, 1):
        yield one
        if not number % TURN:
            await asyncio.sleep(0)


def _newest_months(changes: Iterable[Change]) -> dict[str, date]:
    """Return the newest changed month of each operator."""
    operators = sorted((c.subject, c.month) for c in changes if c.subject_kind is SubjectKind.OPERATOR)
    return dict(operators)


async def _restate(unit: Unit, figures: Sequence[tuple[NewFigure, tuple[UUID, ...]]]) -> None:
    restated = [(f, f.restated_from, rulings) for f, rulings in figures if f.restated_from is not None]
    if not restated:
        return
    await restate(unit.connection, restated, unit.now)
    for figure, before, rulings in restated:
        unit.record(
            Entry(
                "stats",
                "figure_restated",
                str(figure.key),
                before=before.model_dump(mode="json"),
                after=figure.measures.model_dump(mode="json"),
                detail={"version": figure.version, "ruling_ids": [str(ruling) for ruling in rulings]},
            )
        )


def _event(unit: Unit, figure: NewFigure, known: dict[str, OperatorCard]) -> FigureChanged:
    key = figure.key
    card = known.get(key.subject) if key.subject_kind is SubjectKind.OPERATOR else None
    return FigureChanged(
        subject_kind=key.subject_kind,
        subject=key.subject,
        period_kind=key.period.kind,
        period=key.period.name,
        version=figure.version,
        figures=figure.measures,
        as_of=unit.now,
        operator=card and card.operator,
        region=card and card.region,
        industry=card and card.industry,
        restated=figure.restated_from is not None,
        restated_from=figure.restated_from,
    )


def rest_after(said_in_s: float, records_a_second: float) -> float:
    """Return the seconds for which changes gather before the next turn, by how long the last one took and how many come in."""
    busy = min(1.0, max(0.0, records_a_second / FRESH_RATE - 1.0))
    return max(COALESCE_S, min(REST_MOST_S, REST * busy * said_in_s))


class Emission:
    """The work that says figures for as long as the service runs, woken by the commits that change them.

    `applied` tells how many records the service has applied since it started, `lag` how many wait.
    """

    def __init__(self, store: Store, applied: Callable[[], int], lag: Callable[[], int]) -> None:
        self._store = store
        self._applied = applied
        self._lag = lag
        self._wake = asyncio.Event()
        self._rate = Rate()
        self._counted_at = -COUNT_EVERY_S

    @classmethod
    def of(cls, running: Running) -> Emission:
        """Return the work of a running service."""
        consumers = running.consumers
        return cls(running.store, lambda: sum(c.health.records for c in consumers), lambda: sum(c.lag() for c in consumers))

    async def run(self) -> None:
        """Say figures until cancelled, or until the connection that listens is lost."""
        async with self._store.pool.acquire() as listening:
            await listening.add_listener(CHANGES_CHANNEL, self._woken)
            try:
                while not listening.is_closed():
                    await self._say_all()
                    await until_set(self._wake, IDLE_S)
            finally:
                if not listening.is_closed():
                    await listening.remove_listener(CHANGES_CHANNEL, self._woken)

    async def _say_all(self) -> None:
        """Say what waits, with a rest after each transaction in which further changes gather."""
        now = asyncio.get_running_loop().time
        applied = self._applied()
        taken = 1
        while taken:
            self._wake.clear()
            began = now()
            async with self._store.unit() as unit:
                taken = await say_changes(unit)
                await self._count(unit)
            ended, applied_now = now(), self._applied()
            rate = self._rate.of(applied_now - applied, ended)
            applied = applied_now
            await self._rest(rest_after(ended - began, rate))

    async def _rest(self, seconds: float) -> None:
        """Let changes gather, for as long as any come in."""
        applied = -1
        while seconds > 0 and (self._lag() or applied != self._applied()):
            applied = self._applied()
            step = min(QUIET_S, seconds)
            await asyncio.sleep(step)
            seconds -= step

    async def _count(self, unit: Unit) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._counted_at >= COUNT_EVERY_S:
            self._counted_at = now
            FIGURES_PENDING.set(await waiting(unit.connection))

    def _woken(self, *_: object) -> None:
        self._wake.set()
