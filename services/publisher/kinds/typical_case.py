"""A typical case (典型案例): what happened, how it was handled, what follows from it."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind
from services.publisher.kinds.fields import Code, Line, Prose
from services.publisher.kinds.wording import first_sentence
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="typical_case",
    board=Board.WARNINGS,
    label=_("典型案例"),
    fields=(
        Line(name="headline", label=_("标题"), max_length=60),
        Prose(name="case_facts", label=_("基本案情"), hint=_("不写姓名、称呼、住址和号码。")),
        Prose(name="handling", label=_("处理情况")),
        Prose(name="lesson", label=_("典型意义"), required=False),
        Code(name="legal_basis", label=_("法律依据"), max_length=300, required=False),
    ),
    title=lambda content: str(content["headline"]),
    summary=lambda content: first_sentence(content["case_facts"]),
)
