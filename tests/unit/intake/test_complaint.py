"""The complaint revision that intake emits for a report."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.samples import generate
from services.intake.domain.complaint import CodeTables, to_complaint_revised
from services.intake.domain.decision import ComplaintState
from services.intake.redaction import redact, references
from services.intake.redaction.references import redact_reference
from shared.contracts import ComplaintReport, ComplaintRevised
from shared.identity_numbers import check_character

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
        ("330113202610010008", "330113202610010008"),
        ("2026100133011319900101", "2026100133011319900101"),
        ("DDH202610010001", "DDH202610010001"),
        ("139-20261001", "139-20261001"),
        ("6222021234567890123", "6222021234567890123"),
        ("０００１２３", "０００１２３"),
        ("810000199001011230", "[证件号]"),
        ("830000199001011234", "[证件号]"),
        ("911156199001011232", "[证件号]"),
        ("330110199001011234", "[证件号]"),
        ("33011019900101123-4", "[证件号]"),
        ("330110-19900101-1234", "[证件号]"),
        ("HZ330110199001011234/1", "HZ[证件号]/1"),
        ("20261001330110199001011234", "20261001[证件号]"),
        ("３３０１１０１９９００１０１１２３４", "[证件号]"),
        ("330110\u200b199001011234", "[证件号]"),
        ("330110650101123", "[证件号]"),
        ("330110261001123", "330110261001123"),
        ("USA110180010110", "[证件号]"),
        ("8613800138000", "[电话]"),
        ("138 0013 8000", "[电话]"),
        ("13800138000", "[电话]"),
        ("HZ-13800138000-1", "HZ-[电话]-1"),
        ("11010119900307803X", "[证件号]"),
        ("zhang.san@example.com/1", "[邮箱]/1"),
        ("11010119900307803X01", "[证件号]01"),
        ("11010119900307803×", "[证件号]"),
        ("JDVA13912345678", "JDVA13912345678"),
        ("6222021001116245702", "[银行卡号]"),
    ],
)
def test_personal_data_in_a_reference_is_replaced(number, clean):
    event = revised(external_id=number, case_number=number, office=number)

    assert (event.external_id, event.case_number, event.office) == (clean, clean, clean)


@pytest.mark.parametrize(
    ("complainant", "number", "clean"),
    [
        ({"phone": "0571-87654321"}, "TS-057187654321-2", "TS-[电话]-2"),
        ({"phone": "13912345678"}, "2026100113912345678", "20261001[电话]"),
        ({"id_number": "H12345678"}, "H12345678", "[证件号]"),
        ({"id_number": "台胞证01234567"}, "X-01234567", "X-[证件号]"),
        ({"id_number": "A123456(7)"}, "A123456(7)", "[证件号]"),
        ({"name": "王大力"}, "王大力20261001", "[姓名]20261001"),
        ({"name": "王大力", "phone": "13912345678", "id_number": "H12345678"}, "LX20261001001", "LX20261001001"),
    ],
)
def test_what_the_report_names_as_the_complainants_leaves_its_reference(complainant, number, clean):
    event = revised(external_id=number, case_number=number, complainant=complainant)

    assert (event.external_id, event.case_number) == (clean, clean)


@pytest.mark.parametrize("field", ["external_id", "case_number", "office"])
@pytest.mark.parametrize(
    ("complainant", "number", "clean"),
    [
        ({"phone": "15712340098"}, "2026110515712340098", "20261105[电话]"),
        ({"phone": "157-1234-0098"}, "2026110515712340098", "20261105[电话]"),
        ({"phone": "+86 157 1234 0098（本人）"}, "2026110515712340098", "20261105[电话]"),
        ({"phone": "15712340099、15712340098"}, "2026110515712340098", "20261105[电话]"),
        ({"phone": "１５７１２３４００９８"}, "2026110515712340098", "20261105[电话]"),
        ({"phone": "15712340098"}, "２０２６１１０５１５７１２３４００９８", "２０２６１１０５[电话]"),
        ({"phone": "15712340098"}, "2026-1105157-1234-0098", "2026-1105[电话]"),
        ({"id_number": "990102198803041231"}, "2026990102198803041231", "2026[证件号]"),
        ({"id_number": "990102 19880304 1231"}, "2026990102198803041231", "2026[证件号]"),
        ({"phone": "15712340098"}, "2026110515712340097", "2026110515712340097"),
    ],
)
def test_the_complainants_number_leaves_each_reference_however_either_is_written(field, complainant, number, clean):
    event = revised(**{"external_id": "1"} | {field: number}, complainant=complainant)

    assert getattr(event, field) == clean


def test_an_identity_number_with_a_wrong_check_character_leaves_references_too():
    event = revised(external_id="T99010219880304123xA", complainant={"id_number": "99010219880304123X"})

    assert event.external_id == "T[证件号]A"


def test_an_office_keeps_the_place_names_of_the_complainants_address():
    complainant = {"name": "江云", "address": "云州市江东区", "phone": "0571-87654321"}

    event = revised(office="云州市江东区市场监督管理局", complainant=complainant)

    assert event.office == "云州市江东区市场监督管理局"


def test_a_reference_that_cannot_be_searched_is_withheld(monkeypatch):
    def fail(_):
        raise KeyError("county")

    monkeypatch.setattr(references, "normalize", fail)

    assert references.redact_reference("330110199001011234", 2026) == references.WITHHELD


@given(st.text(max_size=64), st.integers(1990, 2100))
def test_no_reference_makes_redaction_fail(number, year):
    assert references.redact_reference(number, year) != references.WITHHELD


@given(
    st.dates(date(1900, 1, 1), date(2022, 12, 31)), st.integers(110000, 999999), st.integers(0, 999), st.integers(2026, 2040)
)
def test_a_right_identity_number_never_stays_in_a_reference(birth, region, sequence, year):
    body = f"{region}{birth:%Y%m%d}{sequence:03}"

    assert redact_reference(f"A-{body}{check_character(body)}", year) == "A-[证件号]"


@given(st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(110000, 999999), st.integers(0, 9999))
def test_the_order_number_of_a_recent_day_stays(day, region, sequence):
    number = f"{region}{day:%Y%m%d}{sequence:04}"

    assert redact_reference(number, 2026) == number


def test_personal_data_in_a_code_is_replaced():
    event = revised(category="退款，找13800138000", industry="li@example.com")

    assert (event.category, event.industry) == ("退款，找[电话]", "[邮箱]")


GROUPS = st.sampled_from(["1990", "0101", "33010", "6", "138", "0013", "8000", "13800138000", "USA", "x", "X", "a@b", "12"])
BETWEEN = st.sampled_from(["", "", "-", " ", "./", "__", " - ", "N"])


@given(st.lists(st.tuples(GROUPS, BETWEEN), max_size=9), st.integers(2000, 2030))
def test_a_reference_that_is_not_searched_in_full_has_nothing_to_be_found(parts, year):
    number = "".join(group + separator for group, separator in parts)

    assert redact_reference(number, year) == references._search_in_full(number, year)


@pytest.mark.parametrize("field", ["external_id", "case_number", "office"])
def test_an_identity_number_that_ends_in_a_letter_leaves_every_reference(field):
    complainant = {"name": "唐小敏", "id_number": "11010519491231002X"}

    event = revised(**{field: "A202611010519491231002XB"}, complainant=complainant)

    assert "11010519491231002" not in event.model_dump_json()
