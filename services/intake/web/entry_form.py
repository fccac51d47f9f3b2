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
from services.intake.files.amounts import parse_amount
from services.intake.files.dates import parse_datetime
from shared.contracts.reports import ComplaintReport
from shared.text import drop_forbidden

SOURCE = "/gongshi/intake/desk"
CHANNELS = ("on_site", "letter", "other")
NUMBER = re.compile(r"D[0-9]{8}-[0-9A-HJKMNP-TV-Z]{6}")
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELDS = (
    "number", "channel", "received_on", "operator_name", "uscc", "region", "category", "goods", "amount", "text",
    "complainant_name", "phone", "consents_to_direct",
)  # fmt: skip
_FORM_FIELDS = {
    "operator.name": "operator_name",
    "operator.uscc": "uscc",
    "complainant.name": "complainant_name",
    "complainant.phone": "phone",
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


def parse_form(form: FormData, zone: ZoneInfo) -> SubmittedForm:
    """Parse a form; times are midnight in `zone`."""
    values = {name: drop_forbidden(str(form.get(name) or "")).strip() for name in FIELDS}
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
    return _validate(values, _report_data(values, datetime.combine(day, time(), zone).isoformat()))


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
        "kind": "complaint",
        "ledger": "received",
        "received_at": received_at,
        "region": values["region"] or None,
        "category": values["category"] or None,
        "goods": values["goods"] or None,
        "operator": {"name": values["operator_name"], "uscc": values["uscc"] or None},
        "complainant": {
            "name": values["complainant_name"] or None,
            "phone": values["phone"] or None,
            "consents_to_direct": values["consents_to_direct"] == "yes",
        },
        "text": values["text"].replace("\r\n", "\n"),
        "amount": parse_amount(values["amount"]) or values["amount"] or None,
        "status": "received",
    }


def _parse_day(text: str) -> date | None:
    """Return the day; a browser without a field for dates sends what was typed."""
    moment = parse_datetime(text)
    return moment and moment.date()
