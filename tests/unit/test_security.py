"""docs/security.md says of every item of ASVS 5.0, levels 1 and 2, how it stands, and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
STATES = {"met", "part", "accepted", "does not apply"}
ROW = re.compile(r"^\| (\d+)\.(\d+)\.(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
# How many items of levels 1 and 2 each chapter has, and 1.2.10 of level 3; V10 and V17 do not apply as a whole.
ITEMS = {1: 28, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16}
PATHS = re.compile(r"`((?:tests|docs|shared|services|deploy)/[^`:]+)(?:::(\w+))?`")


def test_every_item_of_levels_1_and_2_has_one_row() -> None:
    items = [tuple(int(part) for part in row[:3]) for row in ROW.findall(DOCUMENT)]

    assert len(items) == len(set(items))
    assert {chapter: sum(item[0] == chapter for item in items) for chapter in ITEMS} == ITEMS


def test_every_row_has_a_state_and_what_is_met_or_accepted_says_why() -> None:
    rows = ROW.findall(DOCUMENT)

    assert {row[4] for row in rows} <= STATES
    assert [row[:3] for row in rows if row[4] in ("met", "accepted") and not row[5].strip()] == []


@pytest.mark.parametrize(("path", "name"), sorted(set(PATHS.findall(DOCUMENT))))
def test_what_shows_an_item_exists(path: str, name: str) -> None:
    assert (ROOT / path).exists()
    assert not name or f"def {name}(" in (ROOT / path).read_text("utf-8")
