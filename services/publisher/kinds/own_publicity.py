"""What a mall, market or platform publicises of its own operators (经营主体自主公示)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind, OperatorUse
from services.publisher.kinds.fields import Count, Period, Prose
from services.publisher.kinds.wording import counted, period_of
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="own_publicity",
    board=Board.OTHER,
    label=_("经营主体自主公示"),
    fields=(
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Count(name="disputes_received", label=_("接待纠纷")),
        Count(name="disputes_settled", label=_("和解纠纷")),
        Prose(name="body", label=_("正文")),
    ),
    title=lambda content: f"{period_of(content['covers'])}自主公示：{content['operator.name']}",
    summary=lambda content: f"接待{counted(content['disputes_received'])}件，和解{counted(content['disputes_settled'])}件。",
    operator=OperatorUse.REQUIRED,
    natural_key=("operator.uscc", "covers"),
)
