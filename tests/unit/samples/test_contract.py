"""The samples are built without the contract's classes and agree with them: valid events parse, malformed ones do not."""

from datetime import date
from functools import cache

import orjson
import pytest
from pydantic import ValidationError

from deploy.samples import Emission, generate
from deploy.samples.faults import IN_DATA
from shared.contracts.reports import REPORTED, ComplaintReport

UNTIL = date(2026, 11, 23)
# Rules about values beyond a schema: intake checks them against the clock and the database.
BEYOND_THE_SCHEMA = {"date_in_future", "date_before_1990", "nul_character"}


@cache
def world() -> tuple[Emission, ...]:
    return tuple(generate(5, 2_000, until=UNTIL, faults=0.1))


def report_of(sent: Emission) -> bytes:
    return sent.body if sent.carrier == "kafka_binary" else orjson.dumps(orjson.loads(sent.body)["data"])


def test_every_valid_event_is_a_complaint_report():
    for sent in world():
        if sent.facts and sent.carrier != "csv_row":
            report = ComplaintReport.model_validate_json(report_of(sent), strict=True)
            assert (report.external_id, report.revision, report.status) == sent.facts[1:3] + sent.facts[15:16]


@pytest.mark.parametrize("fault", sorted(set(IN_DATA) - BEYOND_THE_SCHEMA))
def test_every_fault_in_the_data_is_refused_by_the_contract(fault: str):
    malformed = [sent for sent in world() if sent.fault == fault and sent.carrier != "csv_row"]

    assert malformed
    for sent in malformed:
        with pytest.raises(ValidationError):
            ComplaintReport.model_validate_json(report_of(sent), strict=True)


def test_the_type_is_that_of_the_contract():
    types = {dict(sent.headers)["ce_type"].decode() for sent in world() if sent.facts and sent.carrier == "kafka_binary"}

    assert types == {REPORTED}
