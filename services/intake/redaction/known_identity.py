"""The complainant's identity as the report's fields name it, found wherever a text repeats it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.redaction.patterns import IDENTITY, PHONE, Span
from shared.contracts.reports import Complainant

NAME = "[姓名]"
ADDRESS = "[地址]"

MIN_NAME_LENGTH = 2
MIN_ADDRESS_LENGTH = 4
MIN_DIGITS = 7

# What clerks write in the name field where the name is unknown or withheld; in a text these words name nobody.
PLACEHOLDER_NAMES = frozenset({
    "匿名", "无", "不详", "未知", "保密", "不便透露", "消费者", "投诉人", "举报人", "来电人", "来信人", "当事人", "顾客",
    "客户", "市民", "群众", "本人", "先生", "女士", "男士", "小姐", "anonymous", "unknown", "none", "n/a", "null", "consumer",
})  # fmt: skip
_NOT_DIGITS = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """Words (NFKC, lower case, no spaces) and numbers (digits only) to find, each with the token that replaces it."""

    words: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, str], ...]

    @property
    def is_plain(self) -> bool:
        """Whether the words have no compatibility form in a text that `needs_normalization` passes."""
        return all(_IDEOGRAPHS_AND_DIGITS.fullmatch(word) for word, _ in self.words)

    def occurs_in(self, text: str, *, is_unusual: bool) -> bool:
        """Return whether the raw `text` holds a word, so that it needs the full search."""
        if any(word in text for word, _ in self.words):
            return True
        hidden = [
            word
            for word, _ in self.words
            if (is_unusual or not _IDEOGRAPHS_AND_DIGITS.fullmatch(word)) and _may_contain(text, word)
        ]
        if not hidden:
            return False
        bare = "".join(unicodedata.normalize("NFKC", text).split()).lower()
        return any(word in bare for word in hidden)

    def spans(self, normalized_text: str) -> Iterator[Span]:
        """Yield (start, end, token) of the identity in a normalized text."""
        if self.words:
            lower = normalized_text.lower()
            bare = "".join(lower.split())
            for word, token in self.words:
                if word in bare:
                    yield from _word_spans(word, bare.count(word), _SPACED, lower, token)
        if self.numbers:
            digits = _NOT_DIGITS.sub("", normalized_text)
            for number, token in self.numbers:
                if number in digits:
                    yield from _word_spans(number, digits.count(number), _BETWEEN, normalized_text, token)


_IDEOGRAPHS_AND_DIGITS = re.compile(r"[\u4e00-\u9fff0-9]+")


def _may_contain(text: str, word: str) -> bool:
    """Return whether the text holds the first and last character of the word; letters and digits may have another width."""
    return all(end.isascii() or end in text for end in (word[0], word[-1]))


def _word_spans(wanted: str, times: int, between: str, text: str, token: str) -> Iterator[Span]:
    """Find `wanted`; the pattern that allows separators is compiled only where the exact search misses some."""
    if text.count(wanted) < times:
        for match in re.finditer(between.join(map(re.escape, wanted)), text):
            yield *match.span(), token
        return
    start = text.find(wanted)
    while start >= 0:
        yield start, start + len(wanted), token
        start = text.find(wanted, start + len(wanted))


_SPACED = r"\s*"
_BETWEEN = r"[^0-9\w]{0,2}"
NO_IDENTITY = KnownIdentity((), ())


def known_identity(complainant: Complainant) -> KnownIdentity:
    """Return the identity that the complainant's fields name, without placeholders and fragments too short to identify.

    Mobile and identity numbers are left out: their patterns find them in any notation.
    """
    words = [
        (form, token)
        for form, token in (
            (_comparable_word(complainant.address, MIN_ADDRESS_LENGTH), ADDRESS),
            (_comparable_word(complainant.name, MIN_NAME_LENGTH), NAME),
        )
        if form and form not in PLACEHOLDER_NAMES
    ]
    numbers = [
        (digits, token)
        for digits, token in ((_digits_of(complainant.phone), PHONE), (_digits_of(complainant.id_number), IDENTITY))
        if len(digits) >= MIN_DIGITS and not _PATTERNED.match(digits)
    ]
    return KnownIdentity(tuple(words), tuple(numbers)) if words or numbers else NO_IDENTITY


_PATTERNED = re.compile(r"(?:1[3-9][0-9]{9}|[0-9]{17,18})$")


def _comparable_word(value: str | None, least: int) -> str:
    if not value:
        return ""
    form = value if _IDEOGRAPHS_AND_DIGITS.fullmatch(value) else "".join(unicodedata.normalize("NFKC", value).split()).lower()
    return form if len(form) >= least else ""


def _digits_of(value: str | None) -> str:
    if not value:
        return ""
    return value if value.isascii() and value.isdigit() else _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", value))
