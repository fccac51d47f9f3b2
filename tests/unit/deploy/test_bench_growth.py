"""What is reported at every size is valid, the same for a number, and unlike any other; costs are compared by their medians."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.disk import topic_bytes
from deploy.bench.growth import LARGEST, Size, Window, report, total_reports
from deploy.bench.growth_plot import write
from deploy.bench.held import HeldReports
from deploy.cli.bench import InvalidSize, parse_sizes
from deploy.supervisor import SERVICES
from shared.contracts.reports import ComplaintReport

SOURCE = HeldReports(1)


@given(number=st.integers(0, 99_999_999), revision=st.integers(2, 20))
def test_a_complaint_of_a_number_is_valid_and_its_revision_is_of_the_same(number: int, revision: int) -> None:
    (first,) = SOURCE.received([number])
    (later,) = SOURCE.revised([number], revision)

    before, after = (ComplaintReport.model_validate_json(each.body) for each in (first, later))

    assert (first.key, before.external_id, before.received_at) == (later.key, after.external_id, after.received_at)
    assert (before.revision, after.revision, before.text) == (1, revision, after.text)
    assert b"<" not in first.body + later.body


def test_complaints_of_different_numbers_are_different() -> None:
    sent = list(SOURCE.received(range(5_000)))

    assert len({each.key for each in sent}) == len({each.body for each in sent}) == 5_000
    assert list(SOURCE.received(range(5_000))) == sent


def window(cpu_s: float) -> Window:
    return Window(1_000, 2.0, dict.fromkeys((*SERVICES, "PostgreSQL", "Kafka"), cpu_s / 6))


def sizes() -> list[Size]:
    tables = {f"intake.table_{number}": 100 - number for number in range(LARGEST + 2)}
    return [
        Size(1_000, [window(0.3), window(9.0), window(0.2)], tables, {"gongshi.reports": 900}),
        Size(5_000, [window(0.33)], {"intake.complaints": 800}, {"gongshi.reports": 900}),
    ]


def test_the_cost_of_a_size_is_its_middle_window() -> None:
    result = report(sizes(), 1_000)

    assert [each["cpu_us_per_report"] for each in result["sizes"]] == [300, 330]
    assert result["flat_within"] == pytest.approx(0.1)
    assert result["sizes"][0]["reports_per_second"] == 500
    assert result["sizes"][1]["disk_bytes_per_complaint"] == 1_700


def test_the_smaller_tables_are_told_together() -> None:
    tables = report(sizes(), 1_000)["sizes"][0]["tables_bytes"]

    assert (len(tables), tables["others"]) == (LARGEST + 1, 100 - LARGEST + 100 - LARGEST - 1)


def test_the_plot_has_a_table(tmp_path: Path) -> None:
    plot = write(sizes(), tmp_path / "new")

    drawing = ET.parse(plot).getroot()
    texts = [each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"1,000", "5,000", "all processes", "PostgreSQL"} <= set(texts)
    assert "var(" not in plot.read_text(encoding="utf-8")
    assert "| 5,000 | 330 |" in (tmp_path / "new" / "growth.md").read_text(encoding="utf-8")


def test_a_topic_is_all_its_partitions_and_what_is_no_partition_does_not_count(tmp_path: Path) -> None:
    for folder in ("gongshi.reports-0", "gongshi.reports-1", "gongshi.figures-0", "notes"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "0.log").write_bytes(b"x" * 10_000)
    (tmp_path / "meta.properties").touch()

    sizes_of_topics = topic_bytes(tmp_path)

    assert list(sizes_of_topics) == ["gongshi.reports", "gongshi.figures"]
    assert sizes_of_topics["gongshi.reports"] == 2 * sizes_of_topics["gongshi.figures"] >= 20_000


def test_sizes_are_numbers_with_commas() -> None:
    assert parse_sizes("5000, 20000") == [5_000, 20_000]
    for wrong in ("5000,many", "10"):
        with pytest.raises(InvalidSize, match="Sizes are numbers"):
            parse_sizes(wrong)


def test_the_sample_reports_are_json_as_sources_send_it() -> None:
    (sent,) = SOURCE.received([7])

    assert orjson.loads(sent.body)["external_id"] == sent.external_id
    assert dict(sent.headers)["ce_type"] == b"gongshi.complaint.reported.v1"


def test_what_windows_add_is_not_filled_again() -> None:
    # 1,000 and two windows of 1,000, then 1,000 more and two windows: half of a window are new complaints.
    assert total_reports([1_000, 3_000], 1_000, 1) == 6_000
