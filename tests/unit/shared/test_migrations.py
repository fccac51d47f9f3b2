"""The migrations of a schema come from several folders and have versions of their own."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.database import SCHEMAS


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_migration_of_a_schema_has_a_version_of_its_own(schema):
    """dbmate orders all folders of a schema by version and stores each version once."""
    versions = Counter(path.name.split("_")[0] for folder in SCHEMAS[schema] for path in folder.glob("*.sql"))

    assert [version for version, times in versions.items() if times > 1] == []
    assert all(len(version) == len("20261127000101") for version in versions)
