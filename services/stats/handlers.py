"""What stats does with complaints and rulings."""

from __future__ import annotations

from collections.abc import Sequence

from services.stats.domain.adjustments import adjustments
from services.stats.domain.revisions import Told, cards, heard, newest, told
from services.stats.store.contributions import apply_revisions
from services.stats.store.register import cover, register
from services.stats.store.rulings import amend, mark_ruled
from services.stats.store.sums import add_moves
from shared.calendar import Calendar
from shared.contracts import ComplaintFacts, RulingMade
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.rulings import RULINGS
from shared.stream import Entry, Received, Subscription, Unit, listen
from shared.stream.record import contract_decoder, narrowed

# Of 6,000 complaints in the order of time nearly half fall on days and months of subjects that others of them touch already;
# of 2,000 few do.
BATCHES = 3


class Counting:
    """Counts complaints by a working-day calendar."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def counted(self, facts: ComplaintFacts) -> Told:
        """Return what is counted of a revision."""
        return told(facts, self._calendar)

    async def count_complaints(self, unit: Unit, events: Sequence[Received[Told]]) -> None:
        """Take newer revisions in: what the older ones added is retracted, what the newer ones add is added."""
        said = [received.event for received in events]
        revisions = newest(said)
        await register(unit.connection, cards(said))
        await cover(unit.connection, heard(revisions))
        await apply_revisions(unit.connection, [revision.row for revision in revisions])
        await add_moves(unit.connection)

    async def apply_rulings(self, unit: Unit, events: Sequence[Received[RulingMade]]) -> None:
        """Exclude or amend complaints; a complaint that is not known yet is amended when its first revision comes."""
        found = adjustments(received.event for received in events)
        if not found:
            return
        await amend(unit.connection, found)
        await add_moves(unit.connection)
        await mark_ruled(unit.connection)
        for each in found:
            unit.record(
                Entry("corrections", "complaint_amended", str(each.complaint_id), after=each.said(), detail=each.origin())
            )

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Return which events go to which handler."""
        facts = narrowed(contract_decoder([(ComplaintFacts.type, ComplaintFacts)]), self.counted)
        return (
            Subscription(COMPLAINTS, facts, {Told: self.count_complaints}, batches=BATCHES),
            listen(RULINGS, {RulingMade: self.apply_rulings}),
        )
