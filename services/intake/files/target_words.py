"""What a mapping may turn cells into: the fields of a report, and the values of those that have a closed list."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, get_args

from pydantic import BaseModel

from shared.contracts.reports import Complainant, ComplaintReport, ReportedOperator

NESTED: Mapping[str, type[BaseModel]] = {"operator": ReportedOperator, "complainant": Complainant}
FIELDS = frozenset(
    path
    for name in ComplaintReport.model_fields
    for path in ([f"{name}.{part}" for part in NESTED[name].model_fields] if name in NESTED else [name])
)


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
