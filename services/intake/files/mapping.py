"""A mapping: which column of a file holds which field of a report, and what its words mean. Written in YAML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from services.intake.files.target_words import FIELDS, allowed_words
from shared.tables.nearest import ALIKE, SIMILAR, find_nearest, suggestion
from shared.tables.readers.faults import FileRefused

REQUIRED = ("channel", "external_id", "kind", "received_at", "operator.name", "status")
EMPTY_WORDS = (
    "无", "-", "--", "—", "——", "/", "／", "－",
    # What databases and programs write where there is nothing.
    "NULL", "null", "Null", "(null)", "(NULL)", "<null>", "<NULL>", r"\N", "nan", "NaN", "NaT", "None", "N/A", "n/a",
)  # fmt: skip


class MappingInvalid(FileRefused):
    """The mapping file is invalid, or does not fit the file."""


class RevisionOrder(BaseModel):
    """What tells which of two contents of a complaint is the newer one, where a file has no revision numbers.

    `by`: a column with the moment of the last change; the day on which the file was exported; or the date of the file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["last_change", "export_day", "file_date"]
    column: str | None = None

    @model_validator(mode="after")
    def check_column(self) -> RevisionOrder:
        """Check that a column is named where one is needed, and nowhere else."""
        if (self.by == "last_change") != (self.column is not None):
            raise ValueError("`column` names the column of the last change, for `by: last_change` and nothing else")
        return self


class SourceMapping(BaseModel):
    """How to read a source's files.

    `columns`: the heading, or several to be joined, that hold a field. `optional`: fields whose columns many files lack.
    `values`: what a word of the source means; `otherwise`: what every other word means (without it such a row is refused).
    `constants`: fields that are the same in every row. `defaults`: for empty cells. `empty_words`: what stands for an empty
    cell, but in prose. `fill_down`: fields whose merged cells hold for all of their rows. `ignored`: headings that look like
    mapped ones and are others. `revisions`: what orders rows that have no number. `time_zone`: of times without offset; a day
    without a time begins there. `date_formats`: for dates that do not begin with the year. `day_numbers`: a number in a column
    of dates counts days as Excel does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str | None = None
    time_zone: str = "Asia/Shanghai"
    date_formats: tuple[str, ...] = ()
    day_numbers: bool = False
    columns: Mapping[str, str | tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    joined_by: str = " "
    values: Mapping[str, Mapping[str, str | None]] = {}
    otherwise: Mapping[str, str | None] = {}
    constants: Mapping[str, str | int | bool] = {}
    defaults: Mapping[str, str | int | bool] = {}
    empty_words: frozenset[str] = frozenset(EMPTY_WORDS)
    fill_down: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    revisions: RevisionOrder = RevisionOrder(by="file_date")

    @field_validator("columns", "optional", "values", "otherwise", "constants", "defaults", "fill_down")
    @classmethod
    def check_fields(cls, fields: Collection[str]) -> Collection[str]:
        """Check that every key is a field of the report."""
        for field in sorted(set(fields) - FIELDS):
            raise ValueError(f"no field of a report: {field}{suggestion(field, FIELDS)}")
        return fields

    @field_validator("values", "otherwise", "constants", "defaults")
    @classmethod
    def check_words(cls, by_field: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check that what words are turned into are values of the contract."""
        for field, target in by_field.items():
            allowed = allowed_words(field)
            for word in target.values() if isinstance(target, Mapping) else (target,):
                if allowed and word is not None and word not in allowed:
                    raise ValueError(f"{field}: no value of the contract: {word}{suggestion(str(word), allowed)}")
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

    def headings(self) -> frozenset[str]:
        """Return every heading that the mapping names."""
        own = {heading for field in self.columns for heading in self.headings_of(field)}
        return frozenset(own | ({self.revisions.column} if self.revisions.column else set()))

    def required_headings(self) -> list[str]:
        """Return the headings without which no row can be a report."""
        filled = self.constants.keys() | self.defaults.keys()
        return [heading for field in REQUIRED if field not in filled for heading in self.headings_of(field) or (field,)]

    def missing_headings(self, headings: Collection[str]) -> list[str]:
        """Return the headings that required fields need and the file does not have."""
        return [heading for heading in self.required_headings() if heading not in headings]

    def check_headings(self, headings: Collection[str]) -> list[str]:
        """Return the headings of the mapping that a file does not have.

        Raises `MappingInvalid` where a required one is missing, and where the file has one that is similar to a missing one and
        that the mapping does not name: one of the two is misspelt, and the field would be lost in silence.
        """
        required = set(self.required_headings())
        optional = {heading for field in self.optional | self.defaults.keys() for heading in self.headings_of(field)} - required
        others = [heading for heading in headings if heading and heading not in self.headings() | self.ignored]
        absent = sorted(self.headings() - set(headings) | required - set(headings))
        for heading in absent:
            longer = (other for other in others if other.startswith((f"{heading}(", f"{heading}（")))
            similar = next(longer, None) or find_nearest(heading, others, ALIKE if heading in optional else SIMILAR)
            if similar is not None:
                raise MappingInvalid("misspelt_column", heading=heading, similar=similar)
            if heading in required:
                raise MappingInvalid(
                    "missing_columns",
                    missing=", ".join(self.missing_headings(headings)),
                    headings=", ".join(heading for heading in headings if heading),
                )
        return [heading for heading in absent if heading not in optional]


def load_mapping(path: Path) -> SourceMapping:
    """Load a mapping file. Raises `MappingInvalid` with the findings."""
    try:
        return SourceMapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingInvalid("bad_mapping", file=path, findings=error) from error
    except ValidationError as error:
        findings = "; ".join(_describe(finding["loc"], finding["type"], finding["msg"]) for finding in error.errors())
        raise MappingInvalid("bad_mapping", file=path, findings=findings) from error


_WORDS = {
    "missing": "this is required",
    "extra_forbidden": "a mapping has no such key",
    "model_type": "a mapping is YAML, with `columns:` and under it a line `field: heading` for each column",
    "dict_type": "under this belong lines `name: value`",
    "mapping_type": "under this belong lines `name: value`",
    "string_type": "a text belongs here; put quotation marks around a number",
    "tuple_type": "a list belongs here, like [one, two]",
    "frozen_set_type": "a list belongs here, like [one, two]",
    "bool_parsing": "true or false belongs here",
    "literal_error": "this is not one of the words that are possible here",
}


def _describe(place: Sequence[int | str], kind: str, message: str) -> str:
    """Return a finding in words for who writes a mapping."""
    words = _WORDS.get(kind, message.removeprefix("Value error, "))
    return f"{'.'.join(map(str, place))}: {words}" if place else words
