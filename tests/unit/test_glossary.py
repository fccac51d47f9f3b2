"""The glossary names modules and types that exist, and each word once."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [line.strip("|").split("|") for line in GLOSSARY.splitlines() if line.startswith("| ") and not line.startswith("|---")]
HEADINGS = {"word", "term"}
PLACES = sorted(set(re.findall(r"`((?:services|shared|deploy)(?:\.\w+)+)`", GLOSSARY)))


@pytest.mark.parametrize("place", PLACES)
def test_every_place_of_the_glossary_exists(place: str) -> None:
    assert resolve(place) is not None


def test_a_place_that_does_not_exist_is_noticed() -> None:
    with pytest.raises((ImportError, AttributeError)):
        resolve("shared.calendar.Almanac")


def test_every_word_stands_once() -> None:
    words = Counter(row[0].strip().lower() for row in ROWS if row[0].strip() not in HEADINGS)

    assert [word for word, times in words.items() if times > 1] == []


def resolve(place: str) -> object:
    """Return the module or attribute at a dotted path. Raises `ImportError` or `AttributeError` where there is none."""
    parts = place.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(place)
