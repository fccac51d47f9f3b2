"""Reading a file as rows under headings, without ever holding more of it than a row at a time (spreadsheets: a sheet)."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import orjson
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from shared.errors import PermanentError

MIB = 1024 * 1024
MAX_UNPACKED = 512 * MIB
CHUNK = MIB
ENCODINGS = ("utf-8-sig", "gb18030")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SPREADSHEETS = frozenset({".xlsx", ".xls"})
JSON_LINES = frozenset({".jsonl", ".ndjson"})

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class FileUnreadable(PermanentError):
    """The file cannot be read as a table."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells by heading; or a fault that makes it no row."""

    number: int
    cells: Mapping[str, Cell]
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read. `estimate`: about how many rows it has. `reading`: how its bytes were understood."""

    headings: Sequence[str]
    rows: Iterator[Row]
    estimate: int
    reading: str


def open_table(path: Path) -> Table:
    """Open a file by its extension. Raises `FileUnreadable` with what to do about it."""
    kind = path.suffix.lower()
    if not path.is_file():
        raise FileUnreadable(f"{path} is no file")
    if kind in SPREADSHEETS:
        return _open_spreadsheet(path)
    if kind in JSON_LINES:
        return _open_json_lines(path)
    if kind == ".csv":
        return _open_csv(path)
    raise FileUnreadable(f"{path.name}: a file is .csv, .xlsx, .xls or .jsonl; save it as one of these")


def _open_csv(path: Path) -> Table:
    encoding, lines = _detect_encoding(path)
    rows = _csv_rows(path, encoding)
    heading = next(rows, None)
    if heading is None or isinstance(heading[1], str):
        raise FileUnreadable(f"{path.name} has no heading: the first row must name the columns")
    headings = [name.strip() for name in heading[1]]
    return Table(headings, (_row(number, headings, cells) for number, cells in rows), max(lines - 1, 0), encoding)


def _csv_rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (row number, cells), or (row number, fault) where a row is none."""
    csv.field_size_limit(MIB)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield number, "too_large"
            else:
                if cells:
                    yield number, cells


def _detect_encoding(path: Path) -> tuple[str, int]:
    """Return the first encoding that fits the whole file, and its lines. No guess: a wrong one reads as nonsense."""
    with path.open("rb") as file:
        if file.read(2) in UTF16_MARKS:
            return "utf-16", _count_lines(path, "utf-16")
    for encoding in ENCODINGS:
        try:
            return encoding, _count_lines(path, encoding)
        except UnicodeDecodeError:
            continue
    raise FileUnreadable(f"{path.name} is neither UTF-8 nor GB18030: save it as UTF-8")


def _count_lines(path: Path, encoding: str) -> int:
    lines = 0
    with path.open(encoding=encoding, newline="") as file:
        while chunk := file.read(CHUNK):
            lines += chunk.count("\n")
    return lines


def _open_json_lines(path: Path) -> Table:
    with path.open("rb") as file:
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK), b""))
    return Table((), _json_rows(path), lines, "utf-8")


def _json_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(MIB + 1), b""), 1):
            if line.strip():
                yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> Row:
    if len(line) > MIB:
        return Row(number, {}, "too_large")
    try:
        parsed = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Row(number, {}, "bad_json")
    return Row(number, _flatten(parsed)) if isinstance(parsed, dict) else Row(number, {}, "wrong_type")


def _flatten(parsed: Mapping[str, object]) -> dict[str, Cell]:
    """Return the members by name, those of an object within under `name.member`."""
    cells: dict[str, Cell] = {}
    for name, value in parsed.items():
        if isinstance(value, dict):
            cells |= {f"{name}.{member}": _to_cell(part) for member, part in value.items()}
        else:
            cells[name] = _to_cell(value)
    return cells


def _to_cell(value: object) -> Cell:
    return value if isinstance(value, str | int | float | bool) or value is None else orjson.dumps(value).decode()


def _open_spreadsheet(path: Path) -> Table:
    _refuse_bomb(path)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    except (CalamineError, IndexError, OSError) as error:
        raise FileUnreadable(f"{path.name} is no spreadsheet that can be read: {error}") from error
    rows = _sheet_rows(sheet)
    heading = next(rows, None)
    if heading is None:
        raise FileUnreadable(f"{path.name}: the first sheet is empty")
    headings = [str(name).strip() for name in heading[1]]
    return Table(headings, (_row(number, headings, cells) for number, cells in rows), sheet.total_height - 1, sheet.name)


def _sheet_rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield (row number, cells) of rows that hold anything."""
    first = (sheet.start or (0, 0))[0] + 1
    for number, cells in enumerate(sheet.iter_rows(), first):
        if any(cell not in {"", None} for cell in cells):
            yield number, cells


def _refuse_bomb(path: Path) -> None:
    """Refuse an archive that would unpack to more than memory should hold, before anything unpacks it."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
            raise FileUnreadable(f"{path.name} unpacks to more than {MAX_UNPACKED // MIB} MiB: split it")


def _row(number: int, headings: Sequence[str], cells: Sequence[Cell] | str) -> Row:
    if isinstance(cells, str):
        return Row(number, {}, cells)
    if len(cells) != len(headings):
        return Row(number, {}, "bad_row")
    return Row(number, dict(zip(headings, cells, strict=True)))
