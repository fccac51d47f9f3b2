"""Redaction of one report: the fields that people read, without personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from stdnum.cn import ric

from services.intake.redaction.cues import cued_spans
from services.intake.redaction.known_identity import NO_IDENTITY, KnownIdentity, known_identity
from services.intake.redaction.normalization import needs_normalization, normalize, normalize_brackets
from services.intake.redaction.patterns import CANDIDATE, IDENTITY, MAIL, PHONE, Span, pattern_spans
from shared.contracts import ComplaintReport, Redaction
from shared.contracts.reports import ReportedOperator

NAME_WITHHELD = "[名称隐去]"
# Joins the texts of a report, which are searched as one. No pattern matches across it, and validation refuses it in a report.
SEPARATOR = "\x00" * 8
# Characters of all texts about one operator: longer ones are rare, and many of them in the cache could fill the memory.
MAX_CACHED_LENGTH = 600
IDENTITY_LENGTH = 18


class OperatorTexts(NamedTuple):
    """The texts about an operator, without personal data."""

    name: str
    address: str | None = None
    scope: str | None = None
    platform: str | None = None
    site: str | None = None


class RedactedReport(NamedTuple):
    """The texts of a report, without personal data, and whether any was found."""

    title: str | None
    text: str | None
    goods: str | None
    operator: OperatorTexts
    redaction: Redaction


def redact(report: ComplaintReport) -> RedactedReport:
    """Return the report's texts without personal data.

    The operator's name, address, scope and sites lose patterned data only: a person's name may be the operator's own.
    """
    texts = (report.title, report.text, report.goods)
    original = SEPARATOR.join([text or "" for text in texts])
    clean = redact_text(original, known_identity(report.complainant))
    operator = _operator_texts(report.operator)
    if clean == original:
        return RedactedReport(report.title, report.text, report.goods, operator, Redaction.CLEAN)
    title, text, goods = (None if old is None else new for old, new in zip(texts, clean.split(SEPARATOR), strict=True))
    return RedactedReport(title, text, goods, operator, Redaction.REDACTED)


def redact_code(code: str | None) -> str | None:
    """Return a code that no reference table has, which may be any text, without patterned personal data.

    Returns None where redaction fails: fail closed.
    """
    try:
        return code and _redact_public_text(code)
    except Exception:
        return None


def withhold(report: ComplaintReport) -> RedactedReport:
    """Return the report's texts for when redaction failed: none but the operator's name."""
    return RedactedReport(None, None, None, OperatorTexts(_withhold_digits(report.operator.name)), Redaction.WITHHELD)


def redact_reference(number: str | None) -> str | None:
    """Return a source's or an office's reference number without a phone number, identity number or mail address in it.

    Long numbers are what references consist of, so an identity number is replaced only where its check digit is right.
    """
    if number is None:
        return None
    clean = _PERSONAL_NUMBER.sub(_redact_number, number)
    return _MAIL_ADDRESS.sub(MAIL, clean) if "@" in clean else clean


_PERSONAL_NUMBER = re.compile(r"[1-9](?<![0-9].)(?:(?<=1)[3-9][0-9]{9}|[0-9]{16}[0-9Xx])(?![0-9])")
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._%+\-]++@[A-Za-z0-9.\-]+")


def _redact_number(match: re.Match[str]) -> str:
    number = match.group()
    if len(number) < IDENTITY_LENGTH:
        return PHONE
    return IDENTITY if ric.is_valid(number) else number


def redact_text(text: str, identity: KnownIdentity = NO_IDENTITY) -> str:
    """Return `text` with personal data replaced by tokens that name its type (`[电话]`)."""
    spans = list(cued_spans(text))
    is_unusual = needs_normalization(text)
    if CANDIDATE.search(text) or identity.occurs_in(text, is_unusual=is_unusual):
        form = normalize_brackets(text) if identity.is_plain and not is_unusual else normalize(text)
        found = [*identity.spans(form.text), *pattern_spans(form.text)]
        if is_unusual:
            found += cued_spans(form.text)
        spans += [(*form.span(start, end), token) for start, end, token in found]
    if not spans:
        return text
    return _replace_spans(text, spans)


def _replace_spans(text: str, spans: Iterable[Span]) -> str:
    """Replace spans of the original text; of overlapping spans the first and longest gives the token."""
    parts: list[str] = []
    position = 0
    for start, end, token in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            parts += (text[position:start], token)
        position = max(position, end)
    return "".join((*parts, text[position:]))


def _operator_texts(operator: ReportedOperator) -> OperatorTexts:
    """Return the operator's texts without patterned personal data; they repeat from report to report, so they are cached."""
    texts = _select_texts(operator.__dict__)
    is_short = sum(map(len, filter(None, texts))) <= MAX_CACHED_LENGTH
    return _cached_operator_texts(*texts) if is_short else _redact_operator_texts(*texts)


def _redact_operator_texts(name: str, *others: str | None) -> OperatorTexts:
    return OperatorTexts(_redact_public_text(name), *(other and _redact_public_text(other) for other in others))


_select_texts = itemgetter(*OperatorTexts._fields)
_cached_operator_texts = lru_cache(maxsize=16_384)(_redact_operator_texts)


def _redact_public_text(text: str) -> str:
    if CANDIDATE.search(text) is None:
        return text
    form = normalize(text) if needs_normalization(text) else normalize_brackets(text)
    return _replace_spans(text, ((*form.span(start, end), token) for start, end, token in pattern_spans(form.text)))


def _withhold_digits(name: str) -> str:
    """Return the operator's name, or a filler where it has digits or a sign of mail and so may hold personal data."""
    return NAME_WITHHELD if any(character.isdigit() or character in "@\uff20" for character in name) else name
