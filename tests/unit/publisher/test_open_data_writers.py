"""Files of the open data: no formula, no rounded number, the same texts in every format."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime

import pyarrow.parquet
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from services.publisher.open_data.tables import ITEMS, Row
from services.publisher.open_data.writers import (
    LONG_DIGITS,
    CsvWriter,
    JsonLinesWriter,
    ParquetWriter,
    XlsxWriter,
    plain_text,
    safe_text,
)
from shared.spreadsheet import FORMULA

TEXTS = [
    "=1+1",
    "+8613",
    "-3",
    "@SUM(A1)",
    "123456789012345678",
    "'quoted",
    "投诉",
    'a "b", c',
    "多\n行",
    "0012",
    "\tx",
    "https://a.example",
]
AT = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


def row(number: int, text: str) -> Row:
    empty: Row = dict.fromkeys(column.name for column in ITEMS.columns)
    known: Row = {
        "item_id": f"GS-2026-{number:06d}", "release_seq": number, "version": 1, "title": text, "released_at": AT,
        "expires_on": date(2027, 1, 31),
    }  # fmt: skip
    return {**empty, **known}


@given(st.text())
def test_no_text_of_csv_begins_as_a_formula_and_each_is_had_again(text: str) -> None:
    cell = safe_text(text)

    assert not cell.startswith(FORMULA)
    assert plain_text(cell) == text
    assert not (cell.isascii() and cell.isdigit() and len(cell) >= LONG_DIGITS)


def test_all_formats_have_the_same_texts(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rows = [row(number, text) for number, text in enumerate(TEXTS, start=1)]
    for kind in (CsvWriter, JsonLinesWriter, XlsxWriter, ParquetWriter):
        writer = kind(ITEMS, tmp_path / f"items.{kind.extension}")
        writer.write(rows[:5])
        writer.write(rows[5:])
        writer.close()
        assert writer.rows == len(rows)

    with (tmp_path / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [line["title"] for line in csv.DictReader(file)]
    lines = [json.loads(line)["title"] for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines()]
    parquet = pyarrow.parquet.read_table(tmp_path / "items.parquet").to_pylist()
    sheet = load_workbook(tmp_path / "items.xlsx").get_sheet_by_index(0).to_python()
    place = [column.name for column in ITEMS.columns].index("title")

    assert [plain_text(cell) for cell in cells] == TEXTS
    assert lines == [each["title"] for each in parquet] == TEXTS
    assert [line[place] for line in sheet[1:]] == TEXTS
    assert (parquet[0]["released_at"], parquet[0]["expires_on"]) == (AT, date(2027, 1, 31))
