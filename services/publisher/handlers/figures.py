"""Figures: stored as they arrive; a closed month is drafted once its figures are complete, later changes revise it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from aiokafka import ConsumerRecord

from services.publisher import drafting, reporting
from services.publisher.bureau import BureauContext
from services.publisher.domain.basic import Registration
from services.publisher.store import closings, figure_verifications, figures, gate, rulings
from shared.contracts import FigureChanged, FiguresVerified, MonthClosed, PeriodKind, SubjectKind
from shared.contracts.figures import FIGURES
from shared.stream import RELAXED_LINGER_S, ReceivedEvent, SkippedRecord, Subscription, UnitOfWork
from shared.stream.record import DecodedRecord, contract_decoder

# Figures that items are drafted from or pages show; others are skipped unparsed, by their record key. Of operators, who are
# many, months alone; of everything else reports compare all periods.
STORED_FIGURES = {
    (kind.value.encode(), period.value.encode())
    for kind in SubjectKind
    for period in PeriodKind
    if kind is not SubjectKind.OPERATOR or period is PeriodKind.MONTH
}
KEY_PARTS = 4

_contract = contract_decoder([(model.type, model) for model in (FigureChanged, FiguresVerified, MonthClosed)])


def decode(record: ConsumerRecord) -> DecodedRecord:
    """Parse the figures that are stored, the closes of months and the recounts; skip the rest."""
    parts = (record.key or b"").split(b"/")
    if len(parts) >= KEY_PARTS and (parts[0], parts[-2]) not in STORED_FIGURES:
        return SkippedRecord(record)
    return _contract(record)


def subscription(bureau: BureauContext) -> Subscription:
    """Return the subscription of `gongshi.figures`."""

    async def apply_figures(uow: UnitOfWork, events: Sequence[ReceivedEvent[FigureChanged]]) -> None:
        newest = _newest([received.event for received in events])
        await figures.upsert_figures(uow.connection, newest)
        await figures.upsert_operators(uow.connection, _operators(newest))
        await _revise(uow, bureau, newest)
        await _close_reviews(uow, sorted({ruling for received in events for ruling in received.event.rulings}))
        await _draft_complete_months(uow, bureau)
        await reporting.mark_moved(
            uow, bureau, {event.period for event in newest if event.subject_kind is not SubjectKind.OPERATOR}
        )
        if any(event.restated and event.subject_kind is not SubjectKind.OPERATOR for event in newest):
            await gate.notify_listeners(uow.connection)

    async def apply_closes(uow: UnitOfWork, events: Sequence[ReceivedEvent[MonthClosed]]) -> None:
        await closings.upsert_closings(uow.connection, list({r.event.month: r.event for r in events}.values()))
        await _draft_complete_months(uow, bureau)
        await gate.notify_listeners(uow.connection)

    return Subscription(
        FIGURES,
        decode,
        {FigureChanged: apply_figures, MonthClosed: apply_closes, FiguresVerified: _store_verifications},
        linger_s=RELAXED_LINGER_S,
    )


async def _store_verifications(uow: UnitOfWork, events: Sequence[ReceivedEvent[FiguresVerified]]) -> None:
    """Store the recounts, the newest of each day."""
    await figure_verifications.upsert_verifications(uow.connection, [received.event for received in events])
    await gate.notify_listeners(uow.connection)


def _newest(events: Sequence[FigureChanged]) -> list[FigureChanged]:
    """Return the newest event of each figure, ordered by key so that rows are locked in the same order everywhere."""
    by_key: dict[str, FigureChanged] = {}
    for event in events:
        known = by_key.get(event.key())
        if known is None or known.version < event.version:
            by_key[event.key()] = event
    return [by_key[key] for key in sorted(by_key)]


def _operators(events: Sequence[FigureChanged]) -> list[Registration]:
    """Return the newest registration of each operator in the events, ordered by key."""
    of_operators = sorted((e for e in events if e.subject_kind is SubjectKind.OPERATOR and e.operator), key=lambda e: e.as_of)
    by_key = {e.subject: _registration(e) for e in of_operators}
    return [by_key[key] for key in sorted(by_key)]


def _registration(event: FigureChanged) -> Registration:
    operator = event.operator
    if operator is None:
        raise AssertionError("only events with an operator are asked")
    return Registration(
        event.subject, operator.name, operator.uscc, operator.address, operator.scope, event.region, event.industry
    )


async def _revise(uow: UnitOfWork, bureau: BureauContext, events: Sequence[FigureChanged]) -> None:
    """Revise the items of months that are drafted already."""
    of_operators = [e for e in events if e.subject_kind is SubjectKind.OPERATOR]
    drafted = await closings.fetch_drafted_months(uow.connection, sorted({e.period for e in of_operators}))
    subjects = sorted({e.subject for e in of_operators if e.period in drafted})
    if not subjects:
        return
    changed = {(e.subject, e.period) for e in of_operators}
    stored = await figures.fetch_month_figures(uow.connection, sorted(drafted), subjects)
    await drafting.draft_basic(uow, bureau, [f for f in stored if (f.operator.key, f.month) in changed])


async def _close_reviews(uow: UnitOfWork, ruling_ids: Sequence[UUID]) -> None:
    """Close the reviews after which nothing of the item changes, since the figures follow their rulings by now."""
    if ruling_ids:
        await rulings.insert_counted(uow.connection, ruling_ids)
        await rulings.close_without_effect(uow.connection, ruling_ids)
        await gate.notify_listeners(uow.connection)


async def _draft_complete_months(uow: UnitOfWork, bureau: BureauContext) -> None:
    for month in await closings.fetch_complete_months(uow.connection):
        await drafting.draft_month(uow, bureau, month)
