"""A mapping: which column of a file holds which field of a report, and what its words mean. Written in YAML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.intake.files.mapping_rules import Column, Part, RevisionOrder, alternatives_of
from services.intake.files.target_words import FIELDS, MONEY, check_target
from shared.tables.nearest import ALIKE, SIMILAR, find_nearest, suggestion
from shared.tables.readers.faults import FileRefused

OPERATOR = "operator.name"
REQUIRED = ("channel", "external_id", "kind", "received_at", OPERATOR, "status")
EMPTY_WORDS = (
    "无", "-", "--", "—", "——", "/", "／", "－",
    # What databases and programs write where there is nothing.
    "NULL", "null", "Null", "(null)", "(NULL)", "<null>", "<NULL>", r"\N", "nan", "NaN", "NaT", "None", "N/A", "n/a",
)  # fmt: skip


Target = str | int | bool | None
"""What a word of a source is turned into; None: nothing."""


class MappingInvalid(FileRefused):
    """The mapping file is invalid, or does not fit the file."""


class SourceMapping(BaseModel):
    """How to read a source's files.

    `columns`: the heading that holds a field, several to be joined, or headings of which a file has one. `optional`: fields
    whose columns many files lack. `sheets`: the sheets with the list; without it all that have its columns. `parts`: the part
    of a cell that is the field. `values`: what a word of the source means; `prefixes`: what words mean that begin so, the
    longest counts; `otherwise`: what every other word means (without it such a row is refused, but codes of reference tables
    are kept as unmapped). `factors`: what amounts are in, like 10000 for 万元. `pass_over`: words of a column whose rows are
    none of the list. `unnamed_operator`: a row without an operator is a complaint about one of its own, whom a clerk names.
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
    sheets: tuple[str, ...] = ()
    columns: Mapping[str, Column]
    optional: frozenset[str] = frozenset()
    joined_by: str = " "
    parts: Mapping[str, Part] = {}
    values: Mapping[str, Mapping[str, Target]] = {}
    prefixes: Mapping[str, Mapping[str, Target]] = {}
    otherwise: Mapping[str, Target] = {}
    factors: Mapping[str, Annotated[Decimal, Field(gt=0)]] = {}
    pass_over: Mapping[str, frozenset[str]] = {}
    unnamed_operator: bool = False
    constants: Mapping[str, str | int | bool] = {}
    defaults: Mapping[str, str | int | bool] = {}
    empty_words: frozenset[str] = frozenset(EMPTY_WORDS)
    fill_down: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    revisions: RevisionOrder = RevisionOrder(by="file_date")

    @field_validator(
        "columns", "optional", "parts", "values", "prefixes", "otherwise", "factors", "constants", "defaults", "fill_down"
    )
    @classmethod
    def check_fields(cls, fields: Collection[str]) -> Collection[str]:
        """Check that every key is a field of the report."""
        for field in sorted(set(fields) - FIELDS):
            raise ValueError(f"no field of a report: {field}{suggestion(field, FIELDS)}")
        return fields

    @field_validator("values", "prefixes", "otherwise", "constants", "defaults")
    @classmethod
    def check_words(cls, by_field: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check that what words are turned into are values of the contract."""
        for field, target in by_field.items():
            for word in target.values() if isinstance(target, Mapping) else (target,):
                check_target(field, word)
        return by_field

    @field_validator("factors")
    @classmethod
    def check_factors(cls, factors: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
        """Check that only amounts have one."""
        for field in sorted(factors.keys() - MONEY):
            raise ValueError(f"{field} is no amount: {', '.join(sorted(MONEY))}")
        return factors

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
        """Return the headings that may hold a field; none where it has no column."""
        column = self.columns.get(field)
        return [] if column is None else [heading for group in alternatives_of(column) for heading in group]

    def headings(self) -> frozenset[str]:
        """Return every heading that the mapping names."""
        own = {heading for field in self.columns for heading in self.headings_of(field)} | self.pass_over.keys()
        return frozenset(own | ({self.revisions.column} if self.revisions.column else set()))

    def required_headings(self) -> list[str]:
        """Return the headings without which no row can be a report; of alternatives all."""
        return [heading for group in self._required_groups() for heading in group]

    def _required_groups(self) -> list[Sequence[str]]:
        filled = self.constants.keys() | self.defaults.keys() | ({OPERATOR} if self.unnamed_operator else set())
        wanted = [(field, self.columns.get(field)) for field in REQUIRED if field not in filled]
        return [group for field, column in wanted for group in (alternatives_of(column) if column else [[field]])]

    def missing_headings(self, headings: Collection[str]) -> list[str]:
        """Return the headings that required fields need and the file does not have, alternatives with a stroke between."""
        return [" / ".join(group) for group in self._required_groups() if not set(group) & set(headings)]

    def _find_absent(self, headings: Collection[str]) -> list[str]:
        """Return the headings of the mapping that a file has not, without those that it has another one for."""
        groups = [group for column in self.columns.values() for group in alternatives_of(column)]
        replaced = {heading for group in groups if set(group) & set(headings) for heading in group}
        return sorted((self.headings() | set(self.required_headings())) - set(headings) - replaced)

    def check_headings(self, headings: Collection[str]) -> list[str]:
        """Return the headings of the mapping that a file does not have.

        Raises `MappingInvalid` where a required one is missing, and where the file has one that is similar to a missing one and
        that the mapping does not name: one of the two is misspelt, and the field would be lost in silence.
        """
        required = set(self.required_headings())
        optional = {heading for field in self.optional | self.defaults.keys() for heading in self.headings_of(field)} - required
        others = [heading for heading in headings if heading and heading not in self.headings() | self.ignored]
        absent = self._find_absent(headings)
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
