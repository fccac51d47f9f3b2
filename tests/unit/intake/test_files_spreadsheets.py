"""Spreadsheets: XLSX, XLS, XML and HTML under any name; sheets, titles, merged cells, formats, formulas."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.rows import RefusedRow, RowConverter
from services.intake.files.table import FileUnreadable, open_table
from shared.tables.readers import xlsx
from shared.tables.readers.cells import MAX_COLUMNS, CellFault, Number
from shared.tables.readers.html_table import read_html
from shared.tables.readers.xls import read_xls
from shared.tables.readers.xlsx import read_xlsx
from tests.unit.intake import biff

MAPPING = SourceMapping(
    columns={
        "external_id": "编号",
        "received_at": "时间",
        "operator.name": "单位",
        "operator.uscc": "代码",
        "title": "标题",
        "amount": "金额",
    },
    constants={"channel": "letter", "kind": "complaint", "status": "received"},
    optional=["operator.uscc", "title", "amount"],
    fill_down=["operator.name", "operator.uscc"],
)
HEADING = ["编号", "时间", "单位", "标题"]
ROW = ["A1", "2026-10-01 09:30", "云州锦程", "屏幕有亮点"]


@pytest.fixture
def book(tmp_path):
    """A workbook to be filled; `close` writes it."""
    made = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    made.path = tmp_path / "list.xlsx"
    return made


def add_sheet(book, name, *rows, first_row=0):
    sheet = book.add_worksheet(name)
    for number, row in enumerate(rows, first_row):
        sheet.write_row(number, 0, row)
    return sheet


def read(path, mapping=MAPPING):
    return list(open_table(path, mapping).rows)


def ids(path):
    return [row.cells["编号"] for row in read(path)]


def test_an_xlsx_file_keeps_types_and_row_numbers(book):
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = add_sheet(book, "投诉", [*HEADING, "金额"])
    sheet.write_row(2, 0, ["A1", None, "云州锦程", "=cmd|'/c calc'!A1"], None)
    sheet.write_datetime(2, 1, datetime(2026, 10, 1, 9, 30), day)  # noqa: DTZ001
    sheet.write_string(2, 3, "=cmd|'/c calc'!A1")
    sheet.write_number(2, 4, 1299.5)
    book.close()

    table = open_table(book.path, MAPPING)

    (only,) = table.rows
    assert (table.reading, only.number) == ("投诉", 3)
    assert list(only.cells.values()) == ["A1", datetime(2026, 10, 1, 9, 30), "云州锦程", "=cmd|'/c calc'!A1", 1299.5]  # noqa: DTZ001


@given(
    st.lists(
        st.lists(
            st.none() | st.integers(-(10**9), 10**9) | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=9),
            max_size=6,
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None, max_examples=40)
def test_cells_are_those_that_another_reader_finds(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("books") / "list.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value not in {None, ""}:
                sheet.write_string(number, column, value) if isinstance(value, str) else sheet.write_number(
                    number, column, value
                )
    book.close()

    (found,) = read_xlsx(path)
    ours = {
        (row.number - 1, column): cell for row in found.read_rows() for column, cell in enumerate(row.cells) if cell is not None
    }

    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
    top, left = theirs.start or (0, 0)
    assert ours == {
        (top + number, left + column): cell
        for number, row in enumerate(theirs.to_python(skip_empty_area=True))
        for column, cell in enumerate(row)
        if cell != ""
    }


def test_all_sheets_with_the_columns_are_read_and_the_others_are_named(book):
    add_sheet(book, "封面", ["投诉台账"], ["导出时间：2026-11-01"])
    add_sheet(book, "字典", ["编号", "时间", "单位"], ["X", "2026-10-01", "甲"]).hide()
    add_sheet(book, "空表")
    add_sheet(book, "一月", HEADING, ROW)
    book.add_chartsheet("图")
    add_sheet(book, "汇总", ["单位", "件数"], ["甲", 3])
    add_sheet(book, "二月", ["标题", "编号", "时间", "单位"], ["题", "A2", "2026-10-02", "乙"])
    book.get_worksheet_by_name("一月").activate()
    book.close()

    table = open_table(book.path, MAPPING)

    assert [(row.sheet, row.number, row.cells["编号"]) for row in table.rows] == [("一月", 2, "A1"), ("二月", 2, "A2")]
    assert [note.split(" is passed over: ")[0] for note in table.notes] == [
        "sheet 封面",
        "sheet 字典",
        "sheet 空表",
        "sheet 汇总",
    ]


@pytest.mark.parametrize(
    "above", [(), (["云州市投诉登记表（2026年10月）"],), (["登记表"], [], ["制表单位：办公室", "2026年10月"], [])]
)
def test_headings_are_found_below_titles_and_empty_rows(book, above):
    add_sheet(book, "表", *above, HEADING, ROW)
    book.close()

    assert [(row.number, row.cells["编号"]) for row in read(book.path)] == [(len(above) + 2, "A1")]


def test_headings_are_the_same_whatever_their_spaces_marks_and_width(book):
    add_sheet(book, "表", ["*编 号", "时间\n", " 单位：", "标　题", "金额（元）"], [*ROW, 5])
    book.close()
    mapping = MAPPING.model_copy(update={"columns": {**MAPPING.columns, "amount": "金额(元)"}})

    (row,) = read(book.path, mapping)

    assert dict(row.cells) == dict(zip([*HEADING, "金额(元)"], [*ROW, 5], strict=True))


def test_headings_in_two_rows_are_read_together(book):
    sheet = add_sheet(
        book, "表", ["编号", "时间", "单位", "", "标题"], ["", "", "名称", "代码", ""], ["A1", "2026-10-01", "甲", "X", "题"]
    )
    sheet.merge_range(0, 2, 0, 3, "单位")
    book.close()

    (row,) = read(book.path)

    assert (row.number, dict(row.cells)) == (3, {"编号": "A1", "时间": "2026-10-01", "单位": "甲", "代码": "X", "标题": "题"})


def test_merged_cells_hold_for_their_rows_where_the_mapping_says_so_and_blank_cells_stay_blank(book):
    sheet = add_sheet(
        book, "表", [*HEADING, "代码"], [*ROW, "X"], ["A2", "2026-10-02", "", "", ""], ["A3", "2026-10-03", "乙", "题", ""]
    )
    sheet.merge_range(1, 2, 2, 2, "云州锦程")
    sheet.merge_range(1, 3, 2, 3, "屏幕有亮点")
    sheet.merge_range(1, 4, 2, 4, "X")
    book.close()

    rows = [row.cells for row in read(book.path)]

    assert [(row["单位"], row.get("代码"), row.get("标题")) for row in rows] == [
        ("云州锦程", "X", "屏幕有亮点"), ("云州锦程", "X", None), ("乙", None, "题"),
    ]  # fmt: skip


def test_a_heading_that_stands_twice_is_refused_where_it_is_mapped(book):
    add_sheet(book, "表", [*HEADING, "备注", "备注"], [*ROW, "x", "y"])
    book.close()
    assert ids(book.path) == ["A1"]

    other = xlsxwriter.Workbook(book.path)
    add_sheet(other, "表", [*HEADING, "标 题"], [*ROW, "x"])
    other.close()
    with pytest.raises(FileUnreadable, match="the heading 标题 stands above columns D and E"):
        open_table(book.path, MAPPING)


def test_a_number_is_what_its_format_shows(book):
    sheet = add_sheet(book, "表", [*HEADING, "金额"], [None, *ROW[1:]], [None, *ROW[1:]])
    sheet.write_number(1, 0, 123, book.add_format({"num_format": "0000000"}))
    sheet.write_number(1, 4, 1299, book.add_format({"num_format": '0"元"'}))
    sheet.write_number(2, 0, 2.0260101000001e17)
    book.close()

    shown, long = (RowConverter(MAPPING, "s").to_report(row) for row in read(book.path))

    assert (shown.data.external_id, shown.data.amount) == ("0000123", "1299")
    assert isinstance(long, RefusedRow)
    assert [(finding.field, finding.code) for finding in long.findings] == [("编号", "lost_digits")]


def test_errors_and_formulas_that_were_never_calculated_are_said(book):
    sheet = add_sheet(book, "表", [*HEADING, "金额"], ROW, ROW, ROW, ROW)
    sheet.write_formula(1, 4, "=NA()", None, "#N/A")
    sheet.write_formula(2, 4, "=SUM(A1:A2)")
    sheet.write_formula(3, 4, "=SUM(A1:A2)", None, 12.5)
    sheet.write_formula(4, 0, '="00012"')
    book.close()

    reports = [RowConverter(MAPPING, "s").to_report(row) for row in read(book.path)]

    assert [[(d.field, d.code) for d in each.findings] for each in reports[:2]] == [
        [("金额", "cell_error")],
        [("金额", "not_calculated")],
    ]
    assert (reports[2].data.amount, reports[3].data.external_id) == ("12.5", "00012")


def rewrite(path, part, change):
    """Change the XML of one part of an XLSX file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_what_a_sheet_says_of_its_size_is_not_believed(book):
    add_sheet(book, "表", HEADING, ROW).write_string(1_000_000, 16_000, "far away")
    book.close()
    rewrite(
        book.path,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb'dimension ref="[^"]*"', b'dimension ref="A1:XFD1048576"', xml),
    )

    (sheet,) = read_xlsx(book.path)

    assert max(len(row.cells) for row in sheet.read_rows()) <= MAX_COLUMNS
    assert ids(book.path) == ["A1"]


def test_cells_without_references_and_with_prefixes_are_read(book):
    add_sheet(book, "表", HEADING, ROW)
    book.close()

    def strip(xml):
        xml = re.sub(rb' r="[A-Z]*[0-9]+"', b"", xml)
        xml = xml.replace(b"<worksheet xmlns=", b"<x:worksheet xmlns:x=").replace(b"</worksheet>", b"</x:worksheet>")
        return re.sub(rb"<(/?)(sheetData|row|c|v)\b", rb"<\1x:\2", xml)

    rewrite(book.path, "xl/worksheets/sheet1.xml", strip)

    assert ids(book.path) == ["A1"]


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml[: len(xml) // 2],
        lambda xml: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + xml[55:],
        lambda xml: xml.replace(b"UTF-8", b"U"),
    ],
)
def test_a_damaged_xlsx_file_says_what_to_do(book, change):
    add_sheet(book, "表", HEADING, ROW)
    book.close()
    rewrite(book.path, "xl/worksheets/sheet1.xml", change)

    with pytest.raises(FileUnreadable, match="damaged XLSX file: open it in Excel or WPS"):
        read(book.path)


def test_an_archive_of_an_unknown_version_is_a_damaged_one(book):
    add_sheet(book, "表", HEADING, ROW)
    book.close()
    content = bytearray(book.path.read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 200
    book.path.write_bytes(content)

    with pytest.raises(FileUnreadable, match="cut off or damaged"):
        open_table(book.path, MAPPING)


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(book, monkeypatch):
    add_sheet(book, "表", HEADING, ROW)
    book.close()
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 1024)

    with pytest.raises(FileUnreadable, match="unpacks to more"):
        open_table(book.path, MAPPING)


def test_a_list_on_a_hidden_sheet_only_is_said(book):
    add_sheet(book, "封面", [])
    add_sheet(book, "明细", HEADING, ROW).hide()
    book.close()

    with pytest.raises(FileUnreadable, match="sheet 明细 is passed over: it is hidden"):
        open_table(book.path, MAPPING)


def test_a_list_without_rows_is_read_as_none(book):
    add_sheet(book, "表", HEADING)
    book.close()

    assert read(book.path) == []


STRINGS = ("编号", "时间", "单位", "标题", "A1", "2026-10-01 09:30", "云州锦程", "屏幕有亮点" * 9)


def xls_cells():
    return b"".join(biff.label(index // 4, index % 4, index) for index in range(8))


@pytest.mark.parametrize("name", ["list.xls", "list.et", "list.xlsx", "list"])
def test_an_xls_file_is_read_whatever_its_name(tmp_path, name):
    path = tmp_path / name
    stream = biff.workbook({"说明": b"", "表": xls_cells()}, biff.shared_strings(STRINGS, cut=7), hidden=["说明"])
    biff.write_xls(path, stream)

    (row,) = read(path)

    assert (row.number, list(row.cells.values())) == (2, list(STRINGS[4:]))
    with path.open("rb") as file:
        assert CalamineWorkbook.from_filelike(file).get_sheet_by_name("表").to_python() == [
            list(STRINGS[:4]),
            list(STRINGS[4:]),
        ]


def test_numbers_formulas_errors_and_merged_cells_of_xls(tmp_path):
    cells = biff.number(0, 0, 123.0, 1) + biff.integers(0, 1, [4, 5]) + biff.integer(0, 3, -7) + biff.number(0, 4, 45_931.5, 2)
    cells += (
        biff.formula(1, 0, 3.5)
        + biff.formula(1, 1, "文")
        + biff.error(1, 2)
        + biff.formula(1, 3, None)
        + biff.merged((0, 1, 2, 2))
    )
    stream = biff.workbook({"表": cells}, biff.shared_strings(["x"]), formats=["00000", "yyyy-mm-dd hh:mm"])
    biff.write_xls(tmp_path / "a.xls", stream)
    biff.write_xls(tmp_path / "b.xls", stream, by_program=False)

    (sheet,), (uncalculated,) = read_xls(tmp_path / "a.xls"), read_xls(tmp_path / "b.xls")

    first, second = (row.cells for row in sheet.read_rows())
    assert first == [Number(123.0, "00123"), 4.0, 5.0, -7.0, datetime(2025, 10, 1, 12)]  # noqa: DTZ001
    assert list(second) == [3.5, "文", CellFault("cell_error"), None]
    assert [*uncalculated.read_rows()][1].cells[3] == CellFault("not_calculated")
    assert [(m.first_row, m.last_row, m.first_column, m.last_column) for m in sheet.read_merged_ranges()] == [(1, 2, 2, 2)]


def test_a_cell_in_the_last_corner_of_an_xls_sheet_costs_no_memory(tmp_path):
    cells = xls_cells() + biff.label(65_535, 255, 0)
    biff.write_xls(tmp_path / "a.xls", biff.workbook({"表": cells}, biff.shared_strings(STRINGS)))

    (sheet,) = read_xls(tmp_path / "a.xls")

    assert [(row.number, len(row.cells)) for row in sheet.read_rows()] == [(1, 4), (2, 4), (65_536, 256)]


@pytest.mark.parametrize(
    ("stream", "name", "words"),
    [
        (biff.workbook({"a": b""}, b"", version=0x0500), "Book", "a workbook of Excel 5 or 95: open it in Excel or WPS"),
        (b"", "EncryptedPackage", "protected by a password: save it without one"),
        (b"", "WordDocument", "a Word document"),
        (b"", "Contents", "no spreadsheet: save the list"),
        (b"\xff" * 5_000, "Workbook", "a damaged XLS file"),
        (biff.record(0x0809, b"\x00\x06\x05\x00") + biff.record(0x002F), "Workbook", "protected by a password"),
    ],
)
def test_what_is_in_the_same_container_and_no_list_is_named(tmp_path, stream, name, words):
    biff.write_xls(tmp_path / "list.xls", stream, name)

    with pytest.raises(FileUnreadable, match=words) as refused:
        open_table(tmp_path / "list.xls", MAPPING)

    assert not re.search("OLE|CFB|compound", str(refused.value))


def test_an_xls_file_cut_off_anywhere_is_refused_and_never_fails_otherwise(tmp_path):
    path = tmp_path / "a.xls"
    biff.write_xls(path, biff.workbook({"表": xls_cells()}, biff.shared_strings(STRINGS)))
    content = path.read_bytes()

    for size in range(8, len(content), 97):
        path.write_bytes(content[:size])
        try:
            read(path)
        except (FileUnreadable, MappingInvalid):
            continue


HTML_ROWS = "".join(f"<tr>{''.join(f'<td>{cell}' for cell in row)}</tr>" for row in (HEADING, ROW))
CELL = '<Cell><Data ss:Type="String">{}</Data></Cell>'
XML_ROWS = "".join(f"<Row>{''.join(map(CELL.format, row))}</Row>" for row in (HEADING, ROW))
XML = (
    '<?xml version="1.0" encoding="{encoding}"?><?mso-application progid="Excel.Sheet"?>'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    "{styles}{sheets}</Workbook>"
)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("name", ["list.xls", "list.csv"])
def test_html_and_xml_are_read_in_every_encoding_whatever_their_name(tmp_path, encoding, name):
    html = f"<html><head><meta charset={encoding}></head><body><table>{HTML_ROWS}</table>"
    sheets = f'<Worksheet ss:Name="表"><Table>{XML_ROWS}</Table></Worksheet>'

    for content in (html, XML.format(encoding=encoding, styles="", sheets=sheets)):
        (tmp_path / name).write_bytes(content.encode(encoding))
        assert [list(row.cells.values()) for row in read(tmp_path / name)] == [ROW]


def test_cells_of_html_over_several_rows_and_columns_stand_in_their_place(tmp_path):
    html = """<p>导出</p><table><tr><th colspan=4>台账</th></tr><tr><th>编号<th>时间<th>单位<th>标题</tr>
    <tr><td>A1<td>2026-10-01<td rowspan=2>云州&amp;<br>锦程<td>题</tr><tr><td>A2<td>2026-10-02<td>二&nbsp;题</tr>
    <tr><td>A3<td>2026-10-03<td>乙<td rowspan=9999999 colspan=9999999>三</table>"""
    (tmp_path / "a.xls").write_text(html, encoding="utf-8")

    rows = read(tmp_path / "a.xls")

    assert [tuple(row.cells.values()) for row in rows] == [
        ("A1", "2026-10-01", "云州&\n锦程", "题"), ("A2", "2026-10-02", "云州&\n锦程", "二 题"), ("A3", "2026-10-03", "乙", "三"),
    ]  # fmt: skip
    (table,) = read_html(tmp_path / "a.xls")
    assert max(len(row.cells) for row in table.read_rows()) <= MAX_COLUMNS


def test_types_positions_comments_and_hidden_sheets_of_xml(tmp_path):
    styles = '<Styles><Style ss:ID="s1"><NumberFormat ss:Format="00000"/></Style></Styles>'
    cells = (
        '<Row ss:Index="3"><Cell ss:StyleID="s1"><Data ss:Type="Number">12</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2026-10-01T09:30:00.000</Data></Cell>'
        '<Cell ss:MergeDown="1"><Data ss:Type="String">云州<B>锦程</B></Data><Comment><ss:Data>旁注</ss:Data></Comment></Cell>'
        '<Cell ss:Index="5" ss:Formula="=1"/></Row><Row><Cell><Data ss:Type="String">A2</Data></Cell>'
        '<Cell><Data ss:Type="String">2026-10-02</Data></Cell><Cell ss:Index="5"><Data ss:Type="Error">#N/A</Data></Cell></Row>'
    )
    heading = XML_ROWS.split("</Row>")[0].removesuffix("</Row>") + '<Cell><Data ss:Type="String">金额</Data></Cell></Row>'
    hidden = f'<Worksheet ss:Name="旧"><Table>{XML_ROWS}</Table><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>'
    sheets = f'{hidden}<Worksheet ss:Name="表"><Table>{heading}{cells}</Table></Worksheet>'
    (tmp_path / "a.xls").write_text(XML.format(encoding="utf-8", styles=styles, sheets=sheets), encoding="utf-8")

    first, second = read(tmp_path / "a.xls")

    assert (first.number, first.cells["编号"], first.cells["时间"]) == (3, Number(12.0, "00012"), datetime(2026, 10, 1, 9, 30))  # noqa: DTZ001
    assert (first.cells["单位"], first.cells["金额"]) == ("云州锦程", CellFault("not_calculated"))
    assert (second.cells["单位"], second.cells["金额"]) == ("云州锦程", CellFault("cell_error"))
