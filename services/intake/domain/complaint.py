"""The complaint revision that intake emits: normalized, redacted, its operator attributed."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.intake.domain.decision import ComplaintState
from services.intake.domain.operators import PROVISIONAL
from services.intake.domain.report import Report, format_yuan
from services.intake.redaction import RedactedReport
from services.intake.redaction.references import redact_reference
from services.intake.redaction.report import OperatorTexts, redact_code
from shared.contracts import ComplaintOperator, ComplaintRevised

COUNTY_DIGITS = 6
REGION_LENGTHS = frozenset({6, 9, 12})


@dataclass(frozen=True, slots=True)
class CodeTables:
    """The codes of the reference tables, and the time zone of calendar days."""

    regions: AbstractSet[str]
    industries: AbstractSet[str]
    categories: AbstractSet[str]
    zone: ZoneInfo


def to_complaint_revised(
    report: Report, state: ComplaintState, source: str, redacted: RedactedReport, tables: CodeTables
) -> ComplaintRevised:
    """Return the event with the content of `report` and the revision, operator and acceptance of `state`."""
    zone, unmapped, year = tables.zone, _unmapped_fields(report, tables), report.received_at.year
    return ComplaintRevised.construct_unvalidated({
        "complaint_id": state.complaint_id,
        "revision": state.revision,
        "source": source,
        "external_id": redact_reference(report.external_id, year, redacted.identity) or "",
        "kind": report.kind,
        "channel": report.channel,
        "received_on": report.received_at.astimezone(zone).date(),
        "region": redact_code(report.region, year) if "region" in unmapped else report.region,
        "industry": redact_code(report.industry, year) if "industry" in unmapped else report.industry,
        "category": redact_code(report.category, year) if "category" in unmapped else report.category,
        "operator": _complaint_operator(state.operator_key, redacted.operator),
        "status": report.status,
        "outcome": report.outcome,
        "accepted": state.ever_accepted,
        "accepted_on": _local_date(report.accepted_at, zone),
        "closed_on": _local_date(report.closed_at, zone),
        "amount": format_yuan(report.amount),
        "recovered": format_yuan(report.recovered),
        "satisfaction": report.satisfaction,
        "duplicate_of": state.duplicate_of,
        "consents_to_direct": report.complainant.consents_to_direct,
        "case_number": redact_reference(report.case_number, year, redacted.identity),
        "office": redact_reference(report.office, year, redacted.identity.numbers_only()),
        "sale_mode": report.sale_mode,
        "ledger": report.ledger,
        "received_at": report.received_at,
        "due_on": _local_date(report.due_at, zone),
        "goods": redacted.goods,
        "title": redacted.title,
        "text": redacted.text,
        "redaction": redacted.redaction,
        "unmapped": unmapped,
        "consents_to_publish": report.complainant.consents_to_publish,
        "goods_class": redacted.goods_class,
        "demand": redacted.demand,
    })  # fmt: skip


def apply_state(emitted: ComplaintRevised, state: ComplaintState) -> ComplaintRevised:
    """Return the last emitted event with the revision, acceptance, operator and link of `state`."""
    key = state.operator_key
    operator = emitted.operator.model_copy(update={"key": key, "uscc": _uscc_of(key)})
    facts = {"revision": state.revision, "accepted": state.ever_accepted, "duplicate_of": state.duplicate_of}
    return emitted.model_copy(update={**facts, "operator": operator})


@lru_cache(maxsize=2_048)
def _complaint_operator(key: str, texts: OperatorTexts) -> ComplaintOperator:
    return ComplaintOperator(key=key, uscc=_uscc_of(key), **texts._asdict())


def _uscc_of(operator_key: str) -> str | None:
    return None if operator_key.startswith(PROVISIONAL) else operator_key


def _local_date(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return None if moment is None else moment.astimezone(zone).date()


def _unmapped_fields(report: Report, tables: CodeTables) -> tuple[str, ...]:
    """Return the fields whose code no reference table has. Of statistical codes under the county only the county counts."""
    fields = []
    region = report.region
    if region is not None and not (len(region) in REGION_LENGTHS and region[:COUNTY_DIGITS] in tables.regions):
        fields.append("region")
    if report.industry is not None and report.industry not in tables.industries:
        fields.append("industry")
    if report.category is not None and report.category not in tables.categories:
        fields.append("category")
    return tuple(fields)
