"""Mappings drafted from files, and what a mapping makes of a file's first rows."""

from __future__ import annotations

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from deploy.cli.sources import sources
from services.intake.domain.report import ReportEvent
from services.intake.files.guessing import guess_mapping, to_yaml
from services.intake.files.mapping import SourceMapping
from services.intake.files.mapping_file import list_shipped
from services.intake.files.rows import RowConverter
from services.intake.files.table import open_table
from shared.tables.readers.sheets import FileUnreadable
from tests.unit.intake.lists_of_sources import FILES

USCC = "91330106MA2H3ABC0T"


def write(tmp_path, *lines):
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def doubts(draft):
    return "\n".join(doubt.en for doubt in draft.doubts)


@pytest.mark.parametrize("case", FILES)
def test_a_list_of_a_known_source_is_told_to_fit_the_mapping_that_ships(case, tmp_path):
    name, lines, _ = FILES[case]

    assert guess_mapping(write(tmp_path, *lines)).fits == name


def test_a_draft_of_an_unknown_list_reads_it_and_says_what_is_not_sure(tmp_path):
    path = write(
        tmp_path,
        "某区投诉清单",
        "投诉编号,投诉时间,商家名称,投诉内容,处理状态,类型,代码列,备注列",
        f"T1,2026-10-01,云州锦程,锅掉漆,已办结,投诉,{USCC},x",
        "T2,2026-10-02,云州锦程,锅掉漆,搁置中,投诉,,y",
        "T3,2026-10-02,云州锦程,怎么办,已办结,咨询,,z",
    )
    draft = guess_mapping(path)
    mapping = SourceMapping.model_validate(yaml.safe_load(to_yaml(path.name, draft)))

    first = RowConverter(mapping, "/x").to_report(next(open_table(path, mapping).rows))

    assert draft.columns["operator.name"] == "商家名称"
    assert draft.pass_over == {"类型": ["咨询"]}
    assert "处理状态 (status) has unknown words: 搁置中" in doubts(draft)
    assert "columns that are not used" in doubts(draft)
    assert "备注列" in doubts(draft)
    assert isinstance(first, ReportEvent)
    assert (first.data.external_id, first.data.status, first.data.channel) == ("T1", "closed", "other")


def test_columns_are_found_by_what_stands_in_them_and_missing_ones_are_doubts(tmp_path):
    draft = guess_mapping(write(tmp_path, "甲列,乙列,丙列", "a,13800000000,2026-10-01", "b,13900000000,2026年10月2日"))

    assert draft.columns == {"complainant.phone": "乙列", "received_at": "丙列"}
    assert draft.unnamed_operator
    assert "no column was found for external_id, which is required" in doubts(draft)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x00\x01\x02", b"1,2\n3,4\n"])
def test_what_has_no_headings_is_refused(content, tmp_path):
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(FileUnreadable):
        guess_mapping(tmp_path / "a")


def test_check_shows_reports_and_reasons_in_both_languages_and_nothing_of_who_complained(tmp_path):
    path = write(
        tmp_path,
        "登记编号,类型,提供方姓名,提供方联系方式,具体问题,登记时间,企业名称,办理情况状态",
        "9901011,投诉,欧阳测试,13800000000,锅掉漆,2026-10-01,云州锦程,已办结",
        "9901012,投诉,欧阳测试,13800000000,锅掉漆,2999-10-01,云州锦程,已办结",
        "9901013,咨询,欧阳测试,13800000000,怎么办,2026-10-01,云州锦程,已办结",
        "9901014,投诉,欧阳测试,13800000000,锅掉漆,昨天,云州锦程,不知道",
    )

    result = CliRunner().invoke(sources, ["check", "12315-persons", str(path)])

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert orjson.loads(lines[-1]) == {"rows": 4, "accepted": 1, "refused": 2, "passed_over": 1}
    assert "  ! 登记时间: 时间晚于现在 / this lies in the future (in_future)" in lines
    assert "  ! 办理情况状态: 不在允许的取值范围内 / this is not one of the values allowed (unknown_value)" in lines
    assert "row 4: passed over" in lines
    assert "欧阳测试" not in result.output
    assert "13800000000" not in result.output


def test_guess_prints_a_mapping_that_check_takes(tmp_path):
    path = write(tmp_path, *FILES["Shunde"][1])

    drafted = CliRunner().invoke(sources, ["guess", str(path)])
    (tmp_path / "m.yaml").write_text(drafted.stdout, encoding="utf-8")
    checked = CliRunner().invoke(sources, ["check", str(tmp_path / "m.yaml"), str(path)])

    assert "# 随附的对应表“shunde”可以直接用。" in drafted.stdout
    assert (drafted.exit_code, checked.exit_code) == (0, 0), checked.output
    assert "shunde" in list_shipped()
