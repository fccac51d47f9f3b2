"""Redaction of one report: which of its fields people read, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from services.intake.redaction.announced import announced_spans
from services.intake.redaction.given import NOTHING, Given, given
from services.intake.redaction.normal import normal, plain
from services.intake.redaction.patterns import SUSPICIOUS, Span, personal_spans
from shared.contracts import ComplaintReport, Redaction
from shared.contracts.reports import ReportedOperator

UNNAMED = "[名称隐去]"


@dataclass(frozen=True, slots=True)
class Redacted:
    """What may leave intake of a report's texts."""

    title: str | None
    text: str | None
    goods: str | None
    operator: ReportedOperator
    redaction: Redaction


def redacted(report: ComplaintReport) -> Redacted:
    """Return the texts without personal data. The operator's own name, address and sites lose phones and the like only."""
    complainants = given(report.complainant)
    title, text, goods = (without_personal_data(t, complainants) for t in (report.title, report.text, report.goods))
    changed = title != report.title or text != report.text or goods != report.goods
    redaction = Redaction.REDACTED if changed else Redaction.CLEAN
    return Redacted(title, text, goods, _operator(report.operator), redaction)


def of_no_table(code: str | None) -> str | None:
    """Return a code that no table knows, which may be anything that somebody wrote, without phones and the like.

    Where that fails nothing of it leaves: fail closed.
    """
    try:
        return _public(code)
    except Exception:
        return None


def withheld(report: ComplaintReport) -> Redacted:
    """Return what may leave when redaction failed: nothing that a person wrote but the operator's name."""
    operator = ReportedOperator(name=_name_only(report.operator.name), uscc=report.operator.uscc)
    return Redacted(None, None, None, operator, Redaction.WITHHELD)


def without_personal_data(text: str | None, complainants: Given = NOTHING) -> str | None:
    """Return `text` with personal data replaced by tokens that say what stood there."""
    if text is None:
        return None
    spans = list(announced_spans(text))
    if SUSPICIOUS.search(text) or complainants.in_raw(text):
        form = normal(text) if complainants.words else plain(text)
        found = [*complainants.spans(form.text), *personal_spans(form.text)]
        if form.text != text:
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


def _operator(operator: ReportedOperator) -> ReportedOperator:
    fields = ("name", "address", "scope", "platform", "site")
    clean = {name: _public(getattr(operator, name)) for name in fields}
    if all(clean[name] == getattr(operator, name) for name in fields):
        return operator
    return operator.model_copy(update=clean)


@lru_cache(maxsize=16_384)
def _public(text: str | None) -> str | None:
    """Return what operators say of themselves, which repeats from report to report, without phones and the like."""
    if text is None or SUSPICIOUS.search(text) is None:
        return text
    form = plain(text)
    return _replaced(text, ((*form.span(start, end), token) for start, end, token in personal_spans(form.text)))


def _name_only(name: str) -> str:
    """Return the operator's name, or a filler where even it may hold personal data and cannot be cleaned."""
    return UNNAMED if any(character.isdigit() or character in "@\uff20" for character in name) else name
