"""A survey among consumers (消费调查)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Code, Count, Line, Period, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="consumer_survey",
    board=Board.WARNINGS,
    label=_("消费调查"),
    fields=(
        Line(name="headline", label=_("标题"), max_length=60),
        Period(name="covers", label=_("时段"), hint=_("例如2026-10、2026-Q3、2026-H1、2026"), required=False),
        Count(name="sample_size", label=_("样本数")),
        Line(name="method", label=_("调查方法"), max_length=200),
        Prose(name="body", label=_("正文")),
        Code(name="issuer", label=_("发布单位"), max_length=60, required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["body"]),
)
