"""A mapping: which column of a file holds which field of a report, and what its words mean. Written in YAML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from shared.contracts.reports import Complainant, ComplaintReport, ReportedOperator
from shared.errors import PermanentError

NESTED: Mapping[str, type[BaseModel]] = {"operator": ReportedOperator, "complainant": Complainant}
FIELDS = frozenset(
    path
    for name in ComplaintReport.model_fields
    for path in ([f"{name}.{part}" for part in NESTED[name].model_fields] if name in NESTED else [name])
)
REQUIRED = ("channel", "external_id", "kind", "received_at", "operator.name", "status")
DATE_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日")


class MappingInvalid(PermanentError):
    """The mapping file is invalid."""


class SourceMapping(BaseModel):
    """How to read a source's files.

    `columns`: the heading, or several to be joined, that hold a field. `values`: what a word of the source means;
    `otherwise`: what every other word means (without it such a row is refused). `constants`: fields that are the same in
    every row. `defaults`: for empty cells. `time_zone`: of times without offset. A day without a time begins there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = None
    time_zone: str = "Asia/Shanghai"
    date_formats: tuple[str, ...] = DATE_FORMATS
    columns: Mapping[str, str | tuple[str, ...]]
    joined_by: str = " "
    values: Mapping[str, Mapping[str, str | None]] = {}
    otherwise: Mapping[str, str | None] = {}
    constants: Mapping[str, str | int | bool] = {}
    defaults: Mapping[str, str | int | bool] = {}

    @field_validator("columns", "values", "otherwise", "constants", "defaults")
    @classmethod
    def check_fields(cls, by_field: Mapping[str, object]) -> Mapping[str, object]:
        """Check that every key is a field of the report."""
        unknown = sorted(by_field.keys() - FIELDS)
        if unknown:
            raise ValueError(f"no field of a report: {', '.join(unknown)}")
        return by_field

    @field_validator("time_zone")
    @classmethod
    def check_time_zone(cls, name: str) -> str:
        """Check that the time zone exists."""
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"no time zone is called {name}") from error
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of times without offset."""
        return ZoneInfo(self.time_zone)

    def headings_of(self, field: str) -> Sequence[str]:
        """Return the headings that hold a field; none where it has no column."""
        headings = self.columns.get(field, ())
        return (headings,) if isinstance(headings, str) else headings

    def missing_headings(self, headings: Collection[str]) -> list[str]:
        """Return the headings that required fields need and the file does not have."""
        filled = self.constants.keys() | self.defaults.keys()
        needed = [heading for field in REQUIRED if field not in filled for heading in self.headings_of(field) or (field,)]
        return [heading for heading in needed if heading not in headings]


def load_mapping(path: Path) -> SourceMapping:
    """Load a mapping file. Raises `MappingInvalid` with the findings."""
    try:
        return SourceMapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingInvalid(f"{path}: {error}") from error
    except ValidationError as error:
        findings = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        raise MappingInvalid(f"{path}: {findings}") from error
