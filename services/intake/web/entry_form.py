"""The form in which a clerk registers a complaint that came in person or by letter."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError
from starlette.datastructures import FormData

from services.intake.domain.findings import to_findings
from services.intake.domain.operators import parse_uscc
from services.intake.domain.report import ReportEvent
from services.intake.store.operator_search import FoundOperator
from shared.contracts import ComplaintRevised
from shared.contracts.reports import ComplaintReport
from shared.tables.amounts import parse_amount
from shared.tables.dates import parse_datetime
from shared.text import drop_forbidden

SOURCE = "/gongshi/intake/desk"
CHANNELS = ("on_site", "letter", "other")
NUMBER = re.compile(r"D[0-9]{8}-[0-9A-HJKMNP-TV-Z]{6}")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELDS = (
    "number", "channel", "kind", "received_on", "operator_name", "uscc", "operator_address", "region", "industry", "category",
    "goods", "sale_mode", "amount", "text", "demand", "office", "case_number", "complainant_name", "phone", "id_number",
    "address", "consents_to_direct", "consents_to_publish",
)  # fmt: skip
TICKS = ("consents_to_direct", "consents_to_publish")
_FORM_FIELDS = {
    "operator.name": "operator_name",
    "operator.uscc": "uscc",
    "operator.address": "operator_address",
    "complainant.name": "complainant_name",
    "complainant.phone": "phone",
    "complainant.id_number": "id_number",
    "complainant.address": "address",
    "received_at": "received_on",
    "title": "text",
    "external_id": "number",
}


def new_number(day: date) -> str:
    """Return a fresh number for a form, so that a form sent twice registers one complaint."""
    return f"D{day:%Y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A submitted form: its values, and either the report event or a finding code by field. `data`: the report as typed."""

    values: Mapping[str, str]
    event: ReportEvent | None
    findings: Mapping[str, str]
    data: Mapping[str, Any] = field(default_factory=dict)


def parse_form(
    form: FormData, zone: ZoneInfo, stored: Mapping[str, Any] | None = None, chosen: FoundOperator | None = None
) -> SubmittedForm:
    """Parse a form; times are midnight in `zone`.

    `stored` are the JSON fields of the report that is edited: what the form does not ask for stays. `chosen`: the operator
    that was chosen among those looked up, in place of what was typed.
    """
    values = {name: drop_forbidden(str(form.get(name) or "")).strip() for name in FIELDS}
    if stored is not None:
        values["number"] = stored["external_id"]
    if chosen is not None:
        values |= {"operator_name": chosen.name, "uscc": chosen.uscc, "operator_address": chosen.address or ""}
    findings: dict[str, str] = {}
    if not NUMBER.fullmatch(values["number"]):
        findings["number"] = "invalid"
    if values["channel"] not in CHANNELS:
        findings["channel"] = "missing"
    if values["uscc"] and parse_uscc(values["uscc"]) is None:
        findings["uscc"] = "bad_uscc"
    day = _parse_day(values["received_on"])
    if day is None:
        findings["received_on"] = "missing" if not values["received_on"] else "bad_date"
    for name in ("operator_name", "text"):
        if not values[name]:
            findings[name] = "missing"
    if findings or day is None:
        return SubmittedForm(values, None, findings, _report_data(values, values["received_on"]))
    data = _report_data(values, datetime.combine(day, time(), zone).isoformat())
    return _validate(values, data if stored is None else _over(stored, data))


def _over(stored: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored report with what the form says; how far it has come is no field of the form."""
    operator = {**stored["operator"], **data["operator"]}
    kept = {name: stored[name] for name in ("revision", "status")}
    return {**stored, **data, **kept, "operator": operator, "title": None}


def to_values(facts: ComplaintRevised) -> dict[str, str]:
    """Return the values of the form that say what is stored of a complaint; of the complainant nothing is."""
    operator = facts.operator
    values = {
        "number": facts.external_id, "channel": facts.channel, "kind": facts.kind,
        "received_on": facts.received_on.isoformat(), "operator_name": operator.name, "uscc": operator.uscc,
        "operator_address": operator.address, "region": facts.region, "industry": facts.industry, "category": facts.category,
        "goods": facts.goods, "sale_mode": facts.sale_mode, "amount": facts.amount, "text": facts.text or facts.title,
        "demand": facts.demand, "office": facts.office, "case_number": facts.case_number,
        "consents_to_direct": "yes" if facts.consents_to_direct else "",
        "consents_to_publish": "yes" if facts.consents_to_publish else "",
    }  # fmt: skip
    return {name: str(value or "") for name, value in values.items()}


def _validate(values: Mapping[str, str], data: Mapping[str, Any]) -> SubmittedForm:
    try:
        report = ComplaintReport.model_validate_json(orjson.dumps(data))
    except ValidationError as error:
        findings = {to_form_field(finding.field): finding.code for finding in to_findings(error)}
        return SubmittedForm(values, None, findings, data)
    return SubmittedForm(values, ReportEvent(SOURCE, values["number"], report), {}, data)


def to_form_field(path: str) -> str:
    """Return the form's field for the path of a report's field."""
    return _FORM_FIELDS.get(path, path)


def _report_data(values: Mapping[str, str], received_at: str) -> dict[str, Any]:
    return {
        "channel": values["channel"],
        "external_id": values["number"],
        "kind": values["kind"] or "complaint",
        "ledger": "received",
        "received_at": received_at,
        "region": values["region"] or None,
        "category": values["category"] or None,
        "industry": values["industry"] or None,
        "goods": values["goods"] or None,
        "sale_mode": values["sale_mode"] or None,
        "demand": values["demand"] or None,
        "office": values["office"] or None,
        "case_number": values["case_number"] or None,
        "operator": {
            "name": values["operator_name"],
            "uscc": values["uscc"] or None,
            "address": values["operator_address"] or None,
        },
        "complainant": {
            "name": values["complainant_name"] or None,
            "phone": values["phone"] or None,
            "id_number": values["id_number"] or None,
            "address": values["address"] or None,
            **{name: values[name] == "yes" for name in TICKS},
        },
        "text": values["text"].replace("\r\n", "\n"),
        "amount": parse_amount(values["amount"]) or values["amount"] or None,
        "status": "received",
    }


def _parse_day(text: str) -> date | None:
    """Return the day; a browser without a field for dates sends what was typed."""
    moment = parse_datetime(text)
    return moment and moment.date()
