"""A note on what is complained of much (投诉热点)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Line, Period, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="hot_spot",
    board=Board.WARNINGS,
    label=_("投诉热点"),
    fields=(
        Line(name="headline", label=_("标题"), max_length=60),
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026")),
        Prose(name="body", label=_("正文")),
        Prose(name="advice", label=_("提示建议"), required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["body"]),
)
