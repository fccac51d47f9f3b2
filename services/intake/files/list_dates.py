"""The date as of which a list shows a content: a column of each row, the day of its export, or the date of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path

from services.intake.domain.report import ListDate
from services.intake.files.dates import parse_datetime
from services.intake.files.fields import parse_moment
from services.intake.files.mapping import SourceMapping
from services.intake.files.readers.cells import Cell, CellFault
from services.intake.files.readers.sheets import FileUnreadable
from services.intake.files.texts import CellError

_EXPORTED = re.compile(
    r"""(?:导出|生成|制表|打印|统计|截至|截止)+(?:时间|日期|日)?\s*[:：]?\s*
    (\d{4}\s*(?:[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,2}|年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)|\d{8})(?!\d)""",
    re.VERBOSE,
)
_NAMED_DAY = re.compile(r"(?<!\d)(20\d{2})[-_.年]?(\d{1,2})[-_.月]?(\d{1,2})日?(?!\d)")


class ListDates:
    """The dates of the contents of a list's rows: one of the file, or that of each row's column."""

    def __init__(self, mapping: SourceMapping, of_file: ListDate | None) -> None:
        self._mapping = mapping
        self._of_file = of_file
        self._column = mapping.revisions.column

    @property
    def column(self) -> str | None:
        """The heading of the column that dates each row, if one does."""
        return None if self._of_file else self._column

    def find_date(self, cells: Mapping[str, Cell]) -> ListDate | None:
        """Return the date of a row's content. Raises `CellError` where its column does not say so."""
        if self.column is None:
            return self._of_file
        cell = cells.get(self.column)
        if isinstance(cell, CellFault):
            raise CellError(cell.code)
        moment = parse_moment(cell, self._mapping)
        if moment is None:
            raise CellError("missing")
        return ListDate(moment, is_certain=True)


def create_list_dates(mapping: SourceMapping, path: Path, preface: Iterable[str], exported_on: date | None = None) -> ListDates:
    """Return the dates of the rows of a file.

    `exported_on` is what the user says, and goes before everything. `preface`: the texts above the headings, which may name
    the day of the export, as the file's name may. Raises `FileUnreadable` where the day of the export is needed and unknown.
    """
    order = mapping.revisions
    if exported_on is not None:
        return ListDates(mapping, _list_date(exported_on, mapping, is_certain=True))
    if order.by == "last_change":
        return ListDates(mapping, None)
    if order.by == "file_date":
        changed = datetime.fromtimestamp(path.stat().st_mtime, mapping.zone)
        return ListDates(mapping, _list_date(changed.date(), mapping, is_certain=False))
    day = find_export_day(preface, path.stem)
    if day is None:
        raise FileUnreadable("no_export_day", file=path.name)
    return ListDates(mapping, _list_date(day, mapping, is_certain=True))


def find_export_day(preface: Iterable[str], name: str) -> date | None:
    """Return the day of the export that a text above the list names, else the one in the file's name."""
    for text in preface:
        for match in _EXPORTED.finditer(text):
            moment = parse_datetime(match.group(1))
            if moment is not None:
                return moment.date()
    for match in _NAMED_DAY.finditer(name):
        try:
            return date(*map(int, match.groups()))
        except ValueError:
            continue
    return None


def _list_date(day: date, mapping: SourceMapping, *, is_certain: bool) -> ListDate:
    return ListDate(datetime.combine(day, time(), mapping.zone), is_certain)
