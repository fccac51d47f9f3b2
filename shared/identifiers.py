"""Identifiers: time-ordered UUIDs, and the unified social credit code (统一社会信用代码, GB 32100-2015)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = (1 << 12) - 1
_RANDOM_B = (1 << 62) - 1
_ENTROPY = 10  # bytes an id
# Ids for each request of entropy: the system call costs as much as the rest of an id.
_IDS_PER_CALL = 64


def uuid7() -> UUID:
    """Return a time-ordered UUID (RFC 9562, version 7): ids of one moment are neighbours in an index."""
    return _uuid7(os.urandom(_ENTROPY))


def uuid7s() -> Iterator[UUID]:
    """Yield such UUIDs without end; entropy is requested for many at once."""
    while True:
        entropy = os.urandom(_ENTROPY * _IDS_PER_CALL)
        for start in range(0, len(entropy), _ENTROPY):
            yield _uuid7(entropy[start : start + _ENTROPY])


def _uuid7(entropy: bytes) -> UUID:
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(entropy, "big")
    return UUID(int=(milliseconds << 80) | _VERSION_7 | ((random >> 64 & _RANDOM_A) << 64) | _VARIANT | (random & _RANDOM_B))


@lru_cache(maxsize=16_384)
def canonical_uscc(code: str) -> str | None:
    """Return the code in its canonical form, or None where length, alphabet or check character is wrong.

    The first two characters are the registering department and the kind of body, digits or letters (A army, N rural
    collectives, Y others); six digits of the region, nine characters of the body, the check character (GB 32100-2015, MOD 31).
    """
    compact = _SEPARATORS.sub("", code).upper()
    if not _USCC.fullmatch(compact):
        return None
    total = sum(_USCC_ALPHABET.index(character) * weight for character, weight in zip(compact, _USCC_WEIGHTS, strict=False))
    return compact if compact[17] == _USCC_ALPHABET[-total % 31] else None


_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_USCC = re.compile(r"[1-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")
_SEPARATORS = re.compile(r"[ \-]")
