"""A sketch of a text by which two texts are compared without either: its pairs of characters as bits.

Of texts of some hundred characters the estimate is right within some hundredths.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from math import log
from typing import NamedTuple

BITS = 1024
BYTES = BITS // 8
# Below so many pairs of characters likeness says nothing.
MIN_PAIRS = 8

# What hotlines write around every dispute, and the tokens of redaction.
_AROUND = re.compile(
    r"\[[^\[\]]{1,12}\]|"
    r"(?:市民|来电人|诉求人|投诉人|反映人|当事人|消费者|来访人|群众|本人|先生|女士)|"
    r"(?:来电|来信|来访)?(?:反映|投诉|反馈|表示|称|诉称|举报)|"
    r"(?:请|望|希望|要求|请求|诉求)?(?:相关|有关|贵|职能)?(?:部门|单位|贵局|市场监管部门|市监局)?"
    r"(?:尽快|及时|依法|协助|帮助)?(?:核实|核查|调查|调解|协调|处理|解决|查处|答复|回复|介入|督促)(?:并(?:答复|回复|处理))?|"
    r"(?:谢谢|感谢|多次联系无果|协商未果|沟通无果)"
)
_NO_WORD = re.compile(r"[^\w]+|_")


class Likeness(NamedTuple):
    """How alike two texts are, 0 to 1: the pairs in both by all of them, and by those of the shorter text."""

    jaccard: float
    contained: float


def sketch(*texts: str | None) -> int:
    """Return the sketch of texts; 0 where there is hardly one."""
    joined = unicodedata.normalize("NFKC", " ".join(filter(None, texts))).casefold()
    words = _NO_WORD.sub("", _AROUND.sub("", joined))
    bits = 0
    for first, second in pairwise(words):
        bits |= 1 << (((ord(first) * 33 ^ ord(second)) * 2_654_435_761 >> 9) & (BITS - 1))
    return bits if len(words) > MIN_PAIRS else 0


def likeness(first: int, second: int) -> Likeness | None:
    """Return how alike two sketched texts are; None where one has no sketch."""
    if not first or not second:
        return None
    one, other, both = _pairs(first), _pairs(second), _pairs(first | second)
    shared = max(0.0, one + other - both)
    return Likeness(shared / both, min(1.0, shared / min(one, other)))


def _pairs(bits: int) -> float:
    """Return the number of pairs of a sketch, as it follows from the share of its bits that are set (linear counting)."""
    return -BITS * log(1 - min(bits.bit_count(), BITS - 1) / BITS)
