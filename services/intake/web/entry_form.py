"""The form in which a clerk registers a complaint that came in person or by letter."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError
from starlette.datastructures import FormData

from services.intake.domain.findings import of_validation
from services.intake.domain.operators import credit_code
from services.intake.domain.report import Reported
from shared.contracts.reports import ComplaintReport

SOURCE = "/gongshi/intake/desk"
CHANNELS = ("on_site", "letter", "other")
NUMBER = re.compile(r"D[0-9]{8}-[0-9A-HJKMNP-TV-Z]{6}")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FIELDS = (
    "number", "channel", "received_on", "operator_name", "uscc", "region", "category", "goods", "amount", "text",
    "complainant_name", "phone", "consents_to_direct",
)  # fmt: skip
_FIELD_OF = {
    "operator.name": "operator_name",
    "operator.uscc": "uscc",
    "complainant.name": "complainant_name",
    "complainant.phone": "phone",
    "received_at": "received_on",
    "title": "text",
    "external_id": "number",
}


def new_number(day: date) -> str:
    """Return a fresh number for a form: sent twice, the form still registers one complaint."""
    return f"D{day:%Y%m%d}-" + "".join(secrets.choice(_LETTERS) for _ in range(6))


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as sent: its values as they go back into it, the report it makes, or the code of the fault of each field."""

    values: Mapping[str, str]
    event: Reported | None
    faults: Mapping[str, str]


def filled(form: FormData, zone: ZoneInfo) -> Filled:
    """Read a form."""
    values = {name: str(form.get(name) or "").strip() for name in FIELDS}
    faults: dict[str, str] = {}
    if not NUMBER.fullmatch(values["number"]):
        faults["number"] = "invalid"
    if values["channel"] not in CHANNELS:
        faults["channel"] = "missing"
    if values["uscc"] and credit_code(values["uscc"]) is None:
        faults["uscc"] = "bad_uscc"
    day = _day(values["received_on"])
    if day is None:
        faults["received_on"] = "missing" if not values["received_on"] else "bad_date"
    for name in ("operator_name", "text"):
        if not values[name]:
            faults[name] = "missing"
    if faults or day is None:
        return Filled(values, None, faults)
    return _validated(values, datetime.combine(day, time(), zone))


def _validated(values: Mapping[str, str], received_at: datetime) -> Filled:
    try:
        report = ComplaintReport.model_validate_json(orjson.dumps(_data(values, received_at)))
    except ValidationError as error:
        return Filled(values, None, {field_of(detail.field): detail.code for detail in of_validation(error)})
    return Filled(values, Reported(SOURCE, values["number"], report), {})


def field_of(path: str) -> str:
    """Return the form's field for a field of the report."""
    return _FIELD_OF.get(path, path)


def _data(values: Mapping[str, str], received_at: datetime) -> dict[str, Any]:
    return {
        "channel": values["channel"],
        "external_id": values["number"],
        "kind": "complaint",
        "ledger": "received",
        "received_at": received_at.isoformat(),
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
        "amount": values["amount"].replace(",", "").replace("，", "") or None,
        "status": "received",
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
