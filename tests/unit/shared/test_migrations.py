"""Migrations of a schema come from several folders into one table of versions."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.database.migrations import SCHEMAS


@pytest.mark.parametrize("schema", SCHEMAS)
def test_no_two_migrations_of_a_schema_have_the_same_version(schema):
    versions = Counter(file.name.partition("_")[0] for folder in SCHEMAS[schema] for file in folder.glob("*.sql"))

    assert [version for version, count in versions.items() if count > 1] == []
