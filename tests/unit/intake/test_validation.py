"""Times and characters that no report may have."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.intake.domain.report import ReportEvent, is_escape_free
from services.intake.domain.validation import LATEST_DUE, validate
from shared.contracts import ComplaintReport

NOW = datetime(2026, 11, 1, tzinfo=UTC)
REPORT = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01T09:30:00+08:00",
    "operator": {"name": "云州甲商贸有限公司"}, "title": "手机", "status": "received",
}  # fmt: skip


def finding_codes(**changes):
    """The (field, code) of findings; the quick check of escape-free reports must agree with the full one."""
    report = ComplaintReport.model_validate_strings(REPORT | changes)
    full = validate(ReportEvent("/letters", "1", report), NOW)
    if is_escape_free(orjson.dumps(report.model_dump(mode="json"))):
        assert validate(ReportEvent("/letters", "1", report, is_escape_free=True), NOW) == full
    return [(detail.field, detail.code) for detail in full]


def test_a_report_without_faults_is_valid():
    assert finding_codes() == []


@pytest.mark.parametrize("name", [" ", "\u200b", "“”", "\u3000\ufeff"])
def test_an_operator_without_a_visible_name_is_refused(name):
    assert finding_codes(operator={"name": name}) == [("operator.name", "empty")]


def test_a_due_day_may_be_in_the_future():
    assert finding_codes(due_at="2027-01-04T18:00:00+08:00") == []


@pytest.mark.parametrize(
    ("field", "time", "code"),
    [
        ("received_at", "0001-01-01T00:00:00+08:00", "too_old"),
        ("received_at", "1989-12-31T23:59:59Z", "too_old"),
        ("received_at", "1990-01-01T23:00:00+23:59", "too_old"),
        ("received_at", "2026-11-02T00:00:00Z", "in_future"),
        ("received_at", "2026-11-01T00:11:00Z", "in_future"),
        ("accepted_at", "2026-10-31T01:00:00-23:59", "in_future"),
        ("accepted_at", "9999-12-31T23:59:59-08:00", "in_future"),
        ("due_at", "1989-12-31T00:00:00Z", "too_old"),
        ("due_at", "9999-12-31T23:59:59Z", "out_of_range"),
    ],
)
def test_an_impossible_time_is_refused(field, time, code):
    assert finding_codes(**{field: time}) == [(field, code)]


def test_the_latest_due_time_is_a_date_in_every_time_zone():
    assert LATEST_DUE.astimezone(ZoneInfo("Asia/Shanghai")).year == LATEST_DUE.year


@pytest.mark.parametrize("character", [chr(code) for code in (*range(32), 127) if chr(code) not in "\t\n\r"])
def test_control_characters_are_refused(character):
    assert finding_codes(title=f"手{character}机") == [("title", "control_character")]


@pytest.mark.parametrize("character", ["\t", "\n", "\r", '"', "\\", "\u3000", "\u200b", "é"])
def test_other_characters_are_accepted(character):
    assert finding_codes(title=f"手{character}机") == []
