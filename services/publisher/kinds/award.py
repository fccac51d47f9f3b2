"""An award to an operator (表彰奖励)."""

from __future__ import annotations

from services.publisher.kinds.declaration import Kind, OperatorUse
from services.publisher.kinds.fields import Code, Day, Line
from services.publisher.kinds.wording import day_of
from shared.contracts import Board
from shared.web.i18n import _

KIND = Kind(
    name="award",
    board=Board.OTHER,
    label=_("表彰奖励"),
    fields=(
        Line(name="award_name", label=_("奖项"), max_length=60),
        Day(name="granted_on", label=_("认定日期")),
        Code(name="granted_by", label=_("认定单位"), max_length=60),
    ),
    title=lambda content: f"{content['award_name']}：{content['operator.name']}",
    summary=lambda content: f"{content['granted_by']}于{day_of(content['granted_on'])}授予。",
    operator=OperatorUse.REQUIRED,
    natural_key=("operator.uscc", "award_name", "granted_on"),
)
