"""A case that came from a complaint (诉转案): the operator, what was found, where the case stands."""

from __future__ import annotations

from services.publisher.kinds.declaration import ContentCheck, Kind, OperatorUse
from services.publisher.kinds.fields import Choice, Code, Day, Line, Prose
from shared.contracts import Board
from shared.web.i18n import _

STAGES = {
    "filed": _("已立案"),
    "penalised": _("已作出处罚决定"),
    "no_penalty": _("不予处罚"),
    "ended": _("终止调查"),
}


KIND = Kind(
    name="case_from_complaint",
    board=Board.PENALTIES,
    label=_("诉转案"),
    fields=(
        Code(name="case_number", label=_("立案文号"), max_length=128),
        Day(name="case_filed_on", label=_("立案日期")),
        Line(name="offence", label=_("违法行为类型"), max_length=200),
        Choice(name="stage", label=_("办案阶段"), options=STAGES),
        Code(name="document_number", label=_("行政处罚决定书文号"), max_length=128, required=False),
        Code(name="complaint_item", label=_("相关公示编号"), max_length=20, required=False),
        Prose(name="handling", label=_("处理情况"), hint=_("不写姓名、称呼、住址和号码。")),
        Code(name="authority", label=_("处罚机关"), max_length=200),
    ),
    title=lambda content: f"诉转案：{content['operator.name']}（{content['case_number']}）",
    summary=lambda content: f"{content['offence']}，{STAGES[str(content['stage'])]}。",
    operator=OperatorUse.REQUIRED,
    natural_key=("case_number",),
    checks=(
        ContentCheck(
            "document",
            _("已作出处罚决定的须写明决定书文号"),
            lambda content: content["stage"] == "penalised" and not content["document_number"],
        ),
    ),
    note=_("立案不代表对经营者违法的认定。"),
)
