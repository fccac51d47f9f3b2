"""Redaction of one report: the fields that people read, without personal data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from services.intake.domain.report import Operator, Report
from services.intake.redaction.known_identity import NO_IDENTITY, KnownIdentity, known_identity, with_patterned
from shared.contracts import Redaction
from shared.names import strip_invisible
from shared.personal_data import find_spans, search_patterns
from shared.personal_data.normalization import normalize
from shared.personal_data.spans import replace_spans
from shared.personal_data.tokens import NAME, Span

NAME_WITHHELD = "[名称隐去]"
# Joins the texts of a report, which are searched as one. No pattern matches across it, and validation refuses it in a report.
SEPARATOR = "\x00" * 8
# Characters of all texts about one operator: longer ones are rare, and many of them in the cache could fill the memory.
MAX_CACHED_LENGTH = 600


class OperatorTexts(NamedTuple):
    """The texts about an operator, without personal data."""

    name: str
    address: str | None = None
    scope: str | None = None
    platform: str | None = None
    site: str | None = None


class RedactedReport(NamedTuple):
    """The texts of a report, without personal data, and whether any was found.

    `identity`: what the report names as the complainant's, which has to go from its reference numbers too.
    """

    title: str | None
    text: str | None
    goods: str | None
    goods_class: str | None
    demand: str | None
    operator: OperatorTexts
    redaction: Redaction
    identity: KnownIdentity = NO_IDENTITY


def redact(report: Report) -> RedactedReport:
    """Return the report's texts without personal data.

    The operator's name, address, scope and sites lose patterned data only: a person's name may be the operator's own.
    """
    texts = (report.title, report.text, report.goods, report.goods_class, report.demand)
    original = SEPARATOR.join([text or "" for text in texts])
    year = report.received_at.year
    identity = known_identity(report.complainant)
    clean = redact_text(original, year, identity, report.operator.name)
    operator = _operator_texts(report.operator, year)
    identity = with_patterned(identity, report.complainant, (report.external_id, report.case_number, report.office))
    if clean == original:
        return RedactedReport(*texts, operator, Redaction.CLEAN, identity)
    title, text, goods, goods_class, demand = (
        None if old is None else new for old, new in zip(texts, clean.split(SEPARATOR), strict=True)
    )
    return RedactedReport(title, text, goods, goods_class, demand, operator, Redaction.REDACTED, identity)


def redact_code(code: str | None, year: int) -> str | None:
    """Return a code that no reference table has, which may be any text, without patterned personal data.

    Returns None where redaction fails: fail closed.
    """
    try:
        return code and _redact_public_text(code, year)
    except Exception:
        return None


def withhold(report: Report) -> RedactedReport:
    """Return the report's texts for when redaction failed: none but the operator's name."""
    operator = OperatorTexts(_withhold_digits(report.operator.name))
    return RedactedReport(None, None, None, None, None, operator, Redaction.WITHHELD)


def redact_text(text: str, year: int, identity: KnownIdentity = NO_IDENTITY, operator: str = "") -> str:
    """Return a text of a complaint of `year` with personal data replaced by tokens that name its type (`[电话]`).

    A name within the name of the operator is the operator's.
    """
    form = normalize(text)
    spans = _spans(form.text, year, identity)
    if not spans:
        return text
    if operator and any(token is NAME for _, _, token in spans):
        spans = _drop_names_within(list(_occurrences(form.text, normalize(operator).text)), spans)
    return replace_spans(text, form.original_spans(spans))


def _spans(text: str, year: int, identity: KnownIdentity) -> list[Span]:
    spans = find_spans(text, year)
    if identity is not NO_IDENTITY:
        spans += identity.spans(text)
    return spans


def _drop_names_within(places: Sequence[tuple[int, int]], spans: list[Span]) -> list[Span]:
    """Return the spans without names that lie within one of the places."""
    return [
        (start, end, token)
        for start, end, token in spans
        if token != NAME or not any(first <= start and end <= last for first, last in places)
    ]


def _occurrences(text: str, name: str) -> Iterator[tuple[int, int]]:
    start = text.find(name)
    while start >= 0:
        yield start, start + len(name)
        start = text.find(name, start + len(name))


def _operator_texts(operator: Operator, year: int) -> OperatorTexts:
    """Return the operator's texts without patterned personal data; they repeat from report to report, so they are cached."""
    texts = _select_texts(operator)
    is_short = sum(map(len, filter(None, texts))) <= MAX_CACHED_LENGTH
    return _cached_operator_texts(year, *texts) if is_short else _redact_operator_texts(year, *texts)


def _redact_operator_texts(year: int, name: str, *others: str | None) -> OperatorTexts:
    return OperatorTexts(
        strip_invisible(_redact_public_text(name, year)), *(other and _redact_public_text(other, year) for other in others)
    )


_select_texts = attrgetter(*OperatorTexts._fields)
_cached_operator_texts = lru_cache(maxsize=16_384)(_redact_operator_texts)


def _redact_public_text(text: str, year: int) -> str:
    form = normalize(text)
    spans = search_patterns(form.text, year)
    return replace_spans(text, form.original_spans(spans)) if spans else text


def _withhold_digits(name: str) -> str:
    """Return the operator's name, or a filler where it has digits or a sign of mail and so may hold personal data."""
    return NAME_WITHHELD if any(character.isdigit() or character in "@\uff20" for character in name) else name
