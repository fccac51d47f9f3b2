"""Lists of operators as people type or paste them: credit codes between whatever separates them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.identifiers import canonical_uscc

SEPARATORS = re.compile(r"[\s,;，；、]+")


@dataclass(frozen=True, slots=True)
class OperatorCodes:
    """Credit codes of a list, each once in its order: those with a right check digit, and the rest."""

    right: tuple[str, ...]
    wrong: tuple[str, ...]


def read_codes(text: str) -> OperatorCodes:
    """Return the credit codes of a list."""
    typed = list(dict.fromkeys(filter(None, SEPARATORS.split(text))))
    found = {each: canonical_uscc(each) for each in typed}
    return OperatorCodes(
        tuple(dict.fromkeys(code for code in found.values() if code)), tuple(each for each, code in found.items() if not code)
    )
