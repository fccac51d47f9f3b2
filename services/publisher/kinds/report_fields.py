"""What reports are made of: blocks of text, and the figures that the numbers of the text come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ValidationError

from services.publisher.domain.locked_numbers import foreign_numbers
from services.publisher.domain.report_figures import Block, ReportFigures, ReportKind
from services.publisher.domain.report_text import industry_name
from services.publisher.kinds.declaration import ContentCheck
from services.publisher.kinds.fields import Field, FieldFault, Line, Period, Prose, Reader, Value, Values
from shared.web.i18n import Text, _
from shared.web.periods import period_name

FIGURES = "report_figures"
SUBJECT = "report_subject"
MOVED = "figures_moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures(Field):
    """The figures of a report as JSON; the program takes them from released figures, and nobody types them."""

    widget: ClassVar[str] = "kept"
    is_kept: ClassVar[bool] = True

    def parse(self, typed: str) -> Value:
        """Return the figures in their one form. Raises `FieldFault` for what are none."""
        try:
            return ReportFigures.model_validate_json(typed).model_dump_json()
        except ValidationError:
            raise FieldFault("no_figures", _("统计数据由系统取数，不能填写")) from None

    def write(self, value: Value, reader: Reader) -> str | Text:
        """Return of which period they are and until when they were counted."""
        figures = ReportFigures.model_validate_json(str(value))
        period = period_name(figures.period, reader.language)
        return _("%(period)s，截至%(day)s", period=period, day=reader.formats.day(figures.as_of))


def read_figures(content: Values | None) -> ReportFigures | None:
    """Return the figures of a content; None where it has none."""
    value = (content or {}).get(FIGURES)
    return ReportFigures.model_validate_json(str(value)) if value else None


def subject_name(figures: ReportFigures, content: Values) -> str:
    """Return the name of what a report is about; empty for a period's."""
    return industry_name(figures.subject) if figures.kind is ReportKind.INDUSTRY else str(content.get(SUBJECT) or "")


def find_foreign_numbers(content: Values) -> dict[str, list[str]]:
    """Return by block the numbers of its text that its figures do not have."""
    figures = read_figures(content)
    if figures is None:
        return {}
    subject = subject_name(figures, content)
    texts = {block: str(content.get(block.value) or "") for block in Block}
    found = {block.value: foreign_numbers(block, text, figures, subject) for block, text in texts.items() if text}
    return {name: numbers for name, numbers in found.items() if numbers}


def foreign_number_faults(content: Values) -> dict[str, Text]:
    """Return a fault for each block with numbers that its figures do not have."""
    return {
        name: _("统计数据里没有这些数：%(numbers)s", numbers="、".join(numbers))
        for name, numbers in find_foreign_numbers(content).items()
    }


REPORT_CHECKS = (
    ContentCheck("foreign_numbers", _("正文有统计数据里没有的数字"), lambda content: bool(find_foreign_numbers(content))),
    # Given by the program when a figure moves; what a content says alone never fails it.
    ContentCheck(MOVED, _("引用的统计数据已重算，请按新数据起草"), lambda _content: False),
)
REPORT_FIELDS: tuple[Field, ...] = (
    Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
    Line(name="headline", label=_("标题"), max_length=60),
    Line(name=SUBJECT, label=_("专题、行业或经营者"), max_length=60, required=False),
    Figures(name=FIGURES, label=_("统计数据"), required=False),
    Prose(name=Block.OVERVIEW, label=_("总体情况")),
    Prose(name=Block.REGIONS, label=_("地区情况"), required=False),
    Prose(name=Block.INDUSTRIES, label=_("行业情况"), required=False),
    Prose(name=Block.CONCENTRATED, label=_("集中问题"), required=False),
    Prose(name="advice", label=_("提示建议"), required=False),
)
