"""The structs that read reports quickly read nothing that the contract refuses, and nothing otherwise than the contract."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from deploy.samples import kafka_emissions
from services.intake.domain import report_struct
from services.intake.domain.report import StructuredReportEvent, canonical_content, to_json_fields
from services.intake.domain.report_struct import (
    ComplainantStruct,
    EventStruct,
    OperatorStruct,
    ReportStruct,
    read_event,
    read_report,
)
from shared.contracts.reports import Complainant, ComplaintReport, ReportedOperator

TIMES = [
    "2026-10-01T00:00:00Z", "2026-10-01T08:00:00+08:00", "2026-10-01t08:00:00.1234567z", "2026-10-01 08:00:00+08:00",
    "2026-10-01T08:00:00", "2026-10-01T24:00:00Z", "2026-10-01T23:59:60Z", "2026-02-30T00:00:00Z", "2026-10-01T08:00Z",
    "2026-10-01T08:00:00.123456789+08:00", "2026-10-01T08:00:00.999999999Z", "2026-10-01T08:00:00-00:00",
    "2026-10-01T08:00:00+23:59", "2026-10-01T08:00:00+24:00", "2026-10-01T08:00:00+0800", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.9999999-12:00", "1790812800", 1790812800, 1790812800.5,
    "2026-10-01", "", "2026-10-01T08:00:00,5Z", "2026-10-01_08:00:00Z", "2026-10-01T08:00:00 Z", " 2026-10-01T08:00:00Z",
    "2026-10-01T08:00:00Z\n", "2026-10-01T08:00:00−08:00", "２０２６-10-01T08:00:00Z",
]  # fmt: skip
CODES = [
    "complaint",
    "tip_off",
    "closed",
    "accepted",
    "platform",
    "hotline_12345",
    "mediated",
    "dispatched",
    "Closed",
    "closed ",
]
NUMBERS = [0, 1, 5, 6, -1, 1_000_000, 1_000_001, 2**63, 2**70, 1.0, 1e0, 1.5, 1e400, True, False]
YUAN = ["0", "00", "1.5", "1.50", "1.505", "1.", ".5", "1\n", "1.5\n", "-1", "１", "999999999999.99", "1000000000000", "1e3"]
LENGTHS = [0, 1, 64, 65, 128, 129, 200, 201, 1_000, 1_001, 4_000, 4_001, 20_000, 20_001]
TEXTS = st.text(max_size=8) | st.sampled_from(LENGTHS).map("\U0001f600".__mul__) | st.sampled_from(LENGTHS).map("店".__mul__)
VALUES = st.none() | st.sampled_from([*TIMES, *CODES, *NUMBERS, *YUAN, [], {}, [1], {"name": "甲店"}]) | TEXTS
SAMPLES = [orjson.loads(sent.body) for sent in kafka_emissions(60)]
CONTENTS = [sample.get("data", sample) for sample in SAMPLES]
EVENTS = [sample for sample in SAMPLES if "data" in sample]


def plain(value: object) -> object:
    """Return a value with its types, moments with their offsets, without the class of the object that holds it."""
    if isinstance(value, BaseModel | report_struct.Struct):
        names = value.__class__.model_fields if isinstance(value, BaseModel) else value.__struct_fields__
        return {name: plain(getattr(value, name)) for name in sorted(names)}
    return (type(value), value.isoformat()) if hasattr(value, "isoformat") else (type(value), value)


def assert_read_alike(body: bytes) -> None:
    fast = read_report(body)
    if fast is not None:
        slow = ComplaintReport.model_validate_json(body)
        assert plain(fast) == plain(slow)
        assert canonical_content(fast) == canonical_content(slow)
        assert to_json_fields(fast) == to_json_fields(slow)


@pytest.mark.parametrize(
    ("struct", "model"),
    [
        (ReportStruct, ComplaintReport),
        (OperatorStruct, ReportedOperator),
        (ComplainantStruct, Complainant),
    ],
)
def test_a_struct_has_the_fields_of_the_contract(struct, model):
    assert set(struct.__struct_fields__) == model.model_fields.keys()


def test_a_struct_has_the_attributes_of_the_envelope():
    assert StructuredReportEvent.model_fields.keys() <= set(EventStruct.__struct_fields__)


def test_the_reports_of_all_sample_hotlines_are_read_by_structs():
    for sample in SAMPLES:
        body = orjson.dumps(sample)
        assert (read_event(body) if "data" in sample else read_report(body)) is not None
        assert_read_alike(orjson.dumps(sample.get("data", sample)))


@given(st.sampled_from(CONTENTS), st.sampled_from(sorted(ComplaintReport.model_fields)), VALUES)
def test_a_report_with_any_value_in_a_field_is_read_alike_or_left_to_pydantic(content, field, value):
    assert_read_alike(dumps({**content, field: value}))


@given(st.sampled_from(CONTENTS), st.sampled_from(sorted(ReportedOperator.model_fields)), VALUES)
def test_an_operator_with_any_value_in_a_field_is_read_alike_or_left_to_pydantic(content, field, value):
    assert_read_alike(dumps({**content, "operator": {**content["operator"], field: value}}))


@given(st.sampled_from(CONTENTS), st.sampled_from(sorted(Complainant.model_fields)), VALUES)
def test_a_complainant_with_any_value_in_a_field_is_read_alike_or_left_to_pydantic(content, field, value):
    assert_read_alike(dumps({**content, "complainant": {**content["complainant"], field: value}}))


@given(st.sampled_from(CONTENTS), st.sets(st.sampled_from(sorted(ComplaintReport.model_fields))))
def test_a_report_that_lacks_fields_is_read_alike_or_left_to_pydantic(content, missing):
    assert_read_alike(dumps({name: value for name, value in content.items() if name not in missing}))


@given(st.sampled_from(CONTENTS), st.integers(min_value=0), st.binary(max_size=3), st.integers(0, 3))
@example(CONTENTS[0], 0, b"\xef\xbb\xbf", 0)
def test_bytes_that_were_damaged_are_read_alike_or_left_to_pydantic(content, at, inserted, dropped):
    body = dumps(content)
    at %= len(body)
    assert_read_alike(body[:at] + inserted + body[at + dropped :])


@given(st.sampled_from(EVENTS), st.sampled_from([*EventStruct.__struct_fields__, "data_base64", "partner"]), VALUES)
def test_an_event_with_any_value_in_an_attribute_is_read_alike_or_left_to_pydantic(event, attribute, value):
    body = dumps({**event, attribute: value})
    fast = read_event(body)
    if fast is not None:
        slow = StructuredReportEvent.model_validate_json(body)
        assert (fast.id, fast.source) == (slow.id, slow.source)
        assert plain(fast.data) == plain(slow.data)


@pytest.mark.parametrize("field", sorted(ComplaintReport.model_fields))
def test_a_field_that_is_given_twice_is_read_alike_or_left_to_pydantic(field):
    content = CONTENTS[0]
    for value in (*TIMES[:4], *CODES[:3], *NUMBERS[:4]):
        again = dumps({field: value})[1:]
        assert_read_alike(dumps(content)[:-1] + b"," + again)


def test_a_field_that_no_contract_names_is_left_to_pydantic():
    body = dumps({**CONTENTS[0], "surname": "甲"})

    assert read_report(body) is None
    assert ComplaintReport.model_validate_json(body)


def test_an_amount_with_a_line_break_is_left_to_pydantic_which_refuses_it():
    body = dumps({**CONTENTS[0], "amount": "1.5\n"})

    assert read_report(body) is None
    with pytest.raises(ValidationError):
        ComplaintReport.model_validate_json(body)


def dumps(value: object) -> bytes:
    """Return JSON with numbers of any size, which orjson would not write."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
