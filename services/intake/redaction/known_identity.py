"""The complainant's identity as the report's fields name it, found wherever a text repeats it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from services.intake.domain.report import ComplainantFields
from services.intake.redaction.names_in_field import PLACEHOLDERS, names_of
from shared.personal_data.normalization import normalize
from shared.personal_data.surnames import is_chinese_name
from shared.personal_data.tokens import ADDRESS, IDENTITY, NAME, PHONE, Span

MIN_ADDRESS_LENGTH = 4
MIN_DIGITS = 7

_NOT_DIGITS = re.compile(r"[^0-9]+")
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]+")
_BETWEEN_WORDS = re.compile(r"[\s·.。\-]+")
_NUMBER_SEPARATORS = re.compile(r"[、,，;；/|]|或者?|和")
_PATTERNED = re.compile(r"1[3-9][0-9]{9}|[0-9]{17}[0-9Xx]")
_LETTERED_NUMBER = re.compile(r"[a-z]{1,3}[0-9]{6,12}[0-9a-z()]{0,4}")
_PLAIN_ADDRESS = re.compile(rf"[\u4e00-\u9fff0-9]{{{MIN_ADDRESS_LENGTH},}}")


class KnownIdentity(NamedTuple):
    """Words (normalized, lower case, no spaces or dots) and numbers (digits only) to find, each with its token."""

    words: Sequence[tuple[str, str]]
    numbers: Sequence[tuple[str, str]]
    is_caseless: bool

    def spans(self, text: str) -> list[Span]:
        """Return (start, end, token) of the identity in a normalized text."""
        spans = self._word_spans(text) if self.words else []
        if self.numbers:
            digits = _NOT_DIGITS.sub("", text)
            for number, token in self.numbers:
                if number in digits:
                    spans += _find_spans(number, digits.count(number), _BETWEEN_DIGITS, text, token)
        return spans

    def numbers_only(self) -> KnownIdentity:
        """Return the numbers of the identity, those with letters too: words of an address stand in the names of offices."""
        lettered = tuple(word for word in self.words if word[1] in {PHONE, IDENTITY})
        return KnownIdentity(lettered, self.numbers, is_caseless=False) if lettered or self.numbers else NO_IDENTITY

    def _word_spans(self, text: str) -> list[Span]:
        spans: list[Span] = []
        lower, bare = text if self.is_caseless else _lower(text), ""
        for word, token in self.words:
            if word[-1] in lower and all(map(lower.__contains__, word)):
                bare = bare or _BETWEEN_WORDS.sub("", lower)
                if word in bare:
                    spans += _find_spans(word, bare.count(word), _BETWEEN_CHARACTERS, lower, token)
        return spans


def _lower(text: str) -> str:
    """Return the text in lower case, every character at its position."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def _find_spans(wanted: str, times: int, between: str, text: str, token: str) -> list[Span]:
    """Find `wanted`; the pattern that allows separators is compiled only where the exact search misses some."""
    if text.count(wanted) < times:
        return [(*match.span(), token) for match in re.finditer(between.join(map(re.escape, wanted)), text)]
    spans: list[Span] = []
    start = text.find(wanted)
    while start >= 0:
        spans.append((start, start + len(wanted), token))
        start = text.find(wanted, start + len(wanted))
    return spans


_BETWEEN_CHARACTERS = r"[\s·.。\-]*"
_BETWEEN_DIGITS = r"[^0-9\w]{0,2}"
NO_IDENTITY = KnownIdentity((), (), is_caseless=True)


def known_identity(complainant: ComplainantFields) -> KnownIdentity:
    """Return the identity that the complainant's fields name, without placeholders and fragments too short to identify.

    Mobile and identity numbers are left out: their patterns find them in any notation.
    """
    address, name, phone, id_number = complainant.address, complainant.name, complainant.phone, complainant.id_number
    words: list[tuple[str, str]] = []
    numbers: list[tuple[str, str]] = []
    is_caseless = True
    if address:
        if _PLAIN_ADDRESS.fullmatch(address):
            words.append((address, ADDRESS))
        else:
            words += [(word, ADDRESS) for word in _address_words(address)]
            is_caseless = False
    if name:
        if is_chinese_name(name) and name not in PLACEHOLDERS:
            words.append((name, NAME))
        else:
            words += [(word, NAME) for word in names_of(normalize(name).text)]
            is_caseless = False
    if phone and not _PATTERNED.fullmatch(phone):
        numbers += [(number, PHONE) for number in _numbers_of(phone)]
    if id_number and not _PATTERNED.fullmatch(id_number):
        numbers += [(number, IDENTITY) for number in _numbers_of(id_number)]
        words += [(number, IDENTITY) for number in _lettered_numbers(id_number)]
        is_caseless = False
    return KnownIdentity(words, numbers, is_caseless) if words or numbers else NO_IDENTITY


def with_patterned(identity: KnownIdentity, complainant: ComplainantFields, references: Iterable[str | None]) -> KnownIdentity:
    """Return the identity with the complainant's mobile and identity numbers that stand in one of the reference numbers.

    Within more digits no pattern finds them: 2026100113900001234.
    """
    fields = [(field, token) for field, token in ((complainant.phone, PHONE), (complainant.id_number, IDENTITY)) if field]
    if not fields:
        return identity
    joined = "".join(filter(None, references))
    written = _NOT_ALPHANUMERIC.sub("", joined if joined.isascii() else normalize(joined).text).upper()
    found = [(number, token) for field, token in fields for number in _patterned_numbers(field) if number.upper() in written]
    if not found:
        return identity
    numbers = [each for each in found if each[0].isdecimal()]
    words = [(number.lower(), token) for number, token in found if not number.isdecimal()]
    return KnownIdentity((*identity.words, *words), (*identity.numbers, *numbers), identity.is_caseless and not words)


def _address_words(field: str) -> tuple[str, ...]:
    word = _BETWEEN_WORDS.sub("", normalize(field).text.lower())
    return (word,) if len(word) >= MIN_ADDRESS_LENGTH and word not in PLACEHOLDERS else ()


def _numbers_of(field: str) -> Iterator[str]:
    """Yield the numbers of a field, digits only; several stand between commas or strokes."""
    for part in _NUMBER_SEPARATORS.split(normalize(field).text):
        digits = _NOT_DIGITS.sub("", part)
        if len(digits) >= MIN_DIGITS and not _PATTERNED.fullmatch(digits):
            yield digits


def _patterned_numbers(field: str) -> list[str]:
    """Return the mobile and identity numbers of a field, without the separators that they are written with."""
    if _PATTERNED.fullmatch(field):
        return [field]
    parts = _NUMBER_SEPARATORS.split(normalize(field).text)
    return [number for part in parts for number in _PATTERNED.findall(_NOT_ALPHANUMERIC.sub("", part))]


def _lettered_numbers(field: str) -> Iterator[str]:
    """Yield the numbers of passports and permits in a field, in lower case."""
    for part in _NUMBER_SEPARATORS.split(normalize(field).text):
        number = _BETWEEN_WORDS.sub("", part).lower()
        if _LETTERED_NUMBER.fullmatch(number):
            yield number
