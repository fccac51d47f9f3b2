"""A model of reassuring consumption (放心消费示范单位)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind, OperatorUse
from services.publisher.kinds.fields import Choice, Code, Day
from services.publisher.kinds.wording import day_of
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="model_operator",
    board=Board.OTHER,
    label=_("放心消费示范单位"),
    fields=(
        Choice(
            name="model_kind",
            label=_("示范类别"),
            options={
                "shop": _("示范商店"),
                "market": _("示范商场、市场"),
                "street": _("示范街区"),
                "scenic": _("示范景区"),
                "online": _("示范网店"),
                "factory": _("示范工厂"),
                "unit": _("示范单位"),
            },
        ),
        Day(name="granted_on", label=_("认定日期")),
        Code(name="granted_by", label=_("认定单位"), max_length=60),
        Day(name="valid_until", label=_("有效期至"), required=False),
    ),
    title=lambda content: f"放心消费示范单位：{content['operator.name']}",
    summary=lambda content: f"{content['granted_by']}于{day_of(content['granted_on'])}认定。",
    operator=OperatorUse.REQUIRED,
    natural_key=("operator.uscc", "model_kind", "granted_on"),
)
