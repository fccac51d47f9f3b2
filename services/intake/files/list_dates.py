"""The date as of which a list shows a content: a column of each row, the day of its export, or the date of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path

from services.intake.domain.report import ListDate
from services.intake.files.fields import parse_moment
from services.intake.files.mapping import SourceMapping
from shared.tables.dates import parse_datetime
from shared.tables.readers.cells import Cell, CellFault
from shared.tables.readers.sheets import FileUnreadable
from shared.tables.texts import CellError

_DAY = (
    r"\d{4}\s?(?:[-/.]\s?\d{1,2}\s?[-/.]\s?\d{1,2}|年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)|20\d{6}(?!\d{1,5}(?!\d))"
    r"|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_DAYS = re.compile(_DAY)
_EXPORTED = re.compile(
    r"(?:导出|生成|制表|打印|下载|查询|报表|更新|填报|export(?:ed)?|generated)(?:时间|日期|日|于|date|time|on|at|[:： ]){0,4}"
    rf"({_DAY})",
    re.IGNORECASE,
)
# What a list covers ends with its day.
_COVERED = re.compile(r"(?:统计|截至|截止|期间|区间|数据)[^\n]{0,60}")
_NAMED_DAY = re.compile(r"(?<!\d)20(?:\d{6}(?=(?:\d{4}|\d{6})?(?!\d))|\d{2}[-_.年]\d{1,2}[-_.月]\d{1,2}日?(?!\d))")


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
    """Return the day of the export that a text above the list names, else the last day covered, else the last in the name."""
    text = "\n".join(preface)
    flat = text.replace("\n", " ")
    named = [match.group(1) for match in _EXPORTED.finditer(flat)]
    covered = [day for match in _COVERED.finditer(text) for day in _DAYS.findall(match.group())]
    in_name = [match.group() for match in _NAMED_DAY.finditer(name)]
    for written in (*named[:1], *covered[::-1], *in_name[::-1]):
        moment = parse_datetime(written.replace("_", "-"))
        if moment is not None:
            return moment.date()
    return None


def _list_date(day: date, mapping: SourceMapping, *, is_certain: bool) -> ListDate:
    return ListDate(datetime.combine(day, time(), mapping.zone), is_certain)
