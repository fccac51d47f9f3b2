"""A consumer warning (消费警示): a risk that people should know of at once."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Code, Line, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="consumer_warning",
    board=Board.WARNINGS,
    interrupts=True,
    label=_("消费警示"),
    fields=(
        Line(name="headline", label=_("标题"), max_length=60),
        Prose(name="risk", label=_("风险情形")),
        Prose(name="advice", label=_("提示建议")),
        Code(name="issuer", label=_("发布单位"), max_length=60, required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["risk"]),
)
