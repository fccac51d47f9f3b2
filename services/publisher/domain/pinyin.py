"""How names are read: pinyin and initials in Latin letters, with readings of our own for places, surnames and shops.

`pypinyin` reads single characters by their commonest sound, so 单县 and 什邡 come out wrong;
`shared/reference/readings.csv` has the words that names of operators are made of.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Any

_LETTERS = re.compile(r"[a-z]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


def read_name(name: str) -> tuple[str, str]:
    """Return a name as pinyin without tones and as the initials of its syllables; letters and digits stay."""
    syllables = [part.lower() for part in _reader().lazy_pinyin(name, errors=_keep) if part.strip()]
    return "".join(syllables), "".join(part if not part.isascii() or part.isdigit() else part[0] for part in syllables)


def has_han(text: str) -> bool:
    """Return whether a text has Chinese characters, which are read."""
    return _HAN.search(text) is not None


def latin_letters(text: str) -> str:
    """Return the letters of a query typed in pinyin, without blanks, tone digits and apostrophes; empty for any other."""
    letters = re.sub(r"[\s'’·1-5-]+", "", text.lower())
    return letters if _LETTERS.fullmatch(letters) else ""


def _keep(text: str) -> list[str]:
    """Return what is not Chinese as it stands, without punctuation."""
    return re.findall(r"[a-z]+|[0-9]+", text.lower())


@cache
def _reader() -> Any:
    """Return the library with our readings; its tables take 30 MB, so they are loaded when first asked."""
    import pypinyin

    rows = csv.DictReader((files("shared.reference") / "readings.csv").read_text(encoding="utf-8").splitlines())
    pypinyin.load_phrases_dict({row["words"]: [[syllable] for syllable in row["reading"].split()] for row in rows})
    return pypinyin
