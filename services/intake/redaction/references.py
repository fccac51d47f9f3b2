"""Redaction of reference numbers of sources and offices: what is a person's goes, every other number stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from services.intake.redaction.known_identity import NO_IDENTITY, KnownIdentity
from shared.identity_numbers import LENGTH, OLD_LENGTH, is_identity_number, is_old_identity_number, is_old_resident_card
from shared.personal_data.normalization import normalize
from shared.personal_data.patterns import has_luhn_digit
from shared.personal_data.spans import replace_spans
from shared.personal_data.tokens import CARD, IDENTITY, MAIL, PHONE, Span

WITHHELD = "[编号隐去]"

_GROUP = re.compile(r"[0-9]+(?:[Xx×ХхΧχ](?![A-Za-z]))?")
_CROSSES = str.maketrans("×ХхΧχ", "XXXXX")
_SEPARATOR = re.compile(r"[ \-.·/_]{1,2}")
_MOBILE = re.compile(r"(?:0{0,2}86)?1[3-9][0-9]{9}")
_MOBILE_GROUPS = frozenset({(3, 4, 4), (4, 3, 4), (2, 3, 4, 4)})
_MAX_GROUPS = 5
# Waybills of carriers whose letters eleven digits follow.
_WAYBILL = re.compile(r"(?:JD[A-Z0-9]{1,3}|SF|YT|ZT|ST|DPK)$", re.IGNORECASE)
_CARD = re.compile(r"62[0-9]{14}(?:[0-9]{3})?")
_RESIDENT_CARD = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}[0-9]{12}(?![0-9])")
# From the beginning of a run of such characters only: begun at each of them, a long number would be read again and again.
_MAIL = re.compile(r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]++@[A-Za-z0-9._%+\-]+")
# What a number of a person has, one of: a sign of mail, fifteen digits, the form of a mobile number alone, that of an old
# resident card; or groups of digits, and in them 17 digits or those of a mobile number. Most references have none of them.
_CANDIDATE = re.compile(
    r"@|[0-9]{15}|1[3-9][0-9]{9}(?![0-9])(?:(?<![0-9]...........)|(?<=86...........))|[A-Za-z]{3}[0-9]{12}(?![0-9])"
)
_GROUPS = re.compile(r"[0-9][Xx]?[ \-._/]{1,2}[0-9]")
_CANDIDATE_GROUPS = re.compile(
    r"[0-9](?<![0-9][0-9])(?:(?:[ \-._/]{0,2}[0-9]){16}|[0-9]{2,3}[ \-._/]{1,2}[0-9]{3,4}[ \-._/]{1,2}[0-9]{4})"
)


def redact_reference(number: str | None, year: int, identity: KnownIdentity = NO_IDENTITY) -> str | None:
    """Return a reference number without a phone number, identity number or mail address in it.

    References consist of long numbers, so an identity number is replaced only where birth date and check digit fit; `year` is
    that of the complaint. What the report itself names as the complainant's goes whatever its form: permits and landlines have
    that of order numbers. Never raises: a number that cannot be searched is withheld.
    """
    if number is None:
        return None
    if identity is not NO_IDENTITY and (clean := _without_identity(number, identity)) != number:
        return clean
    if number.isascii() and number.isprintable() and not _is_candidate(number):  # such a text is its own normal form
        return number
    return _search_in_full(number, year)


def _is_candidate(number: str) -> bool:
    if _CANDIDATE.search(number):
        return True
    return _GROUPS.search(number) is not None and _CANDIDATE_GROUPS.search(number) is not None


def _without_identity(number: str, identity: KnownIdentity) -> str:
    try:
        form = normalize(number)
        return replace_spans(number, form.original_spans(identity.spans(form.text)))
    except Exception:
        return WITHHELD


def _search_in_full(number: str, year: int) -> str:
    try:
        form = normalize(number)
        spans = form.original_spans(list(_spans(form.text, year)))
    except Exception:
        return WITHHELD
    return replace_spans(number, spans)


def _spans(text: str, year: int) -> Iterator[Span]:
    yield from ((*match.span(), MAIL) for match in _MAIL.finditer(text) if "@" in text)
    for match in _RESIDENT_CARD.finditer(text):
        if is_old_resident_card(match.group(), year):
            yield *match.span(), IDENTITY
    groups = list(_GROUP.finditer(text))
    for first, group in enumerate(groups):
        yield from _spans_within(group, year)
        yield from _spans_across(text, groups[first : first + _MAX_GROUPS], year)


def _spans_within(group: re.Match[str], year: int) -> Iterator[Span]:
    """Yield numbers of persons in digits without separators: an identity number anywhere, others alone."""
    digits, start = group.group().translate(_CROSSES), group.start()
    for offset in range(len(digits) - LENGTH + 1):
        if is_identity_number(digits[offset : offset + LENGTH], year):
            yield start + offset, start + offset + LENGTH, IDENTITY
    if len(digits) == OLD_LENGTH and is_old_identity_number(digits, year):
        yield *group.span(), IDENTITY
    if _MOBILE.fullmatch(digits) and not _WAYBILL.search(group.string, 0, start):
        yield *group.span(), PHONE
    if _CARD.fullmatch(digits) and has_luhn_digit(digits):
        yield *group.span(), CARD


def _spans_across(text: str, groups: list[re.Match[str]], year: int) -> Iterator[Span]:
    """Yield numbers of persons whose groups stand apart: 330106-19900101-1234, 138 0013 8000."""
    digits, sizes = groups[0].group().translate(_CROSSES), [len(groups[0].group())]
    for before, group in pairwise(groups):
        if not _SEPARATOR.fullmatch(text, before.end(), group.start()):
            return
        digits += group.group().translate(_CROSSES)
        sizes.append(len(group.group()))
        if len(digits) == LENGTH and is_identity_number(digits, year):
            yield groups[0].start(), group.end(), IDENTITY
        if tuple(sizes) in _MOBILE_GROUPS and _MOBILE.fullmatch(digits):
            yield groups[0].start(), group.end(), PHONE
