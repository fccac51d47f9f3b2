"""The mappings that ship, each on a file of the shape that it is for: headings of the source, rows invented."""

from __future__ import annotations

import pytest

from services.intake.domain.report import ReportEvent
from services.intake.files.mapping_file import SHIPPED, list_shipped, load_mapping
from services.intake.files.rows import PassedOverRow, RowConverter
from services.intake.files.table import open_table
from tests.unit.intake.lists_of_sources import FILES


def value_of(report, path):
    for part in path.split("."):
        report = getattr(report, part)
    return report.isoformat() if hasattr(report, "isoformat") else report


@pytest.mark.parametrize("case", FILES)
def test_a_file_of_the_sources_shape_is_read(case, tmp_path):
    name, lines, expected = FILES[case]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    mapping = load_mapping(SHIPPED / f"{name}.yaml")
    converter = RowConverter(mapping, "/x")

    rows = [converter.to_report(row) for row in open_table(path, mapping).rows]

    assert len(rows) == len(expected)
    for read, wanted in zip(rows, expected, strict=True):
        if isinstance(wanted, str):
            assert isinstance(read, PassedOverRow)
            assert read.word == wanted
            continue
        assert isinstance(read, ReportEvent), read
        assert {path: value_of(read.data, path) for path in wanted} == wanted


def test_every_mapping_that_ships_is_tried():
    assert {name for name, *_ in FILES.values()} == set(list_shipped())


@pytest.mark.parametrize("name", list_shipped())
def test_a_file_of_another_source_is_refused_with_what_it_lacks(name, tmp_path):
    (tmp_path / "list.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")

    with pytest.raises(Exception, match="the file has no column"):
        open_table(tmp_path / "list.csv", load_mapping(SHIPPED / f"{name}.yaml"))
