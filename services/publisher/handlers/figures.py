"""Figures: kept as they come; a month that closes is drafted once all of it is here, later changes revise it."""

from __future__ import annotations

from collections.abc import Sequence

from aiokafka import ConsumerRecord

from services.publisher import drafting
from services.publisher.domain.basic import Registration
from services.publisher.office import Office
from services.publisher.store import closings, gate
from services.publisher.store import figures as store
from shared.contracts import FigureChanged, MonthClosed, PeriodKind, SubjectKind
from shared.contracts.figures import FIGURES
from shared.stream import AT_LEISURE_S, Passed, Received, Subscription, Unit
from shared.stream.record import Decoded, contract_decoder

# What items are drafted from and the front page shows; the other figures pass unparsed, known by their key.
KEPT = {
    (kind.value.encode(), PeriodKind.MONTH.value.encode())
    for kind in (SubjectKind.ALL, SubjectKind.OPERATOR, SubjectKind.REGION)
}
KEY_PARTS = 4

_contract = contract_decoder([(model.type, model) for model in (FigureChanged, MonthClosed)])


def decode(record: ConsumerRecord) -> Decoded:
    """Parse the figures that are kept and the closes of months."""
    parts = (record.key or b"").split(b"/")
    if len(parts) >= KEY_PARTS and (parts[0], parts[-2]) not in KEPT:
        return Passed(record)
    return _contract(record)


def subscription(office: Office) -> Subscription:
    """Return the subscription of `gongshi.figures`."""

    async def keep(unit: Unit, events: Sequence[Received[FigureChanged]]) -> None:
        newest = _newest([received.event for received in events])
        await store.keep_figures(unit.connection, newest)
        await store.keep_operators(unit.connection, _operators(newest))
        await _revise(unit, office, newest)
        await _draft_complete(unit, office)
        if any(event.restated and event.subject_kind is not SubjectKind.OPERATOR for event in newest):
            await gate.announce(unit.connection)

    async def close(unit: Unit, events: Sequence[Received[MonthClosed]]) -> None:
        await closings.keep(unit.connection, list({r.event.month: r.event for r in events}.values()))
        await _draft_complete(unit, office)
        await gate.announce(unit.connection)

    return Subscription(FIGURES, decode, {FigureChanged: keep, MonthClosed: close}, gather_s=AT_LEISURE_S)


def _newest(events: Sequence[FigureChanged]) -> list[FigureChanged]:
    """Return the newest event of each figure, in the order of their keys so that rows are locked alike everywhere."""
    by_key: dict[str, FigureChanged] = {}
    for event in events:
        known = by_key.get(event.key())
        if known is None or known.version < event.version:
            by_key[event.key()] = event
    return [by_key[key] for key in sorted(by_key)]


def _operators(events: Sequence[FigureChanged]) -> list[Registration]:
    """Return what the events tell of operators, the newest word on each, by key."""
    told = sorted((e for e in events if e.subject_kind is SubjectKind.OPERATOR and e.operator), key=lambda e: e.as_of)
    by_key = {e.subject: _registration(e) for e in told}
    return [by_key[key] for key in sorted(by_key)]


def _registration(event: FigureChanged) -> Registration:
    operator = event.operator
    if operator is None:
        raise AssertionError("only events with an operator are asked")
    return Registration(
        event.subject, operator.name, operator.uscc, operator.address, operator.scope, event.region, event.industry
    )


async def _revise(unit: Unit, office: Office, events: Sequence[FigureChanged]) -> None:
    """Revise the items of months that were drafted before."""
    of_operators = [e for e in events if e.subject_kind is SubjectKind.OPERATOR]
    drafted = await closings.drafted_among(unit.connection, sorted({e.period for e in of_operators}))
    subjects = sorted({e.subject for e in of_operators if e.period in drafted})
    if not subjects:
        return
    changed = {(e.subject, e.period) for e in of_operators}
    held = await store.month_figures(unit.connection, sorted(drafted), subjects)
    await drafting.draft_basic(unit, office, [f for f in held if (f.operator.key, f.month) in changed])


async def _draft_complete(unit: Unit, office: Office) -> None:
    for month in await closings.complete(unit.connection):
        await drafting.draft_month(unit, office, month)
