"""Tables of items: headings and words as files have them, each cell as the text of its field, each fault by its row."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from services.publisher.domain.submitted import read_item
from services.publisher.item_files import ItemMapping, headings_of, read_rows
from services.publisher.kinds import KINDS
from shared.tables.readers.faults import FileRefused
from tests.unit.publisher.test_kinds import typed
from tests.unit.publisher.test_public_form import ROOT

MODEL, PENALTY, SPOT_CHECK = KINDS["model_operator"], KINDS["penalty"], KINDS["spot_check"]
USCC = "91990102MA9K000003"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\r\n".join(lines), encoding="utf-8-sig")
    return path


def test_headings_are_the_labels_of_the_form_wherever_they_stand(tmp_path):
    file = write(
        tmp_path / "models.csv",
        "2026年放心消费示范单位一览表", "序号,认定单位,经营者,信用代码,示范类别,认定日期,地区",
        f"1,云州市市场监督管理局,云州示例商店,{USCC},示范商店,2026年3月15日,湖东区", "",
        "序号,认定单位,经营者,信用代码,示范类别,认定日期,地区",
        f"2,云州市市场监督管理局,云州示例市场,{USCC},示范商场、市场,2026/3/15,990102",
    )  # fmt: skip

    rows = list(read_rows(file, MODEL))

    assert [(row.number, row.faults) for row in rows] == [(3, ()), (6, ())]
    assert [row.values["granted_on"] for row in rows] == ["2026-03-15", "2026-03-15"]
    read = [read_item(MODEL, row.values) for row in rows]
    assert [(each.form.content["model_kind"], each.form.region) for each in read] == [("shop", "990102"), ("market", "990102")]


def test_cells_of_a_spreadsheet_are_days_and_amounts_and_errors_are_faults_of_their_row(tmp_path):
    path = tmp_path / "checks.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("抽查"), book.add_format({"num_format": "yyyy/m/d"})
        sheet.write_row(0, 0, ["通告编号", "经营者", "信用代码", "商品名称", "抽样日期", "检验结论", "检验机构"])
        for row in (1, 2):
            sheet.write_row(row, 0, ["2026年第3号", "云州示例商店", USCC, "电热水壶"])
            sheet.write_datetime(row, 4, date(2026, 9, 8), day)
            sheet.write_row(row, 5, ["合格", "云州市产品质量检验所"])
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")

    good, bad = read_rows(path, SPOT_CHECK)

    assert (good.values["sampled_on"], good.faults) == ("2026-09-08", ())
    assert [(bad.number, each.field, each.code) for each in bad.faults] == [(3, "product", "cell_error")]


def test_a_mapping_names_columns_words_and_amounts_in_yuan(tmp_path):
    mapping = write(
        tmp_path / "mapping.yaml",
        "columns: {operator.name: 当事人, operator.uscc: 代码, document_number: 文号, offence: 类型, offence_facts: 事实,",
        "  penalty_basis: 依据, penalty_content: 内容, fine: 罚款(元), decided_on: 日期, authority: 机关}",
        "values: {party_kind: {企业: organisation}}",
        "constants: {party_kind: 企业, penalty_kind: fine, seriousness: ordinary}",
        "yuan: [fine]",
    )  # fmt: skip
    mapping.write_text(mapping.read_text(encoding="utf-8-sig"), encoding="utf-8")
    file = write(
        tmp_path / "penalties.csv", "当事人,代码,文号,类型,事实,依据,内容,罚款(元),日期,机关",
        f'云州示例商店,{USCC},云市监罚〔2026〕1号,虚假宣传,宣传与事实不符,广告法,罚款,"12,345.67",20260908,云州市市场监督管理局',
    )  # fmt: skip

    (row,) = read_rows(file, PENALTY, ItemMapping.load(mapping, PENALTY))

    assert (row.values["fine"], row.values["decided_on"]) == ("1.234567", "2026-09-08")
    form = read_item(PENALTY, row.values | {"party_kind": "organisation"}).form
    assert form.content["fine"] == "1.234567"


@pytest.mark.parametrize(
    ("document", "finding"),
    [
        ("columns: {offense: 类型}", "no field offense (did you mean offence?)"),
        ("columns: {offence: 类型}", "operator.name is required"),
        ("columns: {offence: 类型}\nyuan: [offence]", "offence is no amount in 10,000 yuan"),
        ("columns: [offence]", "columns"),
        ("columns: {a: [}", "bad_mapping"),
    ],
)
def test_a_mapping_that_does_not_fit_says_what_to_mend(tmp_path, document, finding):
    path = tmp_path / "mapping.yaml"
    path.write_text(document, encoding="utf-8")

    with pytest.raises(FileRefused, match="bad_mapping") as refused:
        ItemMapping.load(path, PENALTY)
    assert finding in str(refused.value)


def test_the_mapping_of_double_publicity_fits_its_kind():
    mapping = ItemMapping.load(ROOT / "deploy" / "mappings" / "items" / "penalty.yaml", PENALTY)

    assert list(mapping.faults(PENALTY)) == []


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "empty_file"),
        (("%PDF-1.7",), "pdf"),
        (("甲,乙", "1,2"), "no_headings"),
        (("经营者,认定日期", "云州示例商店,2026-03-15"), "no_headings"),
    ],
)
def test_a_file_that_is_no_table_of_the_kind_is_refused(tmp_path, lines, code):
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        list(read_rows(path, MODEL))
    assert refused.value.code == code


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.natural_key and not kind.is_drafted_by_program])
def test_the_empty_table_of_each_kind_is_read_again(tmp_path, kind):
    headings = headings_of(kind)
    values = typed(kind)
    by_label = {str(each.label): values.get(each.name, "") for each in kind.typed_fields()}
    file = write(
        tmp_path / "table.csv",
        ",".join(headings),
        ",".join(by_label.get(heading, "").replace("\n", " ") for heading in headings),
    )

    assert len(set(headings)) == len(headings)
    (row,) = read_rows(file, kind)
    assert read_item(kind, row.values).faults == ()


def test_what_a_row_says_beyond_its_kind_is_a_fault_and_not_lost():
    faults = read_item(MODEL, {"model_knd": "shop", "region": "1", "operator.uscc": "1"}).faults

    assert {(each.field, each.code) for each in faults} >= {
        ("model_knd", "unknown_field"), ("region", "unknown_region"), ("operator.uscc", "bad_uscc"), ("granted_by", "missing"),
    }  # fmt: skip
