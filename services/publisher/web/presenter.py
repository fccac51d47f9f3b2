"""Public forms in the words of one language: labels, values, titles, summaries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup, escape

from services.publisher.bureau import UPDATES
from services.publisher.domain.form import RESPONSE, SUCCESS_DENOMINATOR, Change, Form
from services.publisher.kinds import FIELDS, find_kind
from services.publisher.kinds.fields import Prose, Reader
from services.publisher.web.reference_names import NAME_OF_CODE, city_name, industry_name, region_name
from services.publisher.web.success import SuccessRate, exact_rate, success_by, success_of
from shared.charts.labels import percent_forms
from shared.contracts import Board, ItemState, PublicItem
from shared.rates import SuccessDenominator
from shared.rules import Rules
from shared.web.formats import MISSING, Formats, change_texts
from shared.web.i18n import Text, _
from shared.web.languages import SOURCE, Language
from shared.web.periods import period_name
from shared.web.typesetting import mark_chinese
from shared.web.vocabulary import word

LABELS: Mapping[str, Text] = {
    "title": _("标题"),
    "summary": _("摘要"),
    "operator.name": _("经营者"),
    "operator.uscc": _("信用代码"),
    "operator.address": _("地址"),
    "operator.scope": _("经营范围"),
    "complaints": _("投诉"),
    "accepted": _("受理"),
    "resolved": _("解决"),
    "resolution_rate": _("解决率"),
    "mediations": _("调解"),
    "mediation_successes": _("调解成功"),
    "mediation_success_rate": _("调解成功率"),
    "closed": _("办结"),
    SUCCESS_DENOMINATOR: _("调解成功率的分母"),
    "industry": _("行业"),
    "amount": _("涉及金额"),
    "recovered": _("挽回损失"),
    "goods": _("商品或服务"),
    "category": _("争议类别"),
    "channel": _("来源"),
    "issue": _("案情摘要"),
    "result": _("处理结果"),
    "status": _("处理状态"),
    "outcome": _("调解结果"),
    "office": _("承办单位"),
    "region": _("地区"),
    "received_on": _("收到日期"),
    "accepted_on": _("受理日期"),
    "closed_on": _("办结日期"),
    RESPONSE: _("经营者回应"),
}
PROSE = Prose.widget
UPDATED = "updated"
# Fields that are the title of an item.
TITLES = frozenset({"headline"})
COUNTS = frozenset({"complaints", "accepted", "resolved", "mediations", "mediation_successes", "closed"})
MONEY = frozenset({"amount", "recovered"})
RATES = frozenset({"resolution_rate", "mediation_success_rate"})
LEGAL_FORM = re.compile(r"(?:股份有限公司|有限责任公司|集团有限公司|有限公司)$")
MAX_NAME_LENGTH = 14
VOCABULARY_OF = {"channel": "channel", "status": "status", "outcome": "outcome", SUCCESS_DENOMINATOR: "measure"}


def field_position(field: str) -> int:
    """Return the position of a field among the others; stored forms are unordered."""
    return _POSITIONS.get(field, len(_POSITIONS))


_POSITIONS = {field: index for index, field in enumerate(dict.fromkeys([*LABELS, *FIELDS]))}


@dataclass(frozen=True, slots=True)
class FormPresenter:
    """Writes public forms in one language."""

    language: Language
    formats: Formats
    translate: Callable[[Text | str], str]

    def label(self, field: str) -> str:
        """Return what a field is called."""
        known = FIELDS.get(field)
        return self.translate(known.label if known else LABELS.get(field, field))

    def field_value(self, field: str, fields: Mapping[str, Any]) -> str:
        """Return the value of a field among the others of its form as text; a rate is written from its counts."""
        exact = exact_rate(field, fields)
        return self.value(field, fields.get(field)) if exact is None else self.formats.percent(exact)

    def field_change(self, field: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, str]:
        """Return the values of a field in two forms as text; where two rates differ, the texts do."""
        old, new = exact_rate(field, before), exact_rate(field, after)
        if old is not None and new is not None:
            return change_texts(old, new, percent_forms(self.formats))
        return self.field_value(field, before), self.field_value(field, after)

    def value(self, field: str, value: object) -> str:
        """Return a field's value as text."""
        if value is None or value == "":
            return MISSING
        text = str(value)
        try:
            if field in FIELDS:
                return self.translate(FIELDS[field].write(text, Reader(self.formats, self.language)))
            return self._format_known(field, text)
        except (ValueError, InvalidOperation):
            return text

    def _format_known(self, field: str, text: str) -> str:
        if field in COUNTS:
            return self.formats.count(int(text)) + ("件" if self.language == "zh" else "")
        if field in MONEY:
            return self.formats.money(text)
        if field in RATES:
            return self.formats.percent(Decimal(text))
        if field in VOCABULARY_OF:
            return self.translate(word(VOCABULARY_OF[field], text))
        if field in NAME_OF_CODE:
            return NAME_OF_CODE[field](text, self.language)
        return text

    def change_rows(self, all_changes: Iterable[Change]) -> list[tuple[str, str, str]]:
        """Return changes as (name, old, new); what a change only repeats in other words is left out."""
        changes = list(all_changes)
        independent = sorted(
            (change for change in changes if change[0] not in {*RATES, "title"}), key=lambda c: field_position(c[0])
        )
        return [(self.label(field), *self._format_sides(field, old, new)) for field, old, new in independent or changes]

    def _format_sides(self, field: str, old: str | None, new: str | None) -> tuple[str, str]:
        if field == RESPONSE:
            # Its words stand in the item, and only there.
            return "", self.translate(_("已登载") if new else _("不再登载"))
        if field in RATES and old and new:
            return change_texts(Decimal(old), Decimal(new), percent_forms(self.formats))
        return self._format_side(field, old), self._format_side(field, new)

    def _format_side(self, field: str, value: str | None) -> str:
        return "" if value is None else self.value(field, value)

    def field_rows(self, form: Form | PublicItem, *fields: str) -> list[tuple[str, str]]:
        """Return the fields of a form that have a value as (name, value)."""
        content: dict[str, Any] = form.content or {}
        return [(self.label(f), self.field_value(f, content)) for f in fields if content.get(f) is not None]

    def kind_name(self, form: Form | PublicItem) -> str:
        """Return what the kind of an item is called; empty where its board says it already."""
        kind = find_kind(form.kind)
        return self.translate(kind.label) if kind else ""

    def kind_note(self, form: Form | PublicItem) -> str:
        """Return what stands below an item of its kind; empty where nothing does."""
        kind = find_kind(form.kind)
        return self.translate(kind.note) if kind and kind.note else ""

    def kind_rows(self, form: Form | PublicItem) -> list[tuple[str, str]]:
        """Return what a desk's item says in short, as (name, value)."""
        kind = find_kind(form.kind)
        names = (
            [each.name for each in kind.fields if each.widget != PROSE and each.name not in TITLES and not each.is_kept]
            if kind
            else []
        )
        return self.field_rows(form, *names)

    def kind_paragraphs(self, form: Form | PublicItem) -> list[tuple[str, str, list[str]]]:
        """Return what a desk's item says at length, as (field, heading, paragraphs)."""
        kind, content = find_kind(form.kind), form.content or {}
        filled = [each for each in kind.fields if each.widget == PROSE and content.get(each.name)] if kind else []
        return [(each.name, self.label(each.name), str(content[each.name]).split("\n")) for each in filled]

    def title(self, form: Form | PublicItem, board: Board) -> str:
        """Return a form's title; that of a month's figures is composed anew in each language."""
        if board is Board.BASIC and form.period and form.operator:
            month = period_name(form.period, self.language)
            return self.translate(_("%(month)s基本投诉：%(name)s", month=month, name=form.operator.name))
        return form.title or ""

    def title_without_operator(self, form: Form | PublicItem, board: Board) -> str:
        """Return a form's title for a page that already names the operator."""
        if board is Board.BASIC and form.period:
            return self.translate(_("%(month)s基本投诉", month=period_name(form.period, self.language)))
        return self.title(form, board)

    def summary(self, form: Form | PublicItem, board: Board) -> str:
        """Return a form's summary; for what was corrected, the change of the result, else the first change."""
        changes = self.change_rows(change for change in form.changes if change[0] != RESPONSE)
        if changes:
            result = [row for row in changes if row[0] == self.label("result")]
            field, old, new = (result or changes)[0]
            sides = {"old": old.rstrip("。") or MISSING, "new": new.rstrip("。") or MISSING}
            changed = _("%(field)s由%(old)s更新为%(new)s。", field=field, **sides) if self.is_update(form) else None
            return self.translate(changed or _("%(field)s由%(old)s更正为%(new)s。", field=field, **sides))
        content = form.content or {}
        if board is Board.BASIC and "complaints" in content:
            counts = {name: self.value(name, content[name]) for name in ("complaints", "accepted", "resolved")}
            return self.translate(_("投诉%(complaints)s，受理%(accepted)s，解决%(resolved)s。", **counts))
        return form.summary or ""

    def summary_with_response(self, item: PublicItem) -> str:
        """Return an item's summary, with what its operator says beside it."""
        response = self.translate(_("经营者回应：%(text)s", text=item.response)) if item.response else ""
        return "\n".join(filter(None, (self.summary(item, item.board), response)))

    def is_update(self, form: Form | PublicItem) -> bool:
        """Return whether a version says what has happened since, and puts nothing right that was wrong."""
        return form.reason_code in UPDATES

    def shown_state(self, item: PublicItem) -> str:
        """Return the state as pages name it: what is corrected because it moved on is updated."""
        is_update = item.state is ItemState.CORRECTED and self.is_update(item)
        return UPDATED if is_update else item.state.value

    def short_name(self, name: str) -> str:
        """Return a company's name without its legal form, short enough for a row that is read from five metres."""
        short = LEGAL_FORM.sub("", name).removeprefix(city_name()) or name
        return short if len(short) <= MAX_NAME_LENGTH else short[: MAX_NAME_LENGTH - 1] + "…"

    def highlight(self, text: str, q: str) -> Markup:
        """Return a text with the words that were searched for marked."""
        words = sorted({re.escape(word) for word in q.split() if word}, key=len, reverse=True)
        parts = re.split(f"({'|'.join(words)})", text, flags=re.IGNORECASE) if words else [text]
        escaped = [escape(part) if self.language == SOURCE else mark_chinese(part, escape) for part in parts]
        return Markup("").join(Markup("<mark>{}</mark>").format(part) if i % 2 else part for i, part in enumerate(escaped))

    def reason_text(self, item: Form | PublicItem, rules: Rules) -> str:
        """Return the coded reason of a version; the rules' own words in the language of the page."""
        known = rules.reason(item.reason_code or "")
        words = known.words(self.language) if known and item.reason == known.zh else item.reason
        return " ".join(filter(None, (item.reason_code, (words or "").rstrip("。"))))

    def success_of(self, content: Mapping[str, Any]) -> SuccessRate:
        """Return the success rate of a month's item, by the denominator that it was drafted with."""
        return success_of(content)

    def success_by(self, counts: object, by: SuccessDenominator) -> SuccessRate:
        """Return the success rate of sums by a denominator."""
        return success_by(counts, by)

    def region(self, code: str | None) -> str:
        """Return the name of a region, or its code where no table knows it."""
        return region_name(code, self.language) if code else MISSING

    def industry(self, code: str | None) -> str:
        """Return the name of an industry."""
        return industry_name(code, self.language) if code else MISSING
