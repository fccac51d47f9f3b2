"""Text tables: encodings, delimiters, quotation marks, and damage that costs its row and nothing else."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.files.mapping import SourceMapping
from services.intake.files.rows import RefusedRow, RowConverter
from services.intake.files.table import FileUnreadable, open_table
from shared.tables.readers import text_table
from shared.tables.readers.cells import CellFault
from shared.tables.readers.text_encoding import MIXED, TextEncoding, is_damaged, is_misread

MAPPING = SourceMapping(
    columns={"external_id": "编号", "received_at": "时间", "operator.name": "单位", "title": "标题"},
    constants={"channel": "letter", "kind": "complaint", "status": "received"},
    optional=["title"],
)
HEADING = ["编号", "时间", "单位", "标题"]
HANZI = st.text(
    st.sampled_from([chr(code) for code in range(0x4E00, 0x9FA6) if chr(code).encode("gb2312", "ignore")]),
    min_size=1,
    max_size=8,
)
ROWS = st.lists(st.tuples(st.integers(1, 10**9).map(str), st.just("2026-10-01"), HANZI, HANZI), min_size=1, max_size=8)
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be")


def write(folder, content: bytes, name="list.csv") -> Path:
    path = Path(folder) / name
    path.write_bytes(content)
    return path


def to_csv(rows, delimiter=",", end="\r\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([HEADING, *rows])
    return out.getvalue()


def read(path, mapping=MAPPING):
    return [(row.number, tuple(row.cells.values()), row.fault) for row in open_table(path, mapping).rows]


@settings(deadline=None)
@given(ROWS, st.sampled_from(ENCODINGS), st.sampled_from(",\t;|，"), st.sampled_from(("\r\n", "\n", "\r")))
def test_a_list_is_the_same_in_every_encoding_with_every_delimiter_and_line_end(rows, encoding, delimiter, end):
    with TemporaryDirectory() as folder:
        path = write(folder, to_csv(rows, delimiter, end).encode(encoding))

        assert read(path) == [(number, cells, None) for number, cells in enumerate(rows, 2)]


@settings(deadline=None)
@given(ROWS, st.sampled_from(("utf-8", "gb18030")), st.data())
def test_a_lost_byte_costs_its_row_and_no_other(rows, encoding, data):
    lines = to_csv(rows).encode(encoding).splitlines(keepends=True)
    target = data.draw(st.integers(1, len(lines) - 1))
    places = [place for place, byte in enumerate(lines[target]) if byte >= 0x80]
    lost = data.draw(st.sampled_from(places))
    lines[target] = lines[target][:lost] + lines[target][lost + 1 :]
    with TemporaryDirectory() as folder:
        found = read(write(folder, b"".join(lines)))

    damaged = {number for number, cells, _ in found if CellFault("bad_encoding") in cells}
    assert damaged == {target + 1}
    assert [each for each in found if each[0] != target + 1] == [
        (number, cells, None) for number, cells in enumerate(rows, 2) if number != target + 1
    ]


def test_a_line_that_is_gbk_by_chance_once_a_byte_is_lost_is_not_read_as_nonsense(tmp_path):
    heading, line = to_csv([("1", "2026-10-01", "丰丢", "丰一一两信")]).encode().splitlines(keepends=True)
    places = [place for place, byte in enumerate(line) if byte >= 0x80]

    found = [read(write(tmp_path, heading + line[:lost] + line[lost + 1 :])) for lost in places]

    assert all(CellFault("bad_encoding") in cells for ((_, cells, _),) in found)


def test_a_damaged_byte_leaves_a_short_file_in_its_encoding(tmp_path):
    content = "编号,时间,单位,标题\r\n1,2026-10-01,云州锦程,屏幕\r\n".encode()
    damaged = content.replace("程".encode(), "程".encode()[:2])

    assert read(write(tmp_path, damaged)) == [(2, ("1", "2026-10-01", CellFault("bad_encoding"), "屏幕"), None)]


MISREAD = "云州百货商场"


def codes(path):
    """Return the (heading, code) of each finding of each refused row."""
    converter = RowConverter(MAPPING, "s")
    converted = [converter.to_report(row) for row in open_table(path, MAPPING).rows]
    return [[(finding.field, finding.code) for finding in each.findings] for each in converted if isinstance(each, RefusedRow)]


@pytest.mark.parametrize(
    "name",
    ["单位\ue5e5", "锟斤拷公司", "公司\ufffd", MISREAD.encode().decode("gbk"), MISREAD.encode().decode("latin-1"),
     MISREAD.encode("gbk").decode("latin-1")],
)  # fmt: skip
def test_what_was_damaged_or_misread_before_is_refused_too(tmp_path, name):
    assert codes(write(tmp_path, to_csv([("1", "2026-10-01", name, "题")]).encode())) == [[("单位", "bad_encoding")]]


@given(st.text(st.sampled_from([chr(code) for code in range(0x4E00, 0x9FA6)]), max_size=40))
def test_chinese_is_not_taken_for_a_misreading(text):
    assert not is_misread(text)
    assert not is_damaged(text)


def test_a_nul_byte_costs_its_row_and_the_end_mark_of_dos_is_no_row(tmp_path):
    rows = [("1", "2026-10-01", "单位", "题"), ("2", "2026-10-02", "单X位", "题"), ("3", "2026-10-03", "单位", "题")]
    content = to_csv(rows).encode("gb18030").replace(b"X", b"\x00") + b"\x1a"

    table = read(write(tmp_path, content))

    assert [cells[2] for _, cells, _ in table] == ["单位", "单\x00位", "单位"]


def test_half_a_character_before_a_letter_is_no_rare_character(tmp_path):
    content = to_csv([("1", "2026-10-01", "商家APP", "王祎投诉")]).encode("gbk")

    ((_, sound, _),) = read(write(tmp_path, content))
    ((_, damaged, _),) = read(write(tmp_path, content.replace("家".encode("gbk"), "家".encode("gbk")[:1])))

    assert sound[2:] == ("商家APP", "王祎投诉")
    assert damaged[2:] == (CellFault("bad_encoding"), "王祎投诉")


def test_windows_euro_sign_is_read(tmp_path):
    content = to_csv([("1", "2026-10-01", "单位", "标价E99")]).encode("gbk").replace(b"E99", b"\x8099")

    assert read(write(tmp_path, content))[0][1][3] == "标价€99"


def test_a_line_of_sep_names_the_delimiter_and_is_no_row(tmp_path):
    content = "\ufeffsep=|\r\n" + to_csv([("1", "2026-10-01", "单位;甲,乙", "题")], "|")

    assert read(write(tmp_path, content.encode("utf-8"))) == [(2, ("1", "2026-10-01", "单位;甲,乙", "题"), None)]


def test_an_unclosed_quotation_mark_costs_its_line(tmp_path):
    lines = [
        "编号,时间,单位,标题",
        '1,2026-10-01,"单位,题',
        "2,2026-10-02,单位,题",
        '3,2026-10-03,单位,"两\n行"',
        '4,2026-10-04,5"屏,题',
    ]

    found = read(write(tmp_path, "\n".join(lines).encode()))

    assert [(number, fault) for number, _, fault in found] == [(2, "bad_quote"), (3, None), (4, None), (5, None)]
    assert found[2][1][3] == "两\n行"
    assert found[3][1][2] == '5"屏'


def test_rows_of_another_width_and_oversized_cells_are_refused_alone(tmp_path):
    rows = (
        "1,2026-10-01",
        "2,2026-10-02,单位",
        "3,2026-10-03,单位,题,",
        "4,2026-10-04,单位,题,又一",
        f"{'x' * (1024 * 1024 + 1)},2",
        "6,2026-10-06,单位,题",
    )

    found = read(write(tmp_path, "\n".join(("编号,时间,单位,标题", *rows)).encode()))

    assert [(number, fault) for number, _, fault in found] == [
        (2, "bad_row"), (3, None), (4, None), (5, "bad_row"), (6, "too_large"), (7, None),
    ]  # fmt: skip


def test_rows_of_commas_sums_and_repeated_headings_are_passed_over(tmp_path):
    rows = ("1,2026-10-01,单位,题", ",,,", "", "编号,时间,单位,标题", "2,2026-10-02,单位,题", "合计,2,,", "制表人：办公室,,,")

    assert [number for number, _, _ in read(write(tmp_path, "\n".join(("编号,时间,单位,标题", *rows)).encode()))] == [2, 6]


def test_a_file_keeps_the_bytes_of_each_row(tmp_path):
    content = to_csv([("1", "2026-10-01", "单位", "题")]).encode("gb18030")
    content = content.replace("题".encode("gb18030"), "题".encode("gb18030")[:1])

    (row,) = open_table(write(tmp_path, content), MAPPING).rows

    assert row.source == content.splitlines(keepends=True)[1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x89PNG\r\n", "a picture"),
        (b"PK\x03\x04 no zip", "cut off or damaged"),
        (bytes.fromhex("0900040002001000"), "a sheet of Excel 2: open it"),
        (bytes.fromhex("09040600"), "a sheet of Excel 4"),
        (b"{\\rtf1", "an RTF document"),
        (b"MIME-Version: 1.0\r\n", "a web archive"),
        (b'[{"a": 1}]', "one JSON array"),
        (b"<?xml version='1.0'?><a/>", "XML, but no spreadsheet"),
        ("，".join("編號時間單位標題商家拒絕退款歡迎電話" * 3).encode("big5"), "neither UTF-8 nor GB18030"),
        (bytes(range(256)) * 4, "is no text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_for_what_it_is(tmp_path, content, words):
    with pytest.raises(FileUnreadable, match=words) as refused:
        open_table(write(tmp_path, content, "list.xls"), MAPPING)

    assert "OLE" not in str(refused.value)


def test_a_long_line_of_a_file_in_two_encodings_is_one_row(tmp_path, monkeypatch):
    monkeypatch.setattr(text_table, "MAX_LINE", 64)
    rows = ["1,2026-10-01,单位,题", f"2,2026-10-02,{'单位' * 40},题", "3,2026-10-03,单位,题"]
    lines = [",".join(HEADING).encode(), rows[0].encode("gb18030"), rows[1].encode(), rows[2].encode("gb18030")]
    monkeypatch.setattr(text_table, "detect_line_encodings", lambda _: TextEncoding(MIXED, 4))

    found = read(write(tmp_path, b"\n".join(lines)))

    assert [(number, cells[0] if cells else None) for number, cells, _ in found] == [(2, "1"), (3, "2"), (4, "3")]
