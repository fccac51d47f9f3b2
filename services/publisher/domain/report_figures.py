"""The figures of a report as they were when it was drafted: its sentences, tables and charts say these and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.contracts import Measures
from shared.rates import SuccessDenominator, sum_known


class ReportKind(StrEnum):
    """What a report is about: a period, or in it a special time, an industry, an operator, new problems, quality."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    SPECIAL = "special"
    INDUSTRY = "industry"
    OPERATOR = "operator"
    EMERGING = "emerging"
    QUALITY = "quality"


class Block(StrEnum):
    """The parts of a report that have figures, named as the fields that hold their text."""

    OVERVIEW = "overview"
    REGIONS = "by_region"
    INDUSTRIES = "by_industry"
    CONCENTRATED = "concentrated"


class Numbers(BaseModel):
    """The counts of a subject in a period; money in yuan, the median in working days.

    `closed` is None where nobody counted it, and where no rate of the report asks for it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    complaints: int = 0
    accepted: int = 0
    resolved: int = 0
    mediations: int = 0
    mediation_successes: int = 0
    recovered: Decimal = Decimal(0)
    median_days: Decimal | None = None
    closed: int | None = None

    @classmethod
    def of(cls, measures: Measures) -> Numbers:
        """Return the counts of measures."""
        return cls.model_validate(measures.model_dump(include=set(cls.model_fields)))

    def __add__(self, other: Numbers) -> Numbers:
        """Return the sums; a median cannot be added up."""
        added = type(self).model_fields.keys() - {"median_days", "closed"}
        sums = {name: getattr(self, name) + getattr(other, name) for name in added}
        return Numbers(**sums, closed=sum_known([self.closed, other.closed]))

    def counted_by(self, by: SuccessDenominator) -> Numbers:
        """Return the numbers that a report with this denominator says."""
        return self if by is SuccessDenominator.CLOSED else self.model_copy(update={"closed": None})


class Row(BaseModel):
    """A subject's numbers in the period, in the one before and in that of a year before; None where nothing is known of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: str
    now: Numbers
    before: Numbers | None = None
    year_before: Numbers | None = None


class MonthCount(BaseModel):
    """The complaints of a month."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    month: str
    complaints: int


class ReportFigures(BaseModel):
    """The figures of a report. `subject` is the code of its industry, the code of its operator, or the name of a special time.

    `minimum`: under so many there is no rate and no percentage. `list_minimum`: an operator is listed from so many complaints
    on. `success_denominator`: what its success rates are a share of. Rows are ordered: regions as in the reference data,
    categories and industries by their complaints, operators by name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ReportKind
    period: str
    subject: str = ""
    as_of: date
    minimum: int
    list_minimum: int
    success_denominator: SuccessDenominator = SuccessDenominator.MEDIATIONS
    total: Row
    months: tuple[MonthCount, ...] = ()
    regions: tuple[Row, ...] = ()
    industries: tuple[Row, ...] = ()
    categories: tuple[Row, ...] = ()
    operators: tuple[Row, ...] = ()

    def moved_from(self, earlier: ReportFigures) -> tuple[Block, ...]:
        """Return the blocks whose figures differ from those of an earlier time."""
        return tuple(block for block in Block if self._of_block(block) != earlier._of_block(block))

    def _of_block(self, block: Block) -> tuple[object, ...]:
        match block:
            case Block.OVERVIEW:
                return self.total, self.months
            case Block.REGIONS:
                return (self.regions,)
            case Block.INDUSTRIES:
                return (self.industries,)
            case Block.CONCENTRATED:
                return self.categories, self.operators


def roll_up(rows: Iterable[Row], parent_of: dict[str, str]) -> list[Row]:
    """Return rows added up by the parents of their subjects; a subject without one is its own."""
    by_parent: dict[str, Row] = {}
    for row in rows:
        parent = parent_of.get(row.subject) or row.subject
        known = by_parent.get(parent)
        by_parent[parent] = row.model_copy(update={"subject": parent}) if known is None else _add(known, row)
    return list(by_parent.values())


def _add(row: Row, other: Row) -> Row:
    return Row(
        subject=row.subject,
        now=row.now + other.now,
        before=_add_known(row.before, other.before),
        year_before=_add_known(row.year_before, other.year_before),
    )


def _add_known(numbers: Numbers | None, other: Numbers | None) -> Numbers | None:
    if numbers is None or other is None:
        return numbers or other
    return numbers + other


def by_complaints(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows that have complaints, most first; of equal ones the smaller code first."""
    return tuple(sorted((row for row in rows if row.now.complaints), key=lambda row: (-row.now.complaints, row.subject)))
