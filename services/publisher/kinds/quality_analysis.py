"""The half-yearly analysis of quality (质量分析)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Line, Period, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="quality_analysis",
    board=Board.ANALYSIS,
    label=_("质量分析"),
    fields=(
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Line(name="headline", label=_("标题"), max_length=60),
        Prose(name="overview", label=_("总体情况")),
        Prose(name="concentrated", label=_("集中问题"), required=False),
        Prose(name="advice", label=_("提示建议"), required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["overview"]),
    natural_key=("covers",),
)
