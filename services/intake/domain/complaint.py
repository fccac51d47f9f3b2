"""The complaint as intake says it: normalised, its personal data gone, its operator attributed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.intake.domain.decision import State
from services.intake.domain.operators import PROVISIONAL
from services.intake.domain.report import yuan
from services.intake.redaction import Redacted
from services.intake.redaction.report import OperatorTexts, of_no_table, reference
from shared.contracts import ComplaintOperator, ComplaintReport, ComplaintRevised

COUNTY_DIGITS = 6
REGION_LENGTHS = frozenset({6, 9, 12})


@dataclass(frozen=True, slots=True)
class Tables:
    """The codes that the reference tables know, and the time zone of days."""

    regions: AbstractSet[str]
    industries: AbstractSet[str]
    categories: AbstractSet[str]
    zone: ZoneInfo


def complaint(report: ComplaintReport, state: State, source: str, clean: Redacted, tables: Tables) -> ComplaintRevised:
    """Return the revision that says what `report` brought."""
    zone, unmapped = tables.zone, _unmapped(report, tables)
    return ComplaintRevised.of({
        "complaint_id": state.complaint_id,
        "revision": state.revision,
        "source": source,
        "external_id": reference(report.external_id) or "",
        "kind": report.kind,
        "channel": report.channel,
        "received_on": report.received_at.astimezone(zone).date(),
        "region": of_no_table(report.region) if "region" in unmapped else report.region,
        "industry": of_no_table(report.industry) if "industry" in unmapped else report.industry,
        "category": of_no_table(report.category) if "category" in unmapped else report.category,
        "operator": _operator(state.operator_key, clean.operator),
        "status": report.status,
        "outcome": report.outcome,
        "accepted": state.ever_accepted,
        "accepted_on": _day(report.accepted_at, zone),
        "closed_on": _day(report.closed_at, zone),
        "amount": yuan(report.amount),
        "recovered": yuan(report.recovered),
        "satisfaction": report.satisfaction,
        "duplicate_of": None,
        "ledger": report.ledger,
        "received_at": report.received_at,
        "due_on": _day(report.due_at, zone),
        "goods": clean.goods,
        "title": clean.title,
        "text": clean.text,
        "redaction": clean.redaction,
        "unmapped": unmapped,
        "consents_to_publish": report.complainant.consents_to_publish,
        "consents_to_direct": report.complainant.consents_to_direct,
        "case_number": reference(report.case_number),
        "office": reference(report.office),
    })  # fmt: skip


def restated(said: ComplaintRevised, state: State) -> ComplaintRevised:
    """Return what was said last with the acceptance and the operator of `state`."""
    key = state.operator_key
    operator = said.operator.model_copy(update={"key": key, "uscc": _credit_code(key)})
    return said.model_copy(update={"revision": state.revision, "accepted": state.ever_accepted, "operator": operator})


@lru_cache(maxsize=2_048)
def _operator(key: str, texts: OperatorTexts) -> ComplaintOperator:
    return ComplaintOperator(key=key, uscc=_credit_code(key), **texts._asdict())


def _credit_code(operator_key: str) -> str | None:
    return None if operator_key.startswith(PROVISIONAL) else operator_key


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return None if moment is None else moment.astimezone(zone).date()


def _unmapped(report: ComplaintReport, tables: Tables) -> tuple[str, ...]:
    """Name the fields whose code no table knows. Statistical codes under the county are known by their county."""
    found = []
    region = report.region
    if region is not None and not (len(region) in REGION_LENGTHS and region[:COUNTY_DIGITS] in tables.regions):
        found.append("region")
    if report.industry is not None and report.industry not in tables.industries:
        found.append("industry")
    if report.category is not None and report.category not in tables.categories:
        found.append("category")
    return tuple(found)
