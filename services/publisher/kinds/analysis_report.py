"""A report of a period or a subject (分析报告)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Choice
from services.publisher.kinds.report_fields import REPORT_CHECKS, REPORT_FIELDS, foreign_number_faults
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="analysis_report",
    board=Board.ANALYSIS,
    label=_("分析报告"),
    fields=(
        Choice(
            name="report_kind",
            label=_("报告类别"),
            options={
                "period": _("定期报告"),
                "special": _("专题报告"),
                "industry": _("重点行业报告"),
                "operator": _("重点经营者报告"),
                "emerging": _("新问题报告"),
            },
        ),
        *REPORT_FIELDS,
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["overview"]),
    natural_key=("report_kind", "covers", "headline"),
    is_document=True,
    relations=foreign_number_faults,
    checks=REPORT_CHECKS,
)
