"""Corrections answers as its OpenAPI document declares, whatever is asked."""

from __future__ import annotations

from tests.schema_check import check_schema


async def test_schemathesis_finds_nothing_as_a_stranger(harness, tmp_path):
    await check_schema(harness.app, tmp_path, {"Accept": "application/json"})


async def test_schemathesis_finds_nothing_as_an_officer(harness, tmp_path):
    session = {"Accept": "application/json", "Cookie": f"gongshi_session={harness.officer.cookies['gongshi_session']}"}

    await check_schema(
        harness.app, tmp_path, session, "--include-path-regex", "/desk", "--generation-with-security-parameters", "false"
    )
