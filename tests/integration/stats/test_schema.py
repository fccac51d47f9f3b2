"""Stats answers as its OpenAPI document declares, whatever is asked."""

from __future__ import annotations

from tests.schema_check import check_schema


async def test_schemathesis_finds_nothing(empty_service, tmp_path):
    await check_schema(empty_service.app, tmp_path, {"Accept": "application/json"})
