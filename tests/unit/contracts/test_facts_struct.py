"""The struct that reads the facts of complaints quickly reads nothing that the contract refuses, and nothing otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.bench.revisions import Expected, revisions
from shared.contracts import ComplaintFacts, ComplaintOperator, ComplaintRevised
from shared.contracts.facts_struct import FactsStruct, OperatorStruct, read_facts

GOLDEN = Path(__file__).parents[3] / "shared/contracts/examples/gongshi.complaint.revised.v1.json"
REVISIONS = [orjson.loads(each.body()) for each in revisions(12, 1, Expected())]
VALUES = st.none() | st.text(max_size=5) | st.sampled_from([
    "0199f3a0-0000-7000-8000-000000000001", "0199f3a000007000800000000000000a", "{0199f3a0-0000-7000-8000-000000000001}",
    "urn:uuid:0199f3a0-0000-7000-8000-000000000001", "2026-10-01", "2026-02-30", "2026-10-01T00:00:00", "2026-1-1", "0000-01-01",
    1790812800, 0, 1, -1, 2**31, 2**63, 2**70, 1.0, 1.5, True, False, "1", "true", "closed", "complaint", "mediated", "platform",
    [], {}, ["a"], [1], {"key": "k", "name": "n"}, {"key": "k"},
])  # fmt: skip


def assert_read_alike(body):
    fast = read_facts(body)
    if fast is None:
        return
    slow = ComplaintFacts.model_validate_json(body)
    for name in ComplaintFacts.model_fields.keys() - {"operator"}:
        assert (type(getattr(fast, name)), getattr(fast, name)) == (type(getattr(slow, name)), getattr(slow, name))
    assert all(getattr(fast.operator, name) == getattr(slow.operator, name) for name in ComplaintOperator.model_fields)


def test_the_struct_names_the_fields_of_the_contract():
    assert set(FactsStruct.__struct_fields__) == ComplaintRevised.model_fields.keys()
    assert set(OperatorStruct.__struct_fields__) == ComplaintOperator.model_fields.keys()


def test_what_intake_emits_is_read_by_the_struct():
    for body in [GOLDEN.read_bytes(), *map(orjson.dumps, REVISIONS)]:
        assert read_facts(body) is not None
        assert_read_alike(body)


@given(st.sampled_from(REVISIONS), st.sampled_from([*ComplaintRevised.model_fields, "added_later"]), VALUES)
def test_any_value_in_a_field_is_read_alike_or_left_to_pydantic(revision, field, value):
    assert_read_alike(json.dumps({**revision, field: value}).encode())


@given(st.sampled_from(REVISIONS), st.sets(st.sampled_from(sorted(ComplaintRevised.model_fields)), max_size=3))
def test_a_revision_that_lacks_fields_is_read_alike_or_left_to_pydantic(revision, missing):
    assert_read_alike(json.dumps({name: value for name, value in revision.items() if name not in missing}).encode())


@given(st.sampled_from(REVISIONS), st.integers(min_value=0), st.binary(max_size=2), st.integers(0, 2))
def test_damaged_bytes_are_read_alike_or_left_to_pydantic(revision, at, inserted, dropped):
    body = orjson.dumps(revision)
    at %= len(body)

    assert_read_alike(body[:at] + inserted + body[at + dropped :])


@pytest.mark.parametrize("field", ["text", "added_later"])
def test_a_text_that_is_not_utf_8_is_left_to_pydantic(field):
    body = orjson.dumps({**REVISIONS[0], field: "X"}).replace(b'"X"', b'"\xff"')

    assert read_facts(body) is None
