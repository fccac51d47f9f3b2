"""The basic board's item: one operator in one month (DOMAIN: registration, complaints, accepted, resolved, the two rates)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.publisher.domain.form import SUCCESS_DENOMINATOR, Form
from shared.contracts import Measures, PublicOperator
from shared.rates import SuccessDenominator, rate, success_counts, success_rate
from shared.web.periods import period_name

# The kind of the item.
OPERATOR_MONTH = "operator_month"


@dataclass(frozen=True, slots=True)
class Registration:
    """The registration of an operator."""

    key: str
    name: str
    uscc: str | None
    address: str | None
    scope: str | None
    region: str | None
    industry: str | None

    def public(self) -> PublicOperator:
        """Return the operator's public form."""
        return PublicOperator(key=self.key, name=self.name, uscc=self.uscc, address=self.address, scope=self.scope)


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """The figure of one operator in one month; `version` is that of the figure."""

    operator: Registration
    month: str
    version: int
    measures: Measures
    as_of: datetime


def natural_key(operator_key: str, month: str) -> str:
    """Return the natural key of a basic item, `month/operator key`."""
    return f"{month}/{operator_key}"


def split_key(key: str) -> tuple[str, str]:
    """Return the month and the operator key of a natural key."""
    month, _, operator_key = key.partition("/")
    return month, operator_key


def denominator_of(content: Mapping[str, Any]) -> SuccessDenominator:
    """Return what the success rate of an item is a share of; items from before it was a rule go by mediations."""
    return SuccessDenominator(content.get(SUCCESS_DENOMINATOR) or SuccessDenominator.MEDIATIONS)


def basic_form(figure: MonthFigure, by: SuccessDenominator = SuccessDenominator.MEDIATIONS) -> Form:
    """Return the form of the item; a rate is None where its denominator is 0. `by`: what the success rate is a share of.

    The mandated rates are published however few the complaints are, with both counts: it is comparison that wants a minimum.
    """
    measures = figure.measures
    counts = measures.model_dump()
    # A rate comes with its counts, and no other count is told because of it.
    closed = {"closed": success_counts(counts, by)[1]} if by is SuccessDenominator.CLOSED else {}
    success = success_rate(counts, by)
    return Form(
        kind=OPERATOR_MONTH,
        title=f"{period_name(figure.month, 'zh')}基本投诉：{figure.operator.name}",
        summary=f"投诉{measures.complaints:,}件，受理{measures.accepted:,}件，解决{measures.resolved:,}件。",
        content={
            "complaints": measures.complaints,
            "accepted": measures.accepted,
            "resolved": measures.resolved,
            "resolution_rate": _rate(measures.resolved, measures.accepted),
            "mediations": measures.mediations,
            "mediation_successes": measures.mediation_successes,
            **closed,
            "mediation_success_rate": None if success is None else str(success),
            SUCCESS_DENOMINATOR: by.value,
            "industry": figure.operator.industry,
            "as_of": figure.as_of.isoformat(),
        },
        operator=figure.operator.public(),
        region=figure.operator.region,
        period=figure.month,
    )


def _rate(numerator: int, denominator: int) -> str | None:
    value = rate(numerator, denominator)
    return None if value is None else str(value)
