"""Moments and characters that no report may have."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.intake.domain.report import Reported, is_plain
from services.intake.domain.soundness import LATEST_DUE, unsound
from shared.contracts import ComplaintReport

NOW = datetime(2026, 11, 1, tzinfo=UTC)
REPORT = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01T09:30:00+08:00",
    "operator": {"name": "云州甲商贸有限公司"}, "title": "手机", "status": "received",
}  # fmt: skip


def found(**changes):
    """What is found wrong, by a close look and, where that is allowed, by a quick one, which must agree."""
    report = ComplaintReport.model_validate_strings(REPORT | changes)
    close = unsound(Reported("/letters", "1", report), NOW)
    if is_plain(orjson.dumps(report.model_dump(mode="json"))):
        assert unsound(Reported("/letters", "1", report, plain=True), NOW) == close
    return [(detail.field, detail.code) for detail in close]


def test_a_plain_report_is_sound():
    assert found() == []


def test_a_due_day_may_lie_in_the_future():
    assert found(due_at="2027-01-04T18:00:00+08:00") == []


@pytest.mark.parametrize(
    ("field", "moment", "code"),
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
def test_a_moment_that_cannot_be_is_refused(field, moment, code):
    assert found(**{field: moment}) == [(field, code)]


def test_the_latest_due_moment_is_a_day_everywhere():
    assert LATEST_DUE.astimezone(ZoneInfo("Asia/Shanghai")).year == LATEST_DUE.year


@pytest.mark.parametrize("character", [chr(code) for code in (*range(32), 127) if chr(code) not in "\t\n\r"])
def test_control_characters_are_refused(character):
    assert found(title=f"手{character}机") == [("title", "control_character")]


@pytest.mark.parametrize("character", ["\t", "\n", "\r", '"', "\\", "\u3000", "\u200b", "é"])
def test_other_characters_are_not(character):
    assert found(title=f"手{character}机") == []
