"""The yearly evaluation of the publicity work (公示工作年度评价)."""

from __future__ import annotations

from decimal import Decimal

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Line, Number, Period, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="yearly_evaluation",
    board=Board.OTHER,
    label=_("公示工作年度评价"),
    fields=(
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Line(name="headline", label=_("标题"), max_length=60),
        Prose(name="body", label=_("正文")),
        Number(name="evaluation_score", label=_("得分"), places=2, maximum=Decimal(100), required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["body"]),
    natural_key=("covers",),
)
