"""The result of a spot check of quality (抽查检验结果): one product of one operator."""

from __future__ import annotations

from services.publisher.kinds.declaration import ContentCheck, Kind, OperatorUse
from services.publisher.kinds.fields import Choice, Code, Day, Line, Values
from shared.contracts import Board
from shared.web.i18n import _

VERDICTS = {"pass": _("合格"), "fail": _("不合格")}


def _title(content: Values) -> str:
    return f"抽查{VERDICTS[str(content['verdict'])]}：{content['product']}（{content['operator.name']}）"


def _summary(content: Values) -> str:
    failed = f"不合格项目：{content['failed_items']}。" if content["failed_items"] else ""
    return f"{content['notice_number']}，{VERDICTS[str(content['verdict'])]}。{failed}"


KIND = Kind(
    name="spot_check",
    board=Board.WARNINGS,
    label=_("抽查检验结果"),
    fields=(
        Code(name="notice_number", label=_("通告编号"), max_length=60),
        Code(name="product", label=_("商品名称"), max_length=100),
        Code(name="model", label=_("规格型号"), max_length=100, required=False),
        Code(name="producer", label=_("标称生产者"), max_length=100, required=False),
        Day(name="sampled_on", label=_("抽样日期")),
        Choice(name="verdict", label=_("检验结论"), options=VERDICTS),
        Line(name="failed_items", label=_("不合格项目"), max_length=300, required=False),
        Code(name="laboratory", label=_("检验机构"), max_length=100),
    ),
    title=_title,
    summary=_summary,
    operator=OperatorUse.REQUIRED,
    natural_key=("notice_number", "operator.uscc", "product", "model"),
    checks=(
        ContentCheck(
            "items_missing",
            _("不合格的须写明不合格项目"),
            lambda content: content["verdict"] == "fail" and not content["failed_items"],
        ),
        ContentCheck(
            "items_of_a_pass",
            _("合格的不写不合格项目"),
            lambda content: content["verdict"] == "pass" and bool(content["failed_items"]),
        ),
    ),
    note=_("抽查结果只对所抽样品负责。"),
)
