"""Files: bytes to rows, rows to reports or findings by row and column."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import orjson
import pytest
import xlsxwriter

from deploy.samples import csv_file, generate
from services.intake.domain.report import ReportEvent
from services.intake.files import table as table_module
from services.intake.files.mapping import MappingInvalid, SourceMapping, load_mapping
from services.intake.files.rows import RefusedRow, to_report
from services.intake.files.table import FileUnreadable, Row, open_table

MAPPINGS = Path(__file__).parents[3] / "deploy" / "mappings"
DEFAULT = load_mapping(MAPPINGS / "gongshi.yaml")
CELLS = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01 09:30", "operator.name": "锦程",
    "title": "屏幕有亮点", "status": "received",
}  # fmt: skip


def findings(read):
    assert isinstance(read, RefusedRow)
    return [(detail.field, detail.code) for detail in read.details]


def row(**changed):
    return Row(2, CELLS | changed)


def test_a_row_becomes_a_report_and_a_time_without_offset_is_in_the_zone_of_the_mapping():
    event = to_report(row(amount="¥1,299.00", revision=3.0), DEFAULT, "/letters")

    assert isinstance(event, ReportEvent)
    assert (event.source, event.data.amount, event.data.revision) == ("/letters", "1299.00", 3)
    assert event.data.received_at.isoformat() == "2026-10-01T09:30:00+08:00"


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-10-01", "2026-10-01T00:00:00+08:00"),
        ("2026/10/1 9:05", "2026-10-01T09:05:00+08:00"),
        ("2026年10月1日", "2026-10-01T00:00:00+08:00"),
        ("2026-10-01T01:30:00Z", "2026-10-01T01:30:00+00:00"),
        (date(2026, 10, 1), "2026-10-01T00:00:00+08:00"),
        (datetime(2026, 10, 1, 9, 5), "2026-10-01T09:05:00+08:00"),  # noqa: DTZ001  # as a spreadsheet gives it
    ],
)
def test_date_forms_in_use_are_parsed(cell, moment):
    event = to_report(row(received_at=cell), DEFAULT, "/letters")

    assert event.data.received_at.isoformat() == moment


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"complainant.id_number": 1.101051990010112e17}, [("complainant.id_number", "lost_digits")]),
        ({"external_id": "1.10105E+17"}, [("external_id", "lost_digits")]),
        ({"received_at": "2026/13/02 09:10"}, [("received_at", "bad_date")]),
        ({"received_at": 45931.5}, [("received_at", "bad_date")]),
        ({"received_at": ""}, [("received_at", "missing")]),
        ({"amount": "一千元"}, [("amount", "not_decimal")]),
        ({"amount": "-5"}, [("amount", "negative")]),
        ({"status": "done", "channel": "pigeon"}, [("channel", "unknown_value"), ("status", "unknown_value")]),
        ({"revision": "two"}, [("revision", "wrong_type")]),
        ({"complainant.consents_to_publish": "perhaps"}, [("complainant.consents_to_publish", "unknown_value")]),
        ({"operator.name": "  "}, [("operator", "missing")]),
    ],
)
def test_findings_name_the_column(cells, found):
    assert findings(to_report(row(**cells), DEFAULT, "/letters")) == found


def test_values_constants_defaults_and_otherwise_set_fields():
    mapping = SourceMapping(
        columns={"external_id": "No", "received_at": "Day", "status": "State", "title": ("A", "B"), "channel": "Via"},
        joined_by=": ",
        values={"status": {"done": "closed"}, "channel": {"Web": "platform"}},
        otherwise={"channel": "other"},
        constants={"kind": "complaint", "operator.name": "Bank"},
        defaults={"status": "received"},
    )
    cells = {"No": 7.0, "Day": "2026-10-01", "State": "", "A": "Loan", "B": "Fee", "Via": "Pigeon"}

    event = to_report(Row(2, cells), mapping, "s")

    assert (event.data.external_id, event.data.title, event.data.status) == ("7", "Loan: Fee", "received")
    assert (event.data.channel, event.data.operator.name) == ("other", "Bank")
    assert findings(to_report(Row(3, cells | {"State": "lost"}), mapping, "s")) == [("State", "unknown_value")]


def test_csv_is_read_as_utf8_with_or_without_mark_or_gb18030(tmp_path):
    text = "编号,标题\r\n1,\U00020000䶮手机\r\n"
    for encoding, name in (("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes(text.encode(encoding))

        table = open_table(file)

        assert table.reading == name
        assert [r.cells for r in table.rows] == [{"编号": "1", "标题": "\U00020000䶮手机"}]


def test_an_unreadable_file_is_refused_with_instructions(tmp_path):
    for name, content, words in (
        ("a.csv", b"\xff\xff\x80", "save it as UTF-8"),
        ("a.csv", b"", "no heading"),
        ("a.pdf", b"%PDF", "save it as one of these"),
        ("a.xlsx", b"no zip", "no spreadsheet"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileUnreadable, match=words):
            open_table(tmp_path / name)
    with pytest.raises(FileUnreadable, match="is no file"):
        open_table(tmp_path / "absent.csv")


def test_rows_of_another_width_and_oversized_cells_are_refused_alone(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(f"a,b\n1\n1,2\n{'x' * (1024 * 1024 + 1)},2\n3,4\n", encoding="utf-8")

    assert [(r.number, r.fault) for r in open_table(file).rows] == [(2, "bad_row"), (3, None), (4, "too_large"), (5, None)]


def test_a_spreadsheet_keeps_types_and_row_numbers(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("投诉")
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, ["external_id", "received_at", "phone", "=1+1"])
    sheet.write_row(2, 0, ["A1"])
    sheet.write_datetime(2, 1, datetime(2026, 10, 1, 9, 30), day)  # noqa: DTZ001
    sheet.write_number(2, 2, 13800138000)
    sheet.write_string(2, 3, "=cmd|'/c calc'!A1")
    book.close()

    table = open_table(tmp_path / "a.xlsx")

    (only,) = table.rows
    assert (table.reading, only.number) == ("投诉", 3)
    assert list(only.cells.values())[:3] == ["A1", datetime(2026, 10, 1, 9, 30), 13800138000.0]  # noqa: DTZ001


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(table_module, "MAX_UNPACKED", 1024)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "0" * 100_000)

    with pytest.raises(FileUnreadable, match="unpacks to more"):
        open_table(tmp_path / "bomb.xlsx")


def test_json_lines_hold_reports_in_their_own_shape(tmp_path):
    nested = {name: value for name, value in CELLS.items() if "." not in name} | {"operator": {"name": "锦程"}}
    lines = (orjson.dumps(nested), b"{", b"[]", b"", orjson.dumps(nested | {"title": None, "text": "文"}))
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))

    read = [to_report(each, DEFAULT, "s") for each in open_table(tmp_path / "a.jsonl").rows]

    assert [type(each).__name__ for each in read] == ["ReportEvent", "RefusedRow", "RefusedRow", "ReportEvent"]
    assert [findings(each) for each in read[1:3]] == [[("", "bad_json")], [("", "wrong_type")]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: {colour: Farbe}", "no field of a report: colour"),
        ("columns: {title: T}\ntime_zone: Mars/Olympus", "no time zone"),
        ("columns: {title: T}\nvalue: {}", "value: Extra inputs"),
        ("columns: [", "flow"),
        ("", "valid dictionary"),
    ],
)
def test_an_invalid_mapping_is_refused_with_the_reason(tmp_path, text, words):
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(MappingInvalid, match=words):
        load_mapping(tmp_path / "m.yaml")


@pytest.mark.parametrize("path", sorted(MAPPINGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_mappings_are_valid(path):
    assert load_mapping(path).columns


def test_the_sample_ledger_of_letters_is_read_and_its_faults_are_found(tmp_path):
    emissions = [e for e in generate(seed=3, complaints=4000, months=6, faults=0.05) if e.carrier == "csv_row"]
    (tmp_path / "ledger.csv").write_bytes(csv_file(emissions))
    letters = load_mapping(MAPPINGS / "letters.yaml")

    read = [to_report(each, letters, letters.source) for each in open_table(tmp_path / "ledger.csv").rows]

    timeless = {"date_before_1990", "date_in_future"}
    assert len(read) == len(emissions) > 100
    for event, sent in zip(read, emissions, strict=True):
        assert isinstance(event, ReportEvent) == (sent.fault is None or sent.fault in timeless)
        if sent.facts:
            assert (event.data.external_id, event.data.revision) == (sent.external_id, sent.facts.revision)
            assert (event.data.amount, event.data.outcome) == (sent.facts.amount, sent.facts.outcome)
