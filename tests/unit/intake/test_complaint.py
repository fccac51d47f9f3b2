"""The complaint revision that intake emits for a report."""

from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from deploy.samples import generate
from services.intake.domain.complaint import CodeTables, to_complaint_revised
from services.intake.domain.decision import ComplaintState
from services.intake.redaction import redact
from shared.contracts import ComplaintReport, ComplaintRevised

TABLES = CodeTables(frozenset({"990106"}), frozenset({"F5273"}), frozenset({"quality"}), ZoneInfo("Asia/Shanghai"))
STATE = ComplaintState(
    UUID(int=1), 1, bytes(16), ever_accepted=False, withheld=False, revision=1, operator_key="N-1", name_key="甲"
)
REPORT = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01T17:30:00Z",
    "operator": {"name": "云州甲商贸有限公司"}, "title": "手机", "status": "received",
    "region": "990106", "industry": "F5273", "category": "quality",
}  # fmt: skip


def revised(**changes):
    report = ComplaintReport.model_validate_strings(REPORT | changes)
    return to_complaint_revised(report, STATE, "/letters/990106", redact(report), TABLES)


def test_the_constructed_event_equals_the_validated_event():
    """The writer skips validation for speed, so this test validates."""
    for emission in generate(seed=3, complaints=300, months=6, carriers="kafka", faults=0):
        if emission.carrier == "kafka_binary":
            report = ComplaintReport.model_validate_json(emission.body)
            event = to_complaint_revised(report, STATE, emission.source, redact(report), TABLES)

            assert list(event.__dict__) == list(ComplaintRevised.model_fields)
            assert event == ComplaintRevised.model_validate_json(event.body(), strict=True)
            assert event.body() == ComplaintRevised(**event.__dict__).model_dump_json().encode()


def test_days_are_those_of_the_time_zone():
    assert f"{revised().received_on}" == "2026-10-02"


def test_codes_of_the_tables_are_mapped():
    assert revised().unmapped == ()


def test_a_code_of_no_table_is_unchanged_and_marked_unmapped():
    event = revised(region="330106001002", industry="X9", category="wrong size")

    assert (event.region, event.industry, event.category) == ("330106001002", "X9", "wrong size")
    assert event.unmapped == ("region", "industry", "category")


@pytest.mark.parametrize(
    ("number", "clean"),
    [
        ("YZ20261001A1B2C3D4000123", "YZ20261001A1B2C3D4000123"),
        ("12345-20261001-000123", "12345-20261001-000123"),
        ("330106202610011234", "330106202610011234"),
        ("13800138000", "[电话]"),
        ("HZ-13800138000-1", "HZ-[电话]-1"),
        ("11010119900307803X", "[证件号]"),
        ("zhang.san@example.com/1", "[邮箱]/1"),
    ],
)
def test_personal_data_in_a_reference_is_replaced(number, clean):
    event = revised(external_id=number, case_number=number, office=number)

    assert (event.external_id, event.case_number, event.office) == (clean, clean, clean)


def test_personal_data_in_a_code_is_replaced():
    event = revised(category="退款，找13800138000", industry="li@example.com")

    assert (event.category, event.industry) == ("退款，找[电话]", "[邮箱]")
