"""A file that is refused as a whole tells why in both languages, with a code."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from services.intake.files import table
from services.intake.files.mapping_file import load_mapping
from services.intake.files.table import FileUnreadable, open_table
from shared import tables
from shared.tables.readers.faults import FAULTS, FileRefused

FOLDERS = (Path(table.__file__).parent, Path(tables.__file__).parent)
LETTERS = Path(__file__).parents[3] / "services" / "intake" / "mappings" / "letters.yaml"
CHINESE = re.compile("[\u4e00-\u9fff]")


def names(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", FAULTS)
def test_every_fault_is_told_in_both_languages_with_the_same_file(code):
    texts = FAULTS[code]

    assert CHINESE.search(texts.zh)
    assert not CHINESE.search(texts.en)
    assert names(texts.zh) <= names(texts.en)
    assert "file" in texts.en


def test_every_fault_is_raised_somewhere_and_no_other():
    paths = [path for folder in FOLDERS for path in folder.rglob("*.py") if path.name != "faults.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in paths)

    assert {code for code in FAULTS if f'"{code}"' not in source} == set()
    assert set(re.findall(r'(?:FileUnreadable|MappingInvalid)\(\s*"(\w+)"', source)) <= FAULTS.keys()


def test_a_refused_file_is_told_in_two_lines_by_its_code(tmp_path):
    file = tmp_path / "list.csv"
    file.write_bytes(b"%PDF-1.7")

    with pytest.raises(FileUnreadable) as refused:
        open_table(file, load_mapping(LETTERS))

    assert refused.value.code == "pdf"
    assert str(refused.value).splitlines() == [
        "list.csv is a PDF document: ask for the list as .xlsx or .csv (pdf)",
        "list.csv是PDF文档：请索取.xlsx或.csv格式的清单",
    ]


def test_a_missing_column_is_told_by_its_code(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("编号,被投诉单位,来信时间\n1,云州示例商行,2026-10-01\n", encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        open_table(file, load_mapping(LETTERS))

    assert refused.value.code == "missing_columns"
    assert "文件缺少列：" in str(refused.value)
