"""Validation findings of a report: codes from a closed list, with the field and a sentence that quotes no value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from shared.stream import ValidationFinding

MAX_FINDINGS = 20

MESSAGES: Mapping[str, str] = {
    "missing": "this is required",
    "empty": "this must not be empty",
    "wrong_type": "this has the wrong JSON type",
    "unknown_value": "this is not one of the values allowed",
    "bad_date": "this is not a date and time with an offset (RFC 3339)",
    "in_future": "this lies in the future",
    "too_old": "this lies before 1990",
    "negative": "this must not be negative",
    "not_decimal": "this must be a decimal string in yuan with at most two decimals",
    "out_of_range": "this number or moment is out of range",
    "too_long": "this text is too long",
    "too_large": "this event is larger than 1 MiB",
    "too_deep": "this JSON is nested too deeply",
    "control_character": "this text holds control characters",
    "bad_json": "this is not well-formed JSON",
    "bad_encoding": "this is not valid UTF-8",
    "bad_base64": "this is not a report in Base64",
    "envelope": "this does not fit CloudEvents 1.0",
    "unknown_type": "this event type is not known here",
    "foreign_source": "the key belongs to another source",
    "wrong_source": "this is not signed with the key of its source",
    "unsigned_source": "this source does not sign, and none without a signature is taken",
    "conflict": "this revision came before with other content",
    "superseded": "a later revision of this complaint is known",
    "redaction_failed": "personal data could not be removed: title and text are withheld",
    "lost_digits": "this number has lost digits: format the column as text",
    "bad_row": "this row has another number of columns than the heading",
    "bad_uscc": "this is not a valid unified social credit code",
    "unprocessable": "this could not be processed; it is kept to be replayed",
    "bad_quote": "a quotation mark of this row is never closed",
    "cell_error": "this cell shows an error of the spreadsheet: correct its formula",
    "day_number": "this is a day number: format the column as dates, or let the mapping say `day_numbers: true`",
    "not_calculated": "this formula was never calculated: open the file in Excel or WPS and save it",
    "invalid": "this does not fit the contract",
}

# With one of these the record cannot be parsed at all.
UNREADABLE = frozenset({"bad_json", "bad_encoding", "too_deep"})

_CODES: Mapping[str, str] = {
    "missing": "missing",
    "enum": "unknown_value",
    "literal_error": "unknown_value",
    "string_too_long": "too_long",
    "string_too_short": "empty",
    "timezone_aware": "bad_date",
    "datetime_parsing": "bad_date",
    "datetime_type": "bad_date",
    "datetime_from_date_parsing": "bad_date",
    "datetime_object_invalid": "bad_date",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "int_parsing_size": "out_of_range",
    "string_type": "wrong_type",
    "string_sub_type": "wrong_type",
    "string_unicode": "bad_encoding",
    "int_type": "wrong_type",
    "int_from_float": "wrong_type",
    "bool_type": "wrong_type",
    "model_type": "wrong_type",
    "dict_type": "wrong_type",
    "list_type": "wrong_type",
}


def create_finding(field: str, code: str) -> ValidationFinding:
    """Return the finding with the message of its code."""
    return ValidationFinding(field, code, MESSAGES[code])


def to_findings(error: ValidationError, within: str = "") -> tuple[ValidationFinding, ...]:
    """Return the findings of a validation error, at most `MAX_FINDINGS`; `within` (`data`) is cut from the front of paths."""
    errors = error.errors(include_url=False)
    return tuple(_to_finding(each, within) for each in errors[:MAX_FINDINGS])


def _to_finding(item: Mapping[str, Any], within: str) -> ValidationFinding:
    path = [str(part) for part in item["loc"]]
    if len(path) > 1 and path[0] == within:
        path = path[1:]
    return create_finding(".".join(path) or _validator_field(item), _code(item))


def _validator_field(item: Mapping[str, Any]) -> str:
    return "title" if item["type"] == "value_error" else ""


def _code(item: Mapping[str, Any]) -> str:
    match item["type"]:
        case "json_invalid":
            return _json_code(str(item["ctx"]["error"]))
        case "string_pattern_mismatch" if item["loc"] in {("id",), ("source",)}:
            return "envelope"
        case "string_pattern_mismatch":
            return "negative" if str(item["input"]).lstrip().startswith("-") else "not_decimal"
        case "value_error":
            return "missing"
        case kind:
            return _CODES.get(kind, "invalid")


def _json_code(error: str) -> str:
    if error.startswith("recursion"):
        return "too_deep"
    if error.startswith("invalid unicode"):
        return "bad_encoding"
    return "control_character" if error.startswith("control character") else "bad_json"
