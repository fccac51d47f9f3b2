"""Numbers of a report's text are those of its figures: an office words them as it likes, and writes no others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from services.publisher.domain.report_figures import Block, Numbers, ReportFigures, Row
from services.publisher.domain.report_text import compose_blocks
from shared.rates import SuccessDenominator, percentage, success_counts

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII)
# A day or month, the number of a paragraph or of an article, and what stands in the title of a document, is no figure.
_DAY = r"\d{1,2}月(?:\d{1,2}日)?"
_NO_FIGURE = re.compile(
    rf"《[^》]{{0,60}}》|第[\d条款项]{{1,8}}[条款项]|^\d{{1,2}}[.、．)）]|\d{{4}}年(?:{_DAY})?|{_DAY}", re.MULTILINE
)


def numbers_in(text: str) -> set[Decimal]:
    """Return the numbers that a text says in digits, whatever their width and commas."""
    plain = _NO_FIGURE.sub(" ", unicodedata.normalize("NFKC", text.replace("，", " ")))
    return {Decimal(found.replace(",", "")) for found in _NUMBER.findall(plain)}


def foreign_numbers(block: Block, text: str, figures: ReportFigures, subject: str) -> list[str]:
    """Return the numbers of a block's text that its figures do not have, smallest first."""
    return [f"{number:,f}" for number in sorted(numbers_in(text) - _known(block, figures, subject))]


def _known(block: Block, figures: ReportFigures, subject: str) -> set[Decimal]:
    drafted = numbers_in(compose_blocks(figures, subject).get(block, ""))
    rows = {
        Block.OVERVIEW: (figures.total,),
        Block.REGIONS: figures.regions,
        Block.INDUSTRIES: figures.industries,
        Block.CONCENTRATED: (*figures.categories, *figures.operators),
    }[block]
    counts = {Decimal(each.complaints) for each in figures.months} if block is Block.OVERVIEW else set[Decimal]()
    return drafted | counts | set(_numbers_of(rows, figures.total.now.complaints, figures.success_denominator))


def _numbers_of(rows: Iterable[Row], whole: int, by: SuccessDenominator) -> Iterable[Decimal]:
    for row in rows:
        for numbers in filter(None, (row.now, row.before, row.year_before)):
            yield from _values(numbers, by)
        share = percentage(row.now.complaints, whole)
        if share is not None:
            yield share


def _values(numbers: Numbers, by: SuccessDenominator) -> Iterable[Decimal]:
    yield from map(Decimal, (numbers.complaints, numbers.accepted, numbers.resolved))
    yield from map(Decimal, (numbers.mediations, numbers.mediation_successes))
    part, whole = success_counts(numbers.model_dump(), by)
    rates = (percentage(numbers.resolved, numbers.accepted), percentage(part, whole or 0))
    yield from filter(None, (*rates, Decimal(whole or 0), numbers.median_days, numbers.recovered))
