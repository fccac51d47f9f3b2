"""The half-yearly analysis of quality (质量分析)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.report_fields import REPORT_CHECKS, REPORT_FIELDS, foreign_number_faults
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="quality_analysis",
    board=Board.ANALYSIS,
    label=_("质量分析"),
    fields=REPORT_FIELDS,
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["overview"]),
    natural_key=("covers",),
    is_document=True,
    relations=foreign_number_faults,
    checks=REPORT_CHECKS,
)
