"""Redaction of one report: which of its fields people read, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from stdnum.cn import ric

from services.intake.redaction.announced import announced_spans
from services.intake.redaction.given import NOTHING, Given, given
from services.intake.redaction.normal import is_unusual, normal, plain
from services.intake.redaction.patterns import IDENTITY, MAIL, PHONE, SUSPICIOUS, Span, personal_spans
from shared.contracts import ComplaintReport, Redaction
from shared.contracts.reports import ReportedOperator

UNNAMED = "[名称隐去]"
# Stands between the texts of a report, which are looked at as one. No pattern reaches across it, and no report may hold it.
BETWEEN = "\x00" * 8
# Of texts about one operator together: longer ones are rare, and remembering many of them could fill the memory.
LONGEST_REMEMBERED = 600
LENGTH_OF_IDENTITY = 18


class OperatorTexts(NamedTuple):
    """What may leave intake of the texts about an operator."""

    name: str
    address: str | None = None
    scope: str | None = None
    platform: str | None = None
    site: str | None = None


class Redacted(NamedTuple):
    """What may leave intake of a report's texts."""

    title: str | None
    text: str | None
    goods: str | None
    operator: OperatorTexts
    redaction: Redaction


def redacted(report: ComplaintReport) -> Redacted:
    """Return the texts without personal data. The operator's own name, address and sites lose phones and the like only."""
    texts = (report.title, report.text, report.goods)
    written = BETWEEN.join([text or "" for text in texts])
    clean = without_personal_data(written, given(report.complainant))
    operator = _operator(report.operator)
    if clean == written:
        return Redacted(report.title, report.text, report.goods, operator, Redaction.CLEAN)
    title, text, goods = (None if was is None else now for was, now in zip(texts, clean.split(BETWEEN), strict=True))
    return Redacted(title, text, goods, operator, Redaction.REDACTED)


def of_no_table(code: str | None) -> str | None:
    """Return a code that no table knows, which may be anything that somebody wrote, without phones and the like.

    Where that fails nothing of it leaves: fail closed.
    """
    try:
        return code and _public(code)
    except Exception:
        return None


def withheld(report: ComplaintReport) -> Redacted:
    """Return what may leave when redaction failed: nothing that a person wrote but the operator's name."""
    return Redacted(None, None, None, OperatorTexts(_name_only(report.operator.name)), Redaction.WITHHELD)


def reference(number: str | None) -> str | None:
    """Return a number of a source's or office's own without what cannot be its own: somebody's phone, identity or mail.

    Long numbers are what such references consist of, so an identity number goes only where its check digit is right.
    """
    if number is None:
        return None
    clean = _SOMEBODY.sub(_unless_own, number)
    return _MAIL.sub(MAIL, clean) if "@" in clean else clean


_SOMEBODY = re.compile(r"[1-9](?<![0-9].)(?:(?<=1)[3-9][0-9]{9}|[0-9]{16}[0-9Xx])(?![0-9])")
_MAIL = re.compile(r"[A-Za-z0-9._%+\-]++@[A-Za-z0-9.\-]+")


def _unless_own(found: re.Match[str]) -> str:
    number = found.group()
    if len(number) < LENGTH_OF_IDENTITY:
        return PHONE
    return IDENTITY if ric.is_valid(number) else number


def without_personal_data(text: str, complainants: Given = NOTHING) -> str:
    """Return `text` with personal data replaced by tokens that say what stood there."""
    spans = list(announced_spans(text))
    unusual = is_unusual(text)
    if SUSPICIOUS.search(text) or complainants.in_raw(text, unusual=unusual):
        form = plain(text) if complainants.plain and not unusual else normal(text)
        found = [*complainants.spans(form.text), *personal_spans(form.text)]
        if unusual:
            found += announced_spans(form.text)
        spans += [(*form.span(start, end), token) for start, end, token in found]
    if not spans:
        return text
    return _replaced(text, spans)


def _replaced(text: str, spans: Iterable[Span]) -> str:
    """Replace spans of the original; of overlapping ones the first and longest gives the token, and all of them go."""
    parts: list[str] = []
    at = 0
    for start, end, token in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            parts += (text[at:start], token)
        at = max(at, end)
    return "".join((*parts, text[at:]))


def _operator(operator: ReportedOperator) -> OperatorTexts:
    """Return what operators say of themselves, which repeats from report to report, without phones and the like."""
    texts = _texts_of(operator.__dict__)
    short = sum(map(len, filter(None, texts))) <= LONGEST_REMEMBERED
    return _remembered(*texts) if short else _clean_operator(*texts)


def _clean_operator(name: str, *others: str | None) -> OperatorTexts:
    return OperatorTexts(_public(name), *(other and _public(other) for other in others))


_texts_of = itemgetter(*OperatorTexts._fields)
_remembered = lru_cache(maxsize=16_384)(_clean_operator)


def _public(text: str) -> str:
    if SUSPICIOUS.search(text) is None:
        return text
    form = normal(text) if is_unusual(text) else plain(text)
    return _replaced(text, ((*form.span(start, end), token) for start, end, token in personal_spans(form.text)))


def _name_only(name: str) -> str:
    """Return the operator's name, or a filler where even it may hold personal data and cannot be cleaned."""
    return UNNAMED if any(character.isdigit() or character in "@\uff20" for character in name) else name
