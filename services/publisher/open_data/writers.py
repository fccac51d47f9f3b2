"""Files of a table in four formats, written row by row: CSV, JSON Lines, XLSX, and Parquet where pyarrow is installed.

A spreadsheet program must neither run nor round what it opens: in CSV a text that it would take for a formula, and one of
twelve digits or more, begins with an apostrophe, which is no part of it; in XLSX texts are texts.
"""

from __future__ import annotations

import csv
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import orjson
import xlsxwriter

from services.publisher.open_data.tables import Cell, ColumnType, Row, Table
from shared.spreadsheet import FORMULA

# A double holds fifteen digits, and spreadsheet programs write twelve and more in powers of ten.
LONG_DIGITS = 12
# What a sheet can hold, and a cell of it.
MAX_SHEET_ROWS = 1_048_576
MAX_CELL = 32_767


def safe_text(text: str) -> str:
    """Return a text as it stands in CSV."""
    is_number = text.isascii() and text.isdigit() and len(text) >= LONG_DIGITS
    return f"'{text}" if is_number or text.startswith((*FORMULA, "'")) else text


def plain_text(cell: str) -> str:
    """Return the text of a cell of CSV."""
    return cell.removeprefix("'")


def _iso(cell: Cell) -> str | int | None:
    return cell.isoformat() if isinstance(cell, date | datetime) else cell


class Writer(ABC):
    """Writes the rows of a table into a file."""

    extension: ClassVar[str]
    media_type: ClassVar[str]

    def __init__(self, table: Table, path: Path) -> None:
        self.table, self.path, self.rows = table, path, 0

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows."""
        self._write(rows)
        self.rows += len(rows)

    @abstractmethod
    def _write(self, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def close(self) -> None:
        """Finish the file."""


class CsvWriter(Writer):
    """CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheet programs know it."""

    extension, media_type = "csv", "text/csv; charset=utf-8"

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table, path)
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._file, lineterminator="\r\n")
        self._csv.writerow([column.name for column in table.columns])

    def _write(self, rows: Sequence[Row]) -> None:
        names = [column.name for column in self.table.columns]
        for row in rows:
            cells = [_iso(row[name]) for name in names]
            self._csv.writerow([safe_text(cell) if isinstance(cell, str) else cell for cell in cells])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class JsonLinesWriter(Writer):
    """An object a line, in UTF-8, its members in alphabetical order."""

    extension, media_type = "jsonl", "application/jsonl"

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table, path)
        self._file = path.open("wb")

    def _write(self, rows: Sequence[Row]) -> None:
        self._file.writelines(orjson.dumps({name: _iso(cell) for name, cell in row.items()}, option=OPTIONS) for row in rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class XlsxWriter(Writer):
    """A workbook with one sheet, in which every text is a text; headings in Chinese. What a sheet cannot hold is left out."""

    extension = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table, path)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(table.zh)
        for number, column in enumerate(table.columns):
            self._sheet.write_string(0, number, column.zh)

    def _write(self, rows: Sequence[Row]) -> None:
        for line, row in enumerate(rows, start=self.rows + 1):
            if line >= MAX_SHEET_ROWS:
                return
            for number, column in enumerate(self.table.columns):
                cell = _iso(row[column.name])
                if isinstance(cell, int):
                    self._sheet.write_number(line, number, cell)
                elif cell is not None:
                    self._sheet.write_string(line, number, cell[:MAX_CELL])

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


class ParquetWriter(Writer):
    """Parquet, compressed by zstd; times in UTC."""

    extension, media_type = "parquet", "application/vnd.apache.parquet"

    def __init__(self, table: Table, path: Path) -> None:
        super().__init__(table, path)
        import pyarrow as pa
        from pyarrow import parquet

        types: dict[ColumnType, Any] = {
            ColumnType.STRING: pa.string(),
            ColumnType.INTEGER: pa.int64(),
            ColumnType.DATE: pa.date32(),
            ColumnType.DATETIME: pa.timestamp("us", tz="UTC"),
        }
        self._pyarrow = pa
        self._schema = pa.schema([(column.name, types[column.type]) for column in table.columns])
        self._file = parquet.ParquetWriter(str(path), self._schema, compression="zstd")

    def _write(self, rows: Sequence[Row]) -> None:
        self._file.write_table(self._pyarrow.Table.from_pylist(list(rows), schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def writers() -> tuple[type[Writer], ...]:
    """Return the formats that this installation can write."""
    core: tuple[type[Writer], ...] = (CsvWriter, JsonLinesWriter, XlsxWriter)
    return (*core, ParquetWriter) if importlib.util.find_spec("pyarrow") else core
