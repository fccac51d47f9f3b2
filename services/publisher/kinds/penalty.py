"""A penalty (行政处罚) with the fields of 双公示; money in 10,000 yuan to six decimals, nothing of a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from services.publisher.kinds.declaration import ContentCheck, Kind, OperatorUse
from services.publisher.kinds.fields import Choice, Code, CreditCode, Day, Line, MyriadYuan, Prose, Values
from shared.contracts import Board
from shared.web.i18n import _

PARTIES = {"organisation": _("法人和非法人组织"), "trader": _("个体工商户"), "person": _("自然人")}
PENALTIES = {
    "warning": _("警告"),
    "criticism": _("通报批评"),
    "fine": _("罚款"),
    "confiscation": _("没收违法所得、没收非法财物"),
    "suspended_licence": _("暂扣许可证件"),
    "restricted_business": _("限制开展生产经营活动"),
    "closed": _("责令停产停业"),
    "revoked_licence": _("吊销许可证件"),
    "other": _("其他"),
}
# By which the rules find how long it stays public.
SERIOUSNESS = {"minor": _("通报批评、较低数额罚款"), "ordinary": _("除此以外的处罚")}
# A fine of this many 10,000 yuan is seldom; one that was typed in yuan is.
LARGE_FINE = Decimal(1000)


def _is_large(content: Values) -> bool:
    return any(content[name] and Decimal(str(content[name])) >= LARGE_FINE for name in ("fine", "confiscated"))


def _ends_before(content: Values) -> bool:
    ends = [date.fromisoformat(str(content[name])) for name in ("valid_until", "public_until") if content[name]]
    return any(end < date.fromisoformat(str(content["decided_on"])) for end in ends)


KIND = Kind(
    name="penalty",
    board=Board.PENALTIES,
    label=_("行政处罚"),
    fields=(
        Choice(name="party_kind", label=_("行政相对人类别"), options=PARTIES),
        Code(name="document_number", label=_("行政处罚决定书文号"), max_length=128),
        Line(name="offence", label=_("违法行为类型"), max_length=200),
        Prose(name="offence_facts", label=_("违法事实"), hint=_("不写姓名、称呼、住址和号码。")),
        Line(name="penalty_basis", label=_("处罚依据"), max_length=1_000),
        Choice(name="penalty_kind", label=_("处罚类别"), options=PENALTIES),
        Line(name="penalty_content", label=_("处罚内容"), max_length=1_000),
        MyriadYuan(name="fine", label=_("罚款金额"), hint=_("以万元为单位，最多六位小数。"), required=False),
        MyriadYuan(name="confiscated", label=_("没收金额"), hint=_("以万元为单位，最多六位小数。"), required=False),
        Line(name="licence", label=_("暂扣或吊销证照名称及编号"), max_length=200, required=False),
        Choice(name="seriousness", label=_("公示期限类别"), options=SERIOUSNESS, hint=_("通报批评和较低数额罚款的公示期短。")),
        Day(name="decided_on", label=_("处罚决定日期")),
        Day(name="valid_until", label=_("有效期至"), required=False),
        Day(name="public_until", label=_("公示截止期"), required=False),
        Code(name="authority", label=_("处罚机关"), max_length=200),
        CreditCode(name="authority_code", label=_("处罚机关统一社会信用代码"), required=False),
    ),
    title=lambda content: f"行政处罚：{content['operator.name']}（{content['document_number']}）",
    summary=lambda content: f"{content['offence']}。{content['penalty_content']}",
    operator=OperatorUse.REQUIRED,
    natural_key=("document_number",),
    seriousness="seriousness",
    decided_on="decided_on",
    ends_on="public_until",
    checks=(
        # What is decided about a natural person is never public.
        ContentCheck("party", _("当事人是自然人，不能公示"), lambda content: content["party_kind"] == "person"),
        # Order 45: a decision that only warns is not published.
        ContentCheck("only_warning", _("仅处以警告的，不予公示"), lambda content: content["penalty_kind"] == "warning"),
        ContentCheck("unit", _("金额以万元为单位，请核对"), _is_large, blocks=False),
        ContentCheck("order", _("有效期和公示截止期不能早于决定日期"), _ends_before),
    ),
)
