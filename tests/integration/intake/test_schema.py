"""Intake answers as its OpenAPI document declares, whatever is asked."""

from __future__ import annotations

from tests.integration.intake.conftest import KEY
from tests.schema_check import check_schema

# Each event of a batch stands for itself (202), one that fits the schema may be of another source (422), and a body that is too
# large is 413: what fits and what does not is not told by the status.
BY_EVENT = ("--exclude-checks", "negative_data_rejection,positive_data_acceptance")
# Every combination of a report's fields is half a minute; these are seconds.
FEW = ("--phases", "fuzzing")


async def test_schemathesis_finds_nothing_as_a_source(post, intake, tmp_path):
    await check_schema(intake.app, tmp_path, {"Accept": "application/json", "Authorization": f"Bearer {KEY}"}, *BY_EVENT, *FEW)
