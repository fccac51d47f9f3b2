"""The publisher answers as its OpenAPI document declares, whatever is asked."""

from __future__ import annotations

import pytest

from tests.schema_check import check_schema

pytestmark = pytest.mark.asyncio(loop_scope="session")

# An event stream never ends.
WITHOUT_STREAMS = ("--exclude-path-regex", "/events$")
# Fewer examples, so that this takes seconds.
OPTIONS = ("--phases", "fuzzing", "--max-examples", "6")


async def test_schemathesis_finds_nothing_as_a_reader(released, tmp_path):
    await check_schema(released.app, tmp_path, {"Accept": "application/json"}, *WITHOUT_STREAMS, *OPTIONS)
