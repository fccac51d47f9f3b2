"""The satisfaction of consumers as an index (消费者满意度指数)."""

from __future__ import annotations

from decimal import Decimal

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Count, Industry, Line, Number, Period
from services.publisher.kinds.wording import counted, period_of
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="satisfaction_index",
    board=Board.OTHER,
    label=_("消费者满意度指数"),
    fields=(
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Industry(name="industry", label=_("行业"), required=False),
        Number(name="index_score", label=_("指数"), places=2, maximum=Decimal(200)),
        Count(name="sample_size", label=_("样本数")),
        Line(name="method", label=_("调查方法"), max_length=200),
    ),
    title=lambda content: f"{period_of(content['covers'])}消费者满意度指数",
    summary=lambda content: f"指数{content['index_score']}，样本{counted(content['sample_size'])}个。",
    natural_key=("covers", "industry"),
)
