"""The record of a handled complaint (投诉处理记录): one complaint and its result, in the three words of the national portal."""

from __future__ import annotations

from datetime import date

from services.publisher.kinds.declaration import ContentCheck, Kind, OperatorUse
from services.publisher.kinds.fields import Choice, Code, Day, Line, Office, Problem, Prose, Values
from shared.contracts import Board, ComplaintRevised, Outcome, Redaction
from shared.contracts.reports import SaleMode
from shared.reference import LEVELS, category_path
from shared.text import to_line
from shared.web.i18n import _

# The words of the national portal, exactly; a complaint with another outcome has no record.
SETTLED, NOT_SETTLED, WITHDRAWN = "达成调解协议", "未达成调解协议", "双方自行和解或者投诉人撤回投诉"
RESULTS = {
    Outcome.MEDIATED: SETTLED,
    Outcome.FAILED: NOT_SETTLED,
    Outcome.SELF_SETTLED: WITHDRAWN,
    Outcome.WITHDRAWN: WITHDRAWN,
    Outcome.SETTLED_OR_WITHDRAWN: WITHDRAWN,
}
WORDS = {
    SETTLED: _("达成调解协议"),
    NOT_SETTLED: _("未达成调解协议"),
    WITHDRAWN: _("双方自行和解或者投诉人撤回投诉"),
}
SALE_MODES = {
    SaleMode.IN_STORE.value: _("现场购买"),
    SaleMode.ONLINE.value: _("网购"),
    SaleMode.OTHER.value: _("其他方式"),
}
# A class that no table has keeps its last levels.
LEVELS_SHOWN = 2
# Longer ones are cut nowhere: they are left out.
MAX_WORDS, MAX_LINE = 2_000, 200
# The days from receipt to closing above which a person looks at the dates.
MANY_DAYS = 365


def draft(complaint: ComplaintRevised) -> dict[str, str | int | None] | None:
    """Return the content of a complaint's record; None where its result is none of the three."""
    result = RESULTS.get(complaint.outcome) if complaint.outcome else None
    if result is None:
        return None
    return {
        "goods_class": _line(complaint.goods_class),
        "sale_mode": complaint.sale_mode.value if complaint.sale_mode else None,
        "platform": _line(complaint.operator.platform),
        "problem": _problem(complaint.category),
        "demand": _line(complaint.demand),
        "result": result,
        "office": complaint.office,
        "received_on": complaint.received_on.isoformat(),
        "accepted_on": complaint.accepted_on.isoformat() if complaint.accepted_on else None,
        "closed_on": complaint.closed_on.isoformat() if complaint.closed_on else None,
        "consumer_words": _words(complaint),
    }


def _line(text: str | None) -> str | None:
    line = to_line(text or "")
    return line if 0 < len(line) <= MAX_LINE else None


def _problem(category: str | None) -> str | None:
    """Return the problem in two levels; what the source has where no table knows it."""
    if category is None:
        return None
    return category_path(category, "zh") or _line(LEVELS.join(category.split(LEVELS)[-LEVELS_SHOWN:]))


def _words(complaint: ComplaintRevised) -> str | None:
    """Return the complainant's words, redacted: with consent only, and whole or not at all."""
    if not complaint.consents_to_publish or complaint.redaction is not Redaction.CLEAN:
        return None
    text = "\n".join(filter(None, map(to_line, (complaint.text or "").splitlines())))
    return text if 0 < len(text) <= MAX_WORDS else None


def _is_out_of_order(content: Values) -> bool:
    days = [str(content[name]) for name in ("received_on", "accepted_on", "closed_on") if content[name]]
    return days != sorted(days)


def _took_long(content: Values) -> bool:
    first, last = content["received_on"], content["closed_on"]
    return bool(first and last) and (date.fromisoformat(str(last)) - date.fromisoformat(str(first))).days > MANY_DAYS


KIND = Kind(
    name="record",
    board=Board.BASIC,
    label=_("投诉处理记录"),
    fields=(
        Line(name="goods_class", label=_("商品或服务类别"), max_length=MAX_LINE, required=False),
        Choice(name="sale_mode", label=_("销售方式"), options=SALE_MODES, required=False),
        Code(name="platform", label=_("交易平台"), max_length=MAX_LINE, required=False),
        Problem(name="problem", label=_("投诉问题"), max_length=MAX_LINE, required=False),
        Line(name="demand", label=_("投诉请求"), max_length=MAX_LINE, required=False),
        Choice(name="result", label=_("处理结果"), options=WORDS),
        Office(name="office", label=_("承办单位"), max_length=64, required=False),
        Day(name="received_on", label=_("收到日期")),
        Day(name="accepted_on", label=_("受理日期"), required=False),
        Day(name="closed_on", label=_("办结日期"), required=False),
        Prose(name="consumer_words", label=_("投诉人陈述"), max_length=MAX_WORDS, required=False),
    ),
    title=lambda content: f"{content['problem'] or '消费'}投诉：{content['operator.name']}",
    summary=lambda content: f"{content['result']}。",
    operator=OperatorUse.REQUIRED,
    checks=(
        ContentCheck("days_out_of_order", _("收到、受理、办结日期的先后不对，请核对"), _is_out_of_order, blocks=False),
        ContentCheck("took_long", _("办理超过一年，请核对日期"), _took_long, blocks=False),
    ),
    note=_("内容来自投诉人的陈述，处理结果不代表对经营者违法的认定，也不是排名。"),
    from_complaint=draft,
)
