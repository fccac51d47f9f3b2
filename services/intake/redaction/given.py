"""The complainant's own data as the report names it: wherever it stands in a text, it goes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.redaction.patterns import IDENTITY, PHONE, Span
from shared.contracts.reports import Complainant

NAME = "[姓名]"
ADDRESS = "[地址]"

LEAST_NAME = 2
LEAST_ADDRESS = 4
LEAST_DIGITS = 7

# What clerks write where they do not know or do not tell the name; as words of a text these are nobody's.
NAMELESS = frozenset({
    "匿名", "无", "不详", "未知", "保密", "不便透露", "消费者", "投诉人", "举报人", "来电人", "来信人", "当事人", "顾客",
    "客户", "市民", "群众", "本人", "先生", "女士", "男士", "小姐", "anonymous", "unknown", "none", "n/a", "null", "consumer",
})  # fmt: skip
_NOT_DIGITS = re.compile(r"[^0-9]+")


@dataclass(frozen=True, slots=True)
class Given:
    """What to look for: words in one case without spaces, and numbers as digits, each with the token that replaces it."""

    words: tuple[tuple[str, str], ...]
    numbers: tuple[tuple[str, str], ...]

    @property
    def plain(self) -> bool:
        """Whether the words are of characters that can be written in one way only, where a text has nothing unusual."""
        return all(_PLAIN.fullmatch(word) for word, _ in self.words)

    def in_raw(self, text: str, *, unusual: bool) -> bool:
        """Return whether a word stands in `text` as it came, so that a closer look is due."""
        if any(word in text for word, _ in self.words):
            return True
        hidden = [word for word, _ in self.words if (unusual or not _PLAIN.fullmatch(word)) and _may_hold(text, word)]
        if not hidden:
            return False
        bare = "".join(unicodedata.normalize("NFKC", text).split()).lower()
        return any(word in bare for word in hidden)

    def spans(self, normal_text: str) -> Iterator[Span]:
        """Yield (start, end, token) of what was given, in a normal text."""
        if self.words:
            lower = normal_text.lower()
            bare = "".join(lower.split())
            for word, token in self.words:
                if word in bare:
                    yield from _found(word, bare.count(word), _SPACED, lower, token)
        if self.numbers:
            digits = _NOT_DIGITS.sub("", normal_text)
            for number, token in self.numbers:
                if number in digits:
                    yield from _found(number, digits.count(number), _BETWEEN, normal_text, token)


_PLAIN = re.compile(r"[\u4e00-\u9fff0-9]+")


def _may_hold(text: str, word: str) -> bool:
    """Return whether the ends of the word stand in the text at all; letters and digits may stand there in another width."""
    return all(end.isascii() or end in text for end in (word[0], word[-1]))


def _found(wanted: str, times: int, between: str, text: str, token: str) -> Iterator[Span]:
    """Find `wanted`; a pattern that allows for characters between is only made where the plain search misses some."""
    if text.count(wanted) < times:
        for match in re.finditer(between.join(map(re.escape, wanted)), text):
            yield *match.span(), token
        return
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted), token
        at = text.find(wanted, at + len(wanted))


_SPACED = r"\s*"
_BETWEEN = r"[^0-9\w]{0,2}"
NOTHING = Given((), ())


def given(complainant: Complainant) -> Given:
    """Return what the complainant fields name, without fillers and fragments too short to be anybody's.

    Mobile and identity numbers are left to their patterns, which find them in any notation.
    """
    words = [
        (form, token)
        for form, token in ((_bare(complainant.address, LEAST_ADDRESS), ADDRESS), (_bare(complainant.name, LEAST_NAME), NAME))
        if form and form not in NAMELESS
    ]
    numbers = [
        (digits, token)
        for digits, token in ((_digits(complainant.phone), PHONE), (_digits(complainant.id_number), IDENTITY))
        if len(digits) >= LEAST_DIGITS and not _PATTERNED.match(digits)
    ]
    return Given(tuple(words), tuple(numbers)) if words or numbers else NOTHING


_PATTERNED = re.compile(r"(?:1[3-9][0-9]{9}|[0-9]{17,18})$")


def _bare(value: str | None, least: int) -> str:
    if not value:
        return ""
    form = value if _PLAIN.fullmatch(value) else "".join(unicodedata.normalize("NFKC", value).split()).lower()
    return form if len(form) >= least else ""


def _digits(value: str | None) -> str:
    if not value:
        return ""
    return value if value.isascii() and value.isdigit() else _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", value))
