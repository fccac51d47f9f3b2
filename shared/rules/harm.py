"""Whether a complaint may describe harm to a person, by the words and categories of every version of the rules.

Intake, which has the texts at hand, says it in a header of each complaint, so that the publisher need not search the records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import orjson

from shared.rules.model import MajorRules

HEADER = "ce_harm"
DIGEST_LENGTH = 12
_FOUND, _NOTHING = b"1", b"0"


class HarmSearch:
    """A search for what any version of the rules takes for harm.

    `digest` stands for the words and categories: what was found with others says nothing about these.
    """

    def __init__(self, versions: Iterable[MajorRules]) -> None:
        rules = list(versions)
        self.categories = frozenset[str]().union(*(each.harm_categories for each in rules))
        self.words = tuple(sorted({word for each in rules for word in each.harm_words}))
        self._pattern = re.compile("|".join(map(re.escape, self.words))) if self.words else None
        named = orjson.dumps([sorted(self.categories), self.words])
        self._prefix = hashlib.sha256(named).hexdigest()[:DIGEST_LENGTH].encode() + b":"

    def matches(self, category: str | None, text: str) -> bool:
        """Return whether a complaint of this category, with this title and text, may describe harm."""
        return category in self.categories or (self._pattern is not None and self._pattern.search(text) is not None)

    def to_header(self, *, found: bool) -> tuple[str, bytes]:
        """Return the header of a complaint in which harm was found, or not."""
        return HEADER, self._prefix + (_FOUND if found else _NOTHING)

    def read_header(self, value: bytes | None) -> bool | None:
        """Return what the header says; None where it is missing, or was written by other rules."""
        if value is None or not value.startswith(self._prefix):
            return None
        return value != self._prefix + _NOTHING
