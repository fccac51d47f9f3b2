"""What a mapping may turn cells into: the fields of a report, and the values of those that have a closed list."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from shared.contracts.reports import Complainant, ComplaintReport, ReportedOperator
from shared.tables.nearest import suggestion

NESTED: Mapping[str, type[BaseModel]] = {"operator": ReportedOperator, "complainant": Complainant}
FIELDS = frozenset(
    path
    for name in ComplaintReport.model_fields
    for path in ([f"{name}.{part}" for part in NESTED[name].model_fields] if name in NESTED else [name])
)


MONEY = frozenset({"amount", "recovered"})
INTEGERS = frozenset({"revision", "satisfaction"})
BOOLEANS = frozenset({"complainant.consents_to_publish", "complainant.consents_to_direct"})
GRADES = range(1, 6)
"""What satisfaction can be."""


def check_target(field: str, target: object) -> None:
    """Raise ValueError where a word is turned into what its field cannot hold; nothing (None) is possible in every one."""
    allowed = allowed_words(field)
    if target is None:
        return
    if allowed and target not in allowed:
        raise ValueError(f"{field}: no value of the contract: {target}{suggestion(str(target), allowed)}")
    if field in BOOLEANS and not isinstance(target, bool):
        raise ValueError(f"{field}: true or false belongs here, and not {target}")
    is_integer = isinstance(target, int) and not isinstance(target, bool)
    if field == "satisfaction" and not (is_integer and target in GRADES):
        raise ValueError(f"{field}: a number from {GRADES[0]} to {GRADES[-1]} belongs here, and not {target}")
    if field not in BOOLEANS | INTEGERS and not isinstance(target, str):
        raise ValueError(f"{field}: a text belongs here; put quotation marks around {target}")


def allowed_words(field: str) -> frozenset[str] | None:
    """Return the values of a field with a closed list; None of any other field."""
    group, _, part = field.partition(".")
    if part or group not in ComplaintReport.model_fields:
        return None
    return _enum_values(ComplaintReport.model_fields[group].annotation)


def _enum_values(annotation: Any) -> frozenset[str] | None:
    candidates = get_args(annotation) or (annotation,)
    enums = [each for each in candidates if isinstance(each, type) and issubclass(each, StrEnum)]
    return frozenset(member.value for enum in enums for member in enum) or None
