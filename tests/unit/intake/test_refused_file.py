"""Refused rows as a file of their own: mended there and read again by the same mapping, they are the rows that were sent."""

from __future__ import annotations

import csv
from datetime import datetime

from services.intake.cloudevents import InvalidEvent
from services.intake.domain.report import ReportEvent
from services.intake.files.importing import ImportFile, import_rows
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.refused_file import REASONS, ROW, UNREADABLE, RefusedFile
from services.intake.files.rows import RowConverter
from services.intake.files.table import Row, open_table
from services.intake.ingest import Ingested, Refused
from shared.tables.readers.cells import CellFault, Number

LETTERS = load_mapping(find_mapping("letters"))
HEADINGS = ["编号", "类型", "来信时间", "被投诉单位", "标题", "金额", "办理状态"]
GOOD = {
    "编号": Number(7, "0000007"), "类型": "投诉", "来信时间": datetime(2026, 10, 1, 9, 30), "被投诉单位": "锦程", "标题": "掉漆",  # noqa: DTZ001
    "金额": 1299.0, "办理状态": "已办结",
}  # fmt: skip


async def submit(submission):
    return [Refused(e.reason, e.findings) if isinstance(e, InvalidEvent) else Ingested() for e in submission.events]


async def write(path, *rows):
    with RefusedFile(path, HEADINGS) as refused:
        return await import_rows(ImportFile("a.xlsx", rows, LETTERS, "/x", on_refused=refused.write), submit)


async def test_refused_rows_are_written_with_reasons_and_read_again_once_they_are_mended(tmp_path):
    path = tmp_path / "refused.csv"
    summary = await write(
        path, Row(2, GOOD), Row(3, GOOD | {"办理状态": "搁置", "标题": "=1+1"}), Row(4, GOOD | {"金额": "很多"})
    )
    text = path.read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(text.splitlines()))

    assert (summary.accepted, summary.refused) == (1, 2)
    assert [line[ROW] for line in lines] == ["3", "4"]
    assert "办理状态：不在允许的取值范围内 / this is not one of the values allowed (unknown_value)" in lines[0][REASONS]
    assert lines[0]["标题"] == "'=1+1", "no formula"
    assert path.stat().st_mode & 0o077 == 0, "for its owner only"

    path.write_text(text.replace("搁置", "已办结").replace("很多", "3"), encoding="utf-8-sig")
    mended = [RowConverter(LETTERS, "/x").to_report(row) for row in open_table(path, LETTERS).rows]
    assert all(isinstance(each, ReportEvent) for each in mended)
    assert [(each.data.external_id, each.data.amount, each.data.received_at.isoformat()) for each in mended] == [
        ("0000007", "1299", "2026-10-01T09:30:00+08:00"), ("0000007", "3", "2026-10-01T09:30:00+08:00"),
    ]  # fmt: skip


async def test_a_row_that_cannot_be_taken_apart_is_there_as_it_was_sent(tmp_path):
    await write(
        tmp_path / "r.csv", Row(5, {}, "bad_row", source="8,投诉\n".encode()), Row(6, GOOD | {"标题": CellFault("cell_error")})
    )

    torn, faulty = csv.DictReader((tmp_path / "r.csv").read_text(encoding="utf-8-sig").splitlines())
    assert (torn[UNREADABLE], torn["编号"]) == ("8,投诉", "")
    assert (faulty[UNREADABLE], faulty["标题"], faulty["编号"]) == ("", "", "0000007")


async def test_no_refused_row_makes_no_file(tmp_path):
    await write(tmp_path / "r.csv", Row(2, GOOD))

    assert not (tmp_path / "r.csv").exists()
