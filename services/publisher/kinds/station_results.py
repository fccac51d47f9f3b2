"""What a station for consumers rights has achieved (消费维权服务站成效)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Code, Count, Period, Yuan
from services.publisher.kinds.wording import counted, period_of
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="station_results",
    board=Board.OTHER,
    label=_("消费维权服务站成效"),
    fields=(
        Code(name="station", label=_("服务站"), max_length=60),
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Count(name="disputes_received", label=_("接待纠纷")),
        Count(name="disputes_settled", label=_("和解纠纷")),
        Yuan(name="losses_recovered", label=_("挽回损失"), required=False),
    ),
    title=lambda content: f"{period_of(content['covers'])}服务站成效：{content['station']}",
    summary=lambda content: f"接待{counted(content['disputes_received'])}件，和解{counted(content['disputes_settled'])}件。",
    natural_key=("station", "covers"),
)
