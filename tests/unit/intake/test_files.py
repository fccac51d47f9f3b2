"""Files: bytes to rows, rows to reports or findings by row and column."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import orjson
import pytest

from deploy.samples import csv_file, generate
from services.intake.domain.report import ReportEvent
from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.mapping_file import load_mapping
from services.intake.files.rows import RefusedRow, RowConverter
from services.intake.files.table import Row, open_table

MAPPINGS = Path(__file__).parents[3] / "services" / "intake" / "mappings"
DEFAULT = load_mapping(MAPPINGS / "gongshi.yaml")
CELLS = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01 09:30", "operator.name": "锦程",
    "title": "屏幕有亮点", "status": "received",
}  # fmt: skip


def to_report(row, mapping, source):
    return RowConverter(mapping, source).to_report(row)


def findings(read):
    assert isinstance(read, RefusedRow)
    return [(finding.field, finding.code) for finding in read.findings]


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


@pytest.mark.parametrize("cell", ["3", "3.0", 3.0, "3.00", "３"])
def test_a_whole_number_is_one_however_a_program_writes_it(cell):
    assert to_report(row(revision=cell), DEFAULT, "/letters").data.revision == 3


@pytest.mark.parametrize(("cell", "answer"), [("同意公示", True), ("✔", True), ("T", True), ("不公开", False), ("0.0", False)])
def test_consent_is_known_in_the_words_of_forms(cell, answer):
    event = to_report(row(**{"complainant.consents_to_publish": cell}), DEFAULT, "/letters")

    assert event.data.complainant.consents_to_publish is answer


def test_a_date_of_zeros_is_none():
    event = to_report(row(closed_at="0000-00-00 00:00:00"), DEFAULT, "/letters")

    assert event.data.closed_at is None


@pytest.mark.parametrize("cell", [46303.5, "46303.5"])
def test_day_numbers_are_read_in_sheets_and_in_text_where_the_mapping_says_so(cell):
    event = to_report(row(received_at=cell), DEFAULT.model_copy(update={"day_numbers": True}), "/letters")

    assert event.data.received_at.isoformat() == "2026-10-08T12:00:00+08:00"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"complainant.id_number": 1.101051990010112e17}, [("complainant.id_number", "lost_digits")]),
        ({"external_id": "1.10105E+17"}, [("external_id", "lost_digits")]),
        ({"received_at": "2026/13/02 09:10"}, [("received_at", "bad_date")]),
        ({"received_at": 45931.5}, [("received_at", "day_number")]),
        ({"received_at": "45931.5"}, [("received_at", "day_number")]),
        ({"received_at": "2026-10-01 9.3"}, [("received_at", "bad_date")]),
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


def test_json_lines_hold_reports_in_their_own_shape(tmp_path):
    nested = {name: value for name, value in CELLS.items() if "." not in name} | {"operator": {"name": "锦程"}}
    lines = (orjson.dumps(nested), b"{", b"[]", b"", orjson.dumps(nested | {"title": None, "text": "文"}))
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))

    read = [to_report(each, DEFAULT, "s") for each in open_table(tmp_path / "a.jsonl", DEFAULT).rows]

    assert [type(each).__name__ for each in read] == ["ReportEvent", "RefusedRow", "RefusedRow", "ReportEvent"]
    assert [findings(each) for each in read[1:3]] == [[("", "bad_json")], [("", "wrong_type")]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: {colour: Farbe}", "no field of a report: colour"),
        ("columns: {closd_at: T}", "no field of a report: closd_at .did you mean closed_at.."),
        ("columns: {title: T}\noptional: [titel]", "no field of a report: titel .did you mean title.."),
        (
            "columns: {status: S}\nvalues: {status: {已受理: acepted}}",
            "no value of the contract: acepted .did you mean accepted..",
        ),
        ("columns: {status: S}\notherwise: {outcome: setled}", "no value of the contract: setled .did you mean self_settled.."),
        ("columns: {title: T}\nconstants: {kind: complain}", "no value of the contract: complain .did you mean complaint.."),
        ("columns: {title: T}\nrevisions: {by: last_change}", "`column` names the column"),
        ("columns: {title: T}\ntime_zone: Mars/Olympus", "no time zone"),
        ("columns: {title: T}\nvalue: {}", "value: a mapping has no such key"),
        ("columns: [", "flow"),
        ("", "a mapping is YAML, with `columns:`"),
        ("a,b\n1,2", "a mapping is YAML, with `columns:`"),
        ("colums: {title: T}", "columns: this is required"),
        ("columns: {external_id: 1}", "put quotation marks around a number"),
        ("columns: {title: T}\nempty_words: none", "a list belongs here"),
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

    read = [to_report(each, letters, letters.source) for each in open_table(tmp_path / "ledger.csv", letters).rows]

    timeless = {"date_before_1990", "date_in_future"}
    assert len(read) == len(emissions) > 100
    for event, sent in zip(read, emissions, strict=True):
        assert isinstance(event, ReportEvent) == (sent.fault is None or sent.fault in timeless)
        if sent.facts:
            assert (event.data.external_id, event.data.revision) == (sent.external_id, sent.facts.revision)
            assert (event.data.amount, event.data.outcome) == (sent.facts.amount, sent.facts.outcome)


def test_a_misspelt_column_of_an_optional_field_is_refused_with_the_nearest_heading(tmp_path):
    headings = ["编号", "时间", "单位", "标题", "办结时间", "处理结果"]
    (tmp_path / "a.csv").write_text(",".join(headings) + "\n1,2026-10-01,甲,题,2026-10-09,调解成功\n", encoding="utf-8")
    columns = {"external_id": "编号", "received_at": "时间", "operator.name": "单位", "title": "标题", "closed_at": "办结时间"}
    constants = {"channel": "letter", "kind": "complaint", "status": "closed"}

    def opened(**changed):
        optional = [field for field in ("closed_at", "outcome") if changed.pop("may_lack", False)]
        ignored = changed.pop("ignored", ())
        mapping = SourceMapping(columns=columns | changed, constants=constants, optional=optional, ignored=ignored)
        return open_table(tmp_path / "a.csv", mapping)

    for changed, word in (({"closed_at": "办结日期"}, "办结时间"), ({"outcome": "处理结论"}, "处理结果")):
        with pytest.raises(MappingInvalid, match=f"one called {word}: did you mean that"):
            opened(**changed)
    with pytest.raises(MappingInvalid, match="one called 处理结果: did you mean that"):
        opened(outcome="处理结论", may_lack=True)
    assert opened(outcome="处理结论", ignored=["处理结果"]).notes == ["the file has no column 处理结论"]
    assert opened(**{"operator.uscc": "信用代码"}).notes == ["the file has no column 信用代码"]


def test_a_number_of_excel_days_is_a_date_where_the_mapping_says_so():
    by_days = DEFAULT.model_copy(update={"day_numbers": True})

    assert to_report(row(received_at=45931.5), by_days, "s").data.received_at.isoformat() == "2025-10-01T12:00:00+08:00"


def test_words_for_nothing_leave_a_field_empty_but_prose_as_it_is():
    event = to_report(row(amount="无", closed_at="-", title="无", **{"operator.uscc": "/"}), DEFAULT, "s")

    assert (event.data.amount, event.data.closed_at, event.data.title, event.data.operator.uscc) == (None, None, "无", None)
