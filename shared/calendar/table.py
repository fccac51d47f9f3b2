"""The calendar's table: days that notices name, and an operator's own file for a year."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.errors import PermanentError

COLUMNS = ("date", "is_workday", "name", "paper", "announced")
SHIPPED = Path(__file__).with_name("workdays.csv")

_YEAR_FILE = re.compile(r"^(\d{4})\.csv$")
_FLAGS = {"0": False, "1": True}


class CalendarError(PermanentError):
    """The working-day calendar cannot be read."""


@dataclass(frozen=True, slots=True)
class TableDay:
    """A day that a notice names: off, or worked although it is a weekend day.

    `paper` is the number of the notice, empty where we do not know it. `announced` is false for a day that an
    operator expects and no notice has confirmed: it counts, and what is counted over it stays provisional.
    """

    day: date
    is_workday: bool
    name: str
    paper: str
    announced: bool


def read_days(path: Path) -> tuple[TableDay, ...]:
    """Return the days of a CSV file with the columns `date,is_workday,name,paper,announced` (flags are 0 or 1)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise CalendarError(f"{path}: the first line must be {','.join(COLUMNS)}")
            days = tuple(_parse_day(path, number, row) for number, row in enumerate(reader, start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(f"{path}: not readable as UTF-8 text ({error}); mend the file or remove it") from error
    _refuse_duplicates(path, days)
    return days


def merge_year_files(shipped: Iterable[TableDay], folder: Path | None) -> tuple[TableDay, ...]:
    """Return the shipped days, each year for which `folder` holds a `YYYY.csv` replaced by that file's days.

    The notice of a year may also name days of the December before (New Year's Day is arranged with them); those are
    added to the year before. An empty file withdraws the notice for the year.
    """
    years = _read_year_files(folder) if folder is not None else {}
    days = {day.day: day for day in shipped if day.day.year not in years}
    for year in sorted(years):
        days |= {day.day: day for day in years[year]}
    return tuple(days[day] for day in sorted(days))


def write_days(path: Path, days: Iterable[TableDay]) -> None:
    """Write days in the form that `read_days` takes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((day.day.isoformat(), int(day.is_workday), day.name, day.paper, int(day.announced)) for day in days)


def _read_year_files(folder: Path) -> Mapping[int, tuple[TableDay, ...]]:
    if not folder.is_dir():
        raise CalendarError(f"{folder} is not a folder; make it, or leave the setting for calendar files empty")
    matches = ((_YEAR_FILE.match(path.name), path) for path in sorted(folder.iterdir()))
    years = {int(match[1]): (path, read_days(path)) for match, path in matches if match}
    for year, (path, days) in years.items():
        stray = next((day.day for day in days if not date(year - 1, 12, 1) <= day.day <= date(year, 12, 31)), None)
        if stray is not None:
            raise CalendarError(f"{path}: {stray} is not a day that the notice for {year} can name; mend it or move it")
    return {year: days for year, (_, days) in years.items()}


def _parse_day(path: Path, number: int, row: Mapping[str | None, str | None]) -> TableDay:
    try:
        day = date.fromisoformat(row["date"] or "")
        is_workday, announced = _FLAGS[row["is_workday"] or ""], _FLAGS[row["announced"] or ""]
    except (KeyError, ValueError) as error:
        raise CalendarError(
            f"{path}, line {number}: date must be YYYY-MM-DD, is_workday and announced 0 or 1 ({error})"
        ) from error
    if not row["name"]:
        raise CalendarError(f"{path}, line {number}: name is empty; write the holiday that {day} belongs to")
    return TableDay(day, is_workday, row["name"], row["paper"] or "", announced)


def _refuse_duplicates(path: Path, days: Iterable[TableDay]) -> None:
    seen: set[date] = set()
    for day in days:
        if day.day in seen:
            raise CalendarError(f"{path}: {day.day} stands there twice; keep one line")
        seen.add(day.day)
