"""A pledge to take goods back without a reason (无理由退货承诺)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind, OperatorUse
from services.publisher.kinds.fields import Count, Day, Line
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="return_pledge",
    board=Board.OTHER,
    label=_("无理由退货承诺"),
    fields=(
        Count(name="return_days", label=_("退货天数"), maximum=365),
        Line(name="goods_covered", label=_("适用商品"), max_length=200),
        Line(name="goods_excluded", label=_("不适用商品"), max_length=200, required=False),
        Day(name="pledged_on", label=_("承诺日期")),
    ),
    title=lambda content: f"无理由退货承诺：{content['operator.name']}",
    summary=lambda content: f"{content['return_days']}天无理由退货，适用于{content['goods_covered']}。",
    operator=OperatorUse.REQUIRED,
    natural_key=("operator.uscc", "pledged_on"),
)
