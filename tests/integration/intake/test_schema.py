"""Intake answers as its OpenAPI document declares, whatever is asked."""

from __future__ import annotations

from tests.integration.intake.conftest import KEY
from tests.schema_check import check_schema

# Every combination of a report's fields is half a minute; these are seconds.
FEW = ("--phases", "fuzzing")


async def test_schemathesis_finds_nothing_as_a_source(post, intake, tmp_path):
    await check_schema(intake.app, tmp_path, {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}, *FEW)
