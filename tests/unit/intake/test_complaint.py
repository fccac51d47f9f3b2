"""What intake says of a report."""

from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from deploy.samples import generate
from services.intake.domain.complaint import Tables, complaint
from services.intake.domain.decision import State
from services.intake.redaction import redacted
from shared.contracts import ComplaintReport, ComplaintRevised

TABLES = Tables(frozenset({"990106"}), frozenset({"F5273"}), frozenset({"quality"}), ZoneInfo("Asia/Shanghai"))
STATE = State(UUID(int=1), 1, bytes(16), ever_accepted=False, withheld=False, revision=1, operator_key="N-1", name_key="甲")
REPORT = {
    "channel": "letter", "external_id": "1", "kind": "complaint", "received_at": "2026-10-01T17:30:00Z",
    "operator": {"name": "云州甲商贸有限公司"}, "title": "手机", "status": "received",
    "region": "990106", "industry": "F5273", "category": "quality",
}  # fmt: skip


def said(**changes):
    report = ComplaintReport.model_validate_strings(REPORT | changes)
    return complaint(report, STATE, "/letters/990106", redacted(report), TABLES)


def test_what_is_said_is_what_the_contract_makes_of_it():
    """The writer does not have the contract look at each complaint again, so this does."""
    for emission in generate(seed=3, complaints=300, months=6, carriers="kafka", faults=0):
        if emission.carrier == "kafka_binary":
            report = ComplaintReport.model_validate_json(emission.body)
            told = complaint(report, STATE, emission.source, redacted(report), TABLES)

            assert list(told.__dict__) == list(ComplaintRevised.model_fields)
            assert told == ComplaintRevised.model_validate_json(told.body(), strict=True)
            assert told.body() == ComplaintRevised(**told.__dict__).model_dump_json().encode()


def test_days_are_those_of_the_time_zone():
    assert f"{said().received_on}" == "2026-10-02"


def test_codes_that_the_tables_know_are_mapped():
    assert said().unmapped == ()


def test_a_code_that_no_table_knows_is_kept_as_given_and_marked():
    told = said(region="330106001002", industry="X9", category="wrong size")

    assert (told.region, told.industry, told.category) == ("330106001002", "X9", "wrong size")
    assert told.unmapped == ("region", "industry", "category")


@pytest.mark.parametrize(
    ("number", "left"),
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
def test_a_reference_loses_what_cannot_be_its_own_and_nothing_else(number, left):
    told = said(external_id=number, case_number=number, office=number)

    assert (told.external_id, told.case_number, told.office) == (left, left, left)


def test_personal_data_in_a_code_does_not_leave_intake():
    told = said(category="退款，找13800138000", industry="li@example.com")

    assert (told.category, told.industry) == ("退款，找[电话]", "[邮箱]")
