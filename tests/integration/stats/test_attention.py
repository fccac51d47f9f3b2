"""What deserves attention: an operator whose complaints tripled, and a category that has most of them, with the evidence."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from shared.contracts import ComplaintOperator
from tests.integration.stats.test_api import produce, wait_for_count
from tests.unit.stats.complaints import OPERATORS, facts


def of(operator, day, number):
    return facts(number, operator=ComplaintOperator(key=operator, name=f"店{operator[-1]}"), received_on=day, category="price")


async def test_who_grew_is_told_with_the_months_before(settings, service):
    quiet, grown = OPERATORS[:2]
    months = [date(2026, month, 5) for month in range(1, 11)]
    counts = [(quiet, day, 30) for day in months] + [(grown, day, 36 if day.month == 10 else 10) for day in months]
    complaints = [of(operator, day, 1000 * at + n) for at, (operator, day, count) in enumerate(counts) for n in range(count)]
    await produce(settings, *complaints)
    await wait_for_count(service, "/stats/all?period=2026", len(complaints))

    answer = (await service.get("/stats/attention?period=2026-10")).json()
    categories = (await service.get("/stats/attention?period=2026-10&subject_kind=category")).json()
    table = (await service.get("/stats/attention?period=2026-10&format=csv")).text

    first, second = answer["subjects"]
    assert (first["subject"], first["name"], first["reasons"]) == (grown, "店B", ["concentrated", "growing"])
    assert (first["complaints"], first["before"]["2026-09"]) == (36, 10)
    assert first["expected"] == pytest.approx(10, abs=0.5)
    assert first["chance"] < 0.001
    assert first["same_month_last_year"] is None
    assert (second["subject"], second["reasons"]) == (quiet, ["concentrated"])
    assert (answer["tested"], answer["min_complaints"]) == (2, 10)
    assert [(each["subject"], each["share"]) for each in categories["subjects"]] == [("price", 1.0)]
    assert next(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))["reasons"] == "concentrated growing"


async def test_a_month_that_is_not_over_is_a_conflict(empty_service):
    assert (await empty_service.get("/stats/attention?period=2099-01")).status_code == 409
    assert (await empty_service.get("/stats/attention?period=2026-10")).json()["subjects"] == []
