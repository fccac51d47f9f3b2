"""Rates with their counts; that of successful mediation names what it is a share of, since its denominator is a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.publisher.domain.basic import denominator_of
from shared.rates import SUCCESSES, SuccessDenominator, share, success_counts
from shared.web.i18n import Text, _

LABELS: Mapping[SuccessDenominator, Text] = {
    SuccessDenominator.MEDIATIONS: _("调解成功率（占调解）"),
    SuccessDenominator.CLOSED: _("调解成功率（占办结）"),
    SuccessDenominator.ACCEPTED: _("调解成功率（占受理）"),
}


@dataclass(frozen=True, slots=True)
class SuccessRate:
    """The two counts of a success rate, and what it is called; `whole` is None where nobody counted it."""

    part: int
    whole: int | None
    label: Text

    def is_comparable(self, minimum: int) -> bool:
        """Return whether there are enough cases for a comparison."""
        return (self.whole or 0) >= minimum


def success_by(counts: object, by: SuccessDenominator) -> SuccessRate:
    """Return the success rate of counts by a denominator; `counts` has them as keys or as attributes."""
    if isinstance(counts, Mapping):
        known: Mapping[str, Any] = counts
    else:
        known = {name: getattr(counts, name, None) for name in (SUCCESSES, *SuccessDenominator)}
    return SuccessRate(*success_counts(known, by), LABELS[by])


def success_of(content: Mapping[str, Any]) -> SuccessRate:
    """Return the success rate of a month's item, by the denominator that it was drafted with."""
    return success_by(content, denominator_of(content))


def exact_rate(field: str, fields: Mapping[str, Any]) -> Decimal | None:
    """Return the unrounded rate of a form from its counts; None for another field, and where the form shows no rate."""
    if fields.get(field) is None:
        return None
    part, whole = _rate_counts(field, fields)
    return None if part is None or not whole else share(int(part), int(whole))


def _rate_counts(field: str, fields: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Return the counts that a rate of a form is the quotient of."""
    match field:
        case "resolution_rate":
            return fields.get("resolved"), fields.get("accepted")
        case "mediation_success_rate":
            return success_counts(fields, denominator_of(fields))
        case _:
            return None, None
