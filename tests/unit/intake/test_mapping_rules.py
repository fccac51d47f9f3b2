"""What a mapping can say beyond a heading for each field, and what of it is refused when it is read."""

from __future__ import annotations

import pytest
import xlsxwriter

from services.intake.domain.report import ReportEvent
from services.intake.files.importing import ImportFile, import_rows
from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.mapping_file import load_mapping
from services.intake.files.rows import RowConverter
from services.intake.files.table import Row, open_table
from services.intake.ingest import Ingested

COLUMNS = {"external_id": "编号", "received_at": "时间", "operator.name": "单位", "title": "标题"}
CONSTANTS = {"channel": "letter", "kind": "complaint", "status": "closed"}
CELLS = {"编号": "1", "时间": "2026-10-01", "单位": "锦程", "标题": "掉漆"}


def mapping_of(columns=None, **rules):
    return SourceMapping(columns=COLUMNS | (columns or {}), constants=CONSTANTS, **rules)


def read(mapping, **cells):
    return RowConverter(mapping, "/x").to_report(Row(2, CELLS | cells))


def test_of_alternative_headings_the_first_that_is_filled_counts():
    mapping = mapping_of({"external_id": {"any_of": ["新编号", "编号"]}})

    assert read(mapping, 新编号="N").data.external_id == "N"
    assert read(mapping, 新编号=" ").data.external_id == "1"


def test_a_file_needs_one_of_alternative_headings_and_is_refused_with_all_of_them(tmp_path):
    mapping = mapping_of({"external_id": {"any_of": ["新工单号", "工单流水"]}})
    (tmp_path / "a.csv").write_text("时间,单位,标题\n2026-10-01,锦程,掉漆\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("工单流水,时间,单位,标题\n7,2026-10-01,锦程,掉漆\n", encoding="utf-8")

    with pytest.raises(MappingInvalid, match="no column 新工单号 / 工单流水"):
        open_table(tmp_path / "a.csv", mapping)
    table = open_table(tmp_path / "b.csv", mapping)
    assert (table.notes, [row.cells["工单流水"] for row in table.rows]) == ([], ["7"])


@pytest.mark.parametrize(
    ("cell", "yuan"), [("3", "30000"), ("0.05", "500.00"), ("1.5万", "15000"), ("1,000", "10000000"), ("0", "0")]
)
def test_an_amount_is_in_the_unit_of_its_column_where_it_has_none_of_its_own(cell, yuan):
    assert read(mapping_of({"amount": "金额(万元)"}, factors={"amount": 10000}), **{"金额(万元)": cell}).data.amount == yuan


@pytest.mark.parametrize(
    ("part", "word"),
    [({"at": 2}, "质量"), ({"at": -1}, "做工"), ({"at": 9}, "做工"), ({"at": -9}, "投诉问题"), ({"first": 2}, "投诉"),
     ({"at": 1, "separator": "质量"}, "投诉问题->")],
)  # fmt: skip
def test_a_part_of_a_path_is_the_field(part, word):
    assert read(mapping_of({"category": "问题"}, parts={"category": part}), 问题="投诉问题->质量->做工").data.category == word


def test_the_longest_beginning_says_what_a_word_means_and_other_codes_stay_to_be_mapped():
    mapping = mapping_of({"category": "问题"}, prefixes={"category": {"质量": "quality", "质量->安全": "quality.safety"}})

    assert [read(mapping, 问题=word).data.category for word in ("质量->安全->电", "质量->做工", "人身权利")] == [
        "quality.safety", "quality", "人身权利",
    ]  # fmt: skip


def test_satisfaction_is_known_by_words_and_by_numbers_of_the_source():
    mapping = mapping_of({"satisfaction": "满意度"}, values={"satisfaction": {"0": 1, "非常满意": 5}})

    assert [read(mapping, 满意度=word).data.satisfaction for word in ("0", 0.0, "非常满意")] == [1, 1, 5]


@pytest.mark.parametrize("hidden", ["*****", "＊＊", "*"])
def test_what_a_system_hides_is_empty(hidden):
    assert read(mapping_of({"operator.address": "地址"}), 地址=hidden).data.operator.address is None


async def test_rows_with_a_word_to_pass_over_are_counted_and_never_submitted():
    mapping = mapping_of(pass_over={"类型": ["咨询", "建议"]})
    rows = [Row(n, CELLS | {"编号": str(n), "类型": kind}) for n, kind in enumerate(["投诉", "咨询", " 建议 ", "咨询", None])]
    submitted = []

    async def submit(submission):
        submitted.extend(submission.events)
        return [Ingested() for _ in submission.events]

    summary = await import_rows(ImportFile("a.csv", rows, mapping, "/x"), submit)

    assert summary.to_json() == {
        "read": 5, "accepted": 2, "duplicates": 0, "refused": 0, "reasons": {}, "passed_over": {"咨询": 2, "建议": 1},
    }  # fmt: skip
    assert [event.data.external_id for event in submitted] == ["0", "4"]


def test_rows_without_an_operator_have_one_each():
    mapping = mapping_of(unnamed_operator=True)
    names = [
        read(mapping, 编号=number, 单位=name).data.operator.name for number, name in (("7", None), ("8", "无"), ("9", "甲"))
    ]

    assert names == ["未注明经营者（7）", "未注明经营者（8）", "甲"]
    assert not isinstance(read(mapping_of(), 单位=None), ReportEvent)


def test_a_key_of_two_columns_needs_both_and_does_not_change_with_the_format_of_a_cell():
    mapping = mapping_of({"external_id": {"joined": ["编号", "时间"], "by": "@"}})

    assert read(mapping, 时间="2026/10/1 9:05").data.external_id == read(mapping, 时间="2026-10-01 09:05:00").data.external_id
    assert not isinstance(read(mapping, 编号=None), ReportEvent)


def test_sheets_are_chosen_by_name(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name, number in (("投诉", "1"), ("举报", "2")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, list(CELLS))
        sheet.write_row(1, 0, [number, *list(CELLS.values())[1:]])
    book.close()

    def numbers(**rules):
        return [row.cells["编号"] for row in open_table(tmp_path / "a.xlsx", mapping_of(**rules)).rows]

    assert (numbers(), numbers(sheets=["举报"])) == (["1", "2"], ["2"])
    with pytest.raises(MappingInvalid, match=r"no sheet 投诉单 .did you mean 投诉"):
        numbers(sheets=["投诉单"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("columns: {title: {anyof: [A, B]}}", "columns.title.anyof: a mapping has no such key .did you mean any_of"),
        ("columns: {title: {any_of: [A]}}", "columns.title.any_of"),
        ("columns: {titel: T}", "no field of a report: titel .did you mean title"),
        ("columns: {title: T}\npart: {}", "part: a mapping has no such key .did you mean parts"),
        ("columns: {title: T}\nparts: {category: {at: 0}}", "say `at`"),
        ("columns: {title: T}\nparts: {categorie: {at: 1}}", "did you mean category"),
        ("columns: {title: T}\nprefixes: {status: {已: closd}}", "no value of the contract: closd .did you mean closed"),
        ("columns: {title: T}\nvalues: {satisfaction: {满意: 0}}", "a number from 1 to 5"),
        ("columns: {title: T}\nvalues: {satisfaction: {满意: good}}", "a number from 1 to 5"),
        ("columns: {title: T}\nvalues: {region: {市: 990100}}", "put quotation marks around 990100"),
        ("columns: {title: T}\nvalues: {complainant.consents_to_publish: {是: 1}}", "true or false belongs here"),
        ("columns: {title: T}\nfactors: {title: 10}", "title is no amount"),
        ("columns: {title: T}\nfactors: {amount: 0}", "factors.amount"),
    ],
)
def test_a_mistake_in_a_mapping_is_found_when_it_is_read(tmp_path, text, words):
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(MappingInvalid, match=words):
        load_mapping(tmp_path / "m.yaml")
