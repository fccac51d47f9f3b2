"""Handlers of complaint revisions and rulings."""

from __future__ import annotations

from collections.abc import Sequence

from services.stats.domain.adjustments import to_adjustments
from services.stats.domain.contributions import (
    Contribution,
    latest_revisions,
    operator_profiles,
    received_span_by_source,
    row_by_calendar,
    to_contribution,
)
from services.stats.store.contributions import upsert_contributions
from services.stats.store.register import upsert_operators, widen_coverage
from services.stats.store.rulings import apply_adjustments, insert_ruling_changes
from services.stats.store.sums import add_deltas
from shared.calendar.current import CurrentCalendar
from shared.contracts import ComplaintFacts, RulingMade
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.facts_struct import Facts, read_facts
from shared.contracts.rulings import RULINGS
from shared.stream import JournalEntry, ReceivedEvent, Subscription, UnitOfWork, subscribe
from shared.stream.record import contract_decoder, narrow_decoder

# Of 6,000 complaints in the order of time nearly half fall on days and months of subjects that others of them touch already;
# of 2,000 few do.
BATCH_FACTOR = 3


class ComplaintCounter:
    """Counts complaints by the current working-day calendar."""

    def __init__(self, calendar: CurrentCalendar) -> None:
        self._calendar = calendar

    def to_contribution(self, facts: Facts) -> Contribution:
        """Return what a revision contributes, counted by this calendar."""
        return to_contribution(facts, self._calendar.value)

    async def count_complaints(self, uow: UnitOfWork, events: Sequence[ReceivedEvent[Contribution]]) -> None:
        """Apply newer revisions: retract what the older ones contributed, add what the newer ones contribute."""
        contributions = [received.event for received in events]
        latest = latest_revisions(contributions)
        calendar = await self._calendar.share(uow.connection)
        await upsert_operators(uow.connection, operator_profiles(contributions))
        await widen_coverage(uow.connection, received_span_by_source(latest))
        await upsert_contributions(uow.connection, [row_by_calendar(contribution, calendar) for contribution in latest])
        await add_deltas(uow.connection)

    async def apply_rulings(self, uow: UnitOfWork, events: Sequence[ReceivedEvent[RulingMade]]) -> None:
        """Exclude or amend complaints; one without a revision yet is amended when its first arrives."""
        adjustments = to_adjustments(received.event for received in events)
        if not adjustments:
            return
        await apply_adjustments(uow.connection, adjustments)
        await add_deltas(uow.connection)
        await insert_ruling_changes(uow.connection, adjustments)
        for one in adjustments:
            uow.journal(
                JournalEntry(
                    "corrections", "complaint_amended", str(one.complaint_id), after=one.changes(), detail=one.origin()
                )
            )

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return the subscriptions: topic, decoder, handler by event."""
        facts = narrow_decoder(
            contract_decoder([(ComplaintFacts.type, ComplaintFacts)], {ComplaintFacts.type: read_facts}), self.to_contribution
        )
        return (
            Subscription(
                COMPLAINTS, facts, {Contribution: self.count_complaints}, batch_factor=BATCH_FACTOR, lingers_under_load=True
            ),
            subscribe(RULINGS, {RulingMade: self.apply_rulings}),
        )
