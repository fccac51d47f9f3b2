"""What exporters, databases and people put into lists beside the data, and cells that programs write wrongly."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from services.intake.domain.report import ReportEvent
from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.mapping_file import load_mapping
from services.intake.files.rows import RowConverter
from services.intake.files.table import FileUnreadable, open_table
from shared.tables.readers.number_formats import is_date_format

MAPPINGS = Path(__file__).parents[3] / "services" / "intake" / "mappings"
MAPPING = SourceMapping(
    columns={
        "external_id": "编号", "received_at": "时间", "operator.name": "单位", "operator.uscc": "代码", "title": "标题",
        "amount": "金额", "status": "状态",
    },
    values={"status": {"已受理": "accepted"}},
    constants={"channel": "letter", "kind": "complaint"},
    optional=["operator.uscc", "title", "amount"],
)  # fmt: skip
HEADING = ["编号", "时间", "单位", "代码", "标题", "金额", "状态"]
ROWS = [
    ["B1", "2026-10-01", "云州双溪餐饮", "", "异物", "12.5", "已受理"],
    ["B2", "2026-10-02", "云州双溪餐饮", "", "漏水", "30", "已受理"],
]
NS = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'


def to_csv(*rows):
    return "".join(",".join(row) + "\r\n" for row in rows)


def read(path, content, mapping=MAPPING):
    """Return what each row gives: the number and title of a report, or (row, codes of findings)."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    converter = RowConverter(mapping, "/letters")
    results = [(row.number, converter.to_report(row)) for row in open_table(path, mapping).rows]
    return [
        (each.data.external_id, each.data.title)
        if isinstance(each, ReportEvent)
        else (number, [finding.code for finding in each.findings])
        for number, each in results
    ]


BOTH = [("B1", "异物"), ("B2", "漏水")]


@pytest.mark.parametrize(
    "footer",
    ["合计,,,,,42.5,", ",,合  计,,,42.5,", "云州双溪餐饮 小计,,,,,42.5,", "本页合计：2,,,,,,", "共2件,,,,,,", "共 2 条记录", "(2 rows affected)",
     "(2 行受影响)", "打印时间：2026-11-01", "第1页/共1页", "*本表为内部资料,,,,,,", "制表人：王大力,,,审核人：李小红,,,", "数据来源：热线系统",
     "一、食品类,,,,,,", "（二）服务类", "----,----,----,----,----,----,----", "1,2,3,4,5,6,7", "甲,乙,丙,丁,戊,己,庚",
     "示例,2026-10-01,某某公司,,质量问题,1,已受理", ",".join(HEADING), "\ufeff" + ",".join(HEADING)],
)  # fmt: skip
def test_what_stands_beside_the_data_is_no_row(tmp_path, footer):
    assert read(tmp_path / "list.csv", to_csv(HEADING, ROWS[0]) + footer + "\r\n" + to_csv(ROWS[1])) == BOTH


@pytest.mark.parametrize(
    "row", ["B3,,云州双溪餐饮,,异物,,已受理", "B3,2026-10-03,,,,,已受理", "合计,2026-10-03,云州双溪餐饮,,异物,1,结案"]
)
def test_a_row_with_a_cell_missing_is_refused_and_not_passed_over(tmp_path, row):
    *_, (number, codes) = read(tmp_path / "list.csv", to_csv(HEADING, *ROWS) + row + "\r\n")

    assert number == 4
    assert set(codes) <= {"missing", "unknown_value"}


@pytest.mark.parametrize(
    "note", ["（本页无正文）", "抄送：市消保委", "总数：2", "2026年11月1日", "42.50", "单位（盖章）,,,,,,"]
)
def test_a_text_alone_below_a_list_is_a_note_and_within_it_may_be_a_torn_row(tmp_path, note):
    assert read(tmp_path / "list.csv", to_csv(HEADING, *ROWS) + note + "\r\n") == BOTH

    torn = read(tmp_path / "list.csv", to_csv(HEADING, ROWS[0]) + note + "\r\n" + to_csv(ROWS[1]))

    assert torn[0] == BOTH[0]
    assert torn[1][0] == 3
    assert torn[2] == BOTH[1]


@pytest.mark.parametrize("word", ["NULL", "null", "\\N", "nan", "(null)", "N/A", "None"])
def test_what_databases_write_for_nothing_is_empty(tmp_path, word):
    rows = [[*ROWS[0][:3], word, *ROWS[0][4:5], word, "已受理"], [*ROWS[1][:2], word, *ROWS[1][3:]]]

    assert read(tmp_path / "list.csv", to_csv(HEADING, *rows)) == [("B1", "异物"), (3, ["missing"])]


def test_headings_with_remarks_are_those_of_the_mapping_and_another_unit_is_asked_about(tmp_path):
    heading = ["*编号（必填）", "时间(必填项)", "单位*", "代码（选填）", "标题", "金额（元）", "状态【必填】"]

    assert read(tmp_path / "list.csv", to_csv(heading, *ROWS)) == BOTH
    with pytest.raises(MappingInvalid, match="misspelt_column"):
        read(tmp_path / "other.csv", to_csv([*HEADING[:5], "金额（万元）", "状态"], *ROWS))


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<p>屏幕<br/>亮点</p>", "屏幕\n亮点"),
        ("&lt;span style='x'&gt;屏幕&lt;/span&gt;", "屏幕"),
        ("价格<100且>50", "价格<100且>50"),
        ("屏幕&amp;&#20142;点&nbsp;", "屏幕&亮点"),
        ("\x00异物\x00\x00", "异物"),
        ("杨\ue863", "杨\u4dae"),
        ("\ue81e", "\u9fb4"),
    ],
)
def test_entities_tags_fillers_and_characters_of_private_use_are_what_they_mean(tmp_path, written, title):
    assert read(tmp_path / "list.csv", to_csv(HEADING, [*ROWS[0][:4], written, *ROWS[0][5:]])) == [("B1", title)]


@pytest.mark.parametrize(
    "content",
    [
        to_csv(HEADING, *ROWS).encode() + bytes(4096),
        to_csv(HEADING, *ROWS).encode("utf-32"),
        "\r\n".join('"' + '", "'.join(row) + '"' for row in [HEADING, *ROWS]).encode(),
        "\n".join("^".join(row) for row in [HEADING, *ROWS]).encode("gb18030"),
        to_csv(HEADING, [*ROWS[0][:6], " 已 受 理 "], ROWS[1]).encode(),
    ],
)
def test_text_of_other_programs_is_read(tmp_path, content):
    assert read(tmp_path / "list.csv", content) == BOTH


@pytest.mark.parametrize("first", ["utf-8", "gb18030"])
def test_lists_put_together_of_lines_in_two_encodings_are_read_line_by_line(tmp_path, first):
    second = "gb18030" if first == "utf-8" else "utf-8"
    content = to_csv(HEADING, ROWS[0]).encode(first) + to_csv(ROWS[1]).encode(second)

    assert read(tmp_path / "list.csv", content) == BOTH


def test_a_damaged_line_makes_no_other_encoding_of_a_file(tmp_path):
    line = to_csv(["B3", "2026-10-03", "云州双溪餐饮", "", "漏电", "1", "已受理"]).encode()

    rows = read(tmp_path / "list.csv", to_csv(HEADING, *ROWS).encode() + line.replace("漏".encode(), "漏".encode()[:2]))

    assert rows == [*BOTH, (4, ["bad_encoding"])]


def test_a_quotation_mark_behind_a_backslash_is_a_text_s_own(tmp_path):
    rows = [[*ROWS[0][:4], '"说是\\"异物\\"，没有"', *ROWS[0][5:]], ROWS[1]]

    assert read(tmp_path / "list.csv", to_csv(HEADING, *rows)) == [("B1", '说是"异物"，没有'), BOTH[1]]


@pytest.mark.parametrize("name", ["云州??店", "云州?溪餐饮", "????有限公司"])
def test_question_marks_within_a_name_are_lost_characters(tmp_path, name):
    assert read(tmp_path / "list.csv", to_csv(HEADING, [*ROWS[0][:2], name, *ROWS[0][3:]])) == [(2, ["bad_encoding"])]


def test_a_text_that_is_misread_names_no_reader_of_ours(tmp_path):
    with pytest.raises(MappingInvalid) as refused:
        read(tmp_path / "list.csv", to_csv(HEADING, *ROWS).encode().decode("cp1252", "replace").encode())

    assert "CellFault" not in str(refused.value)


def test_a_json_document_over_several_lines_is_named(tmp_path):
    with pytest.raises(FileUnreadable, match="json_document"):
        read(tmp_path / "list.json", '{\n "a": 1\n}')


def table(*rows):
    return "<table>" + "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows) + "</table>"


@pytest.mark.parametrize(
    "page",
    [
        table(HEADING) + table(*ROWS),
        table(HEADING, [ROWS[0][0], "<span style='display:none'>1790</span>2026-10-01", *ROWS[0][2:]], ROWS[1]),
        table(HEADING, ["<script>var a='<b>'</script>B1", *ROWS[0][1:]], ROWS[1]),
        table(HEADING, [*ROWS[0][:4], table(["异"], ["物"]), *ROWS[0][5:]], ROWS[1]),
        table(["菜单", table(HEADING, *ROWS)]),
        table(HEADING, *ROWS).replace("<td>B1", "<td style='mso-number-format:\"\\@\"'>B1"),
    ],
)
def test_pages_with_headings_apart_hidden_keys_programs_and_nested_tables_are_read(tmp_path, page):
    assert read(tmp_path / "list.xls", page) == BOTH


def test_a_number_under_a_format_of_zeros_is_shown_with_them_in_a_page(tmp_path):
    page = table(HEADING, *ROWS).replace("<td>B1", "<td style=\"mso-number-format:'0000000'\">123")

    assert read(tmp_path / "list.xls", page)[0] == ("0000123", "异物")


def cells(*values):
    return "<Row>" + "".join(f'<Cell><Data ss:Type="{kind}">{value}</Data></Cell>' for kind, value in values) + "</Row>"


@pytest.mark.parametrize("where", ["column", "row", "span", "parent"])
def test_a_number_in_spreadsheetml_has_the_format_of_its_row_or_column_where_it_has_none(tmp_path, where):
    strings = [("String", cell) for cell in ROWS[0]]
    column = {"column": '<Column ss:StyleID="z"/>', "span": '<Column ss:Index="1" ss:Span="2" ss:StyleID="z"/>'}.get(where, "")
    row = cells(("Number", "123"), *strings[1:])
    if where in {"row", "parent"}:
        row = row.replace("<Row>", f'<Row ss:StyleID="{"z" if where == "row" else "child"}">')
    styles = (
        '<Styles><Style ss:ID="z"><NumberFormat ss:Format="0000000"/></Style>'
        '<Style ss:ID="child" ss:Parent="z"><Font ss:Bold="1"/></Style></Styles>'
    )
    body = f"{column}{cells(*[('String', cell) for cell in HEADING])}{row}"
    content = f'<?xml version="1.0"?><Workbook {NS}>{styles}<Worksheet ss:Name="a"><Table>{body}</Table></Worksheet></Workbook>'

    assert read(tmp_path / "list.xls", content) == [("0000123", "异物")]


def test_a_wrong_cell_of_a_hand_made_spreadsheetml_costs_its_row_only(tmp_path):
    strings = [[("String", cell) for cell in row] for row in (HEADING, *ROWS)]
    wrong = [*strings[1][:4], ("String", "异\x0b物"), *strings[1][5:]]
    numbers = [*strings[1][:2], ("String", "A&B"), strings[1][3], strings[1][4], ("Number", "无"), strings[1][6]]
    dated = [strings[1][0], ("DateTime", "2026年10月1日"), *strings[1][2:]]
    body = "".join(cells(*row) for row in (strings[0], wrong, numbers, dated, strings[2]))
    content = f'<?xml version="1.0"?><Workbook {NS}><Worksheet ss:Name="a"><Table>{body}</Table></Worksheet></Workbook>\x00\x00'

    assert read(tmp_path / "list.xls", content) == [(2, ["bad_encoding"]), ("B1", "异物"), *BOTH]


def test_a_wrong_cell_of_a_workbook_costs_its_row_only(tmp_path):
    columns = "ABCDEFG"
    rows = [HEADING, ROWS[0], ROWS[0], ROWS[1]]
    xml = [
        [f'<c r="{columns[at]}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for at, cell in enumerate(row)]
        for number, row in enumerate(rows, 1)
    ]
    xml[1][4] = '<c r="E2" t="s"><v>99</v></c>'
    xml[2][4], xml[2][5] = '<c r="E3" s="77"><v>异物</v></c>', '<c r="F3"><v>12,5</v></c>'
    sheet = "".join(f'<row r="{number}">{"".join(row)}</row>' for number, row in enumerate(xml, 1))
    with zipfile.ZipFile(tmp_path / "list.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="a" r:id="r1"/></sheets></workbook>')
        book.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
    content = (tmp_path / "list.xlsx").read_bytes()

    assert read(tmp_path / "list.xlsx", content) == [(2, ["bad_encoding"]), (3, ["not_decimal"]), ("B2", "漏水")]


def test_a_day_of_the_week_is_a_date_format():
    assert is_date_format("[$-804]aaaa;@")


REPORT = {
    "channel": "hotline_12345", "external_id": "J1", "kind": "complaint", "received_at": "2026-10-01T09:30:00+08:00",
    "operator": {"name": "云州双溪餐饮"}, "title": "异物", "status": "received",
}  # fmt: skip
LINE = json.dumps(REPORT, ensure_ascii=False)
EVENT = json.dumps({"specversion": "1.0", "id": "1", "source": "/h", "type": "t", "data": REPORT}, ensure_ascii=False)


@pytest.mark.parametrize(
    "content",
    [
        f"{EVENT}\n".encode(),
        f"{LINE},\n".encode(),
        f"{LINE}\r\n".encode("gb18030"),
        f"{LINE}\r\n".encode("utf-16"),
        f"\ufeff{LINE}\n\x00\x00".encode(),
        f"\n{LINE}".encode(),
    ],
    ids=["event", "comma", "GB18030", "UTF-16", "mark and zeros", "empty line"],
)
def test_json_lines_of_other_programs_are_read(tmp_path, content):
    assert read(tmp_path / "list.jsonl", content, load_mapping(MAPPINGS / "gongshi.yaml")) == [("J1", "异物")]


def test_a_line_that_is_no_json_costs_itself(tmp_path):
    content = f"{LINE}\n{{oops\n{LINE}\n"

    rows = read(tmp_path / "list.jsonl", content, load_mapping(MAPPINGS / "gongshi.yaml"))

    assert rows == [("J1", "异物"), (2, ["bad_json"]), ("J1", "异物")]
