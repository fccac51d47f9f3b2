"""The pictures of the documentation: small, and those that the documents show are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_BYTES = 150_000


def test_every_picture_is_small_and_each_that_a_document_shows_is_there() -> None:
    pictures = {path.name: path.stat().st_size for path in (ROOT / "docs" / "img").iterdir()}
    shown = {
        name
        for document in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for name in re.findall(r"img/([\w-]+\.png)", document.read_text(encoding="utf-8"))
    }

    assert {name: size for name, size in pictures.items() if size > MAX_BYTES} == {}
    assert shown
    assert shown <= pictures.keys()
