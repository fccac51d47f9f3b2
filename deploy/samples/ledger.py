"""An independent ledger: the figures that a system must have after the sample sources' events, without the system."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Literal

from deploy.samples.emission import Emission, Facts

By = Literal["operator", "operator_meant", "category", "region", "industry", "channel", "month", "year"]
Key = tuple[str | None, ...]
WorkingDays = Callable[[date, date], int]

RESOLVED = ("mediated", "self_settled")
MEDIATED = (*RESOLVED, "failed")
PARTS: dict[str, Callable[[Facts], str | None]] = {
    "operator_meant": attrgetter("true_uscc"),
    "category": attrgetter("category"),
    "region": attrgetter("region"),
    "industry": attrgetter("industry"),
    "channel": attrgetter("channel"),
    "month": lambda facts: facts.received[:7],
    "year": lambda facts: facts.received[:4],
}


@dataclass(slots=True)
class Measures:
    """The measures of INTERFACE. `days` are the working days from acceptance to closing, filled where a calendar was given."""

    complaints: int = 0
    accepted: int = 0
    resolved: int = 0
    mediations: int = 0
    mediation_successes: int = 0
    amount: Decimal = Decimal("0.00")
    recovered: Decimal = Decimal("0.00")
    days: list[int] = field(default_factory=list)

    @property
    def resolution_rate(self) -> float | None:
        """Resolved by accepted; None where nothing was accepted."""
        return self.resolved / self.accepted if self.accepted else None

    @property
    def mediation_success_rate(self) -> float | None:
        """Successes by mediations; None where nothing was mediated."""
        return self.mediation_successes / self.mediations if self.mediations else None

    def percentile(self, share: float) -> float | None:
        """Return the interpolated percentile of `days` (PostgreSQL's percentile_cont); None where nothing was closed."""
        if not self.days:
            return None
        ordered, place = sorted(self.days), share * (len(self.days) - 1)
        low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
        return low + (high - low) * (place - math.floor(place))


class Ledger:
    """Stores the highest valid revision of every report, whatever the order of arrival.

    `wrong_uscc` is how the system treats a report whose credit code has a wrong check character: it is `"matched"` by its
    name, or `"refused"` as a whole.
    """

    def __init__(self, *, wrong_uscc: Literal["matched", "refused"] = "matched") -> None:
        self._refuse = wrong_uscc == "refused"
        self._last: dict[tuple[str, str], Facts] = {}
        self._accepted: set[tuple[str, str]] = set()
        self._claims: dict[str, set[str]] = {}
        self.revisions: set[tuple[str, str, int]] = set()
        self.refused = 0

    def consume(self, emissions: Iterable[Emission]) -> Ledger:
        """Add emissions; return self."""
        for emission in emissions:
            self.add(emission)
        return self

    def add(self, emission: Emission) -> None:
        """Add one emission: a malformed one counts as refused, a repeated one changes nothing."""
        facts = emission.facts
        if facts is None or (self._refuse and facts.uscc and not facts.uscc_valid):
            self.refused += 1
            return
        key = facts.source, facts.external_id
        self.revisions.add((*key, facts.revision))
        if facts.uscc and facts.uscc_valid:
            self._claims.setdefault(facts.operator, set()).add(facts.uscc)
        if facts.accepted is not None:
            self._accepted.add(key)
        current = self._last.get(key)
        if current is None or current.revision < facts.revision:
            self._last[key] = facts

    def reports(self, kind: str = "complaint") -> list[Facts]:
        """Return the last revision of every report of `kind`."""
        return [facts for facts in self._last.values() if facts.kind == kind]

    def complaints(
        self, *, cross_channel: Literal["once", "each"] = "once", without: Collection[tuple[str, str]] = ()
    ) -> list[Facts]:
        """Return the complaints that count; `once` leaves out reports of a dispute that another channel reported first.

        `without`: reports (source, external id) that a system has linked to others of their dispute, left out of `each`.
        """
        if cross_channel == "each":
            return [facts for facts in self.reports() if (facts.source, facts.external_id) not in without]
        return [facts for facts in self.reports() if self._is_first(facts)]

    def figures(
        self,
        *by: By,
        cross_channel: Literal["once", "each"] = "once",
        without: Collection[tuple[str, str]] = (),
        working_days: WorkingDays | None = None,
    ) -> dict[Key, Measures]:
        """Return the measures of every combination of `by` that occurs, by day of receipt in Asia/Shanghai.

        `operator` is the credit code where the report carries a right one or its name belongs to exactly such an operator
        elsewhere in the ledger, else the name as reported; `operator_meant` is the operator that the consumer had in mind.
        """
        found: dict[Key, Measures] = {}
        for facts in self.complaints(cross_channel=cross_channel, without=without):
            self._count(found.setdefault(self._key(facts, by), Measures()), facts, working_days)
        return found

    def operator(self, facts: Facts) -> str:
        """Return the operator's key: its credit code, or the reported name where it stands for nobody or for several."""
        if facts.uscc and facts.uscc_valid:
            return facts.uscc
        claimed_by = self._claims.get(facts.operator, ())
        return next(iter(claimed_by)) if len(claimed_by) == 1 else facts.operator

    def wrong_links(self, linked: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the linked reports of disputes of which no other report counts, so that they would be lost."""
        counted = {facts.dispute for facts in self.complaints(cross_channel="each", without=linked)}
        return sorted(key for key in linked if key not in self._last or self._last[key].dispute not in counted)

    def _is_first(self, facts: Facts) -> bool:
        return facts.dispute == (facts.source, facts.external_id) or facts.dispute not in self._last

    def _key(self, facts: Facts, by: Sequence[By]) -> Key:
        return tuple(self._part(facts, name) for name in by)

    def _part(self, facts: Facts, name: By) -> str | None:
        return self.operator(facts) if name == "operator" else PARTS[name](facts)

    def _count(self, measures: Measures, facts: Facts, working_days: WorkingDays | None) -> None:
        closed_as = facts.outcome if facts.status == "closed" else None
        measures.complaints += 1
        measures.accepted += (facts.source, facts.external_id) in self._accepted
        measures.resolved += closed_as in RESOLVED
        measures.mediations += closed_as in MEDIATED
        measures.mediation_successes += closed_as in RESOLVED
        measures.amount += Decimal(facts.amount or 0)
        measures.recovered += Decimal(facts.recovered or 0)
        if working_days and facts.accepted and facts.closed:
            measures.days.append(working_days(date.fromisoformat(facts.accepted), date.fromisoformat(facts.closed)))
