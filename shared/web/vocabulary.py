"""The words of the domain for the codes of the contracts, Chinese with English; no synonyms anywhere else."""

from __future__ import annotations

from collections.abc import Mapping

from shared.web.i18n import Text, _

Words = Mapping[str, Text]

BOARDS: Words = {
    "basic": _("基本投诉"),
    "major": _("重大投诉"),
    "analysis": _("投诉分析"),
    "warnings": _("警示告知"),
    "penalties": _("案件处罚"),
    "other": _("其他公示"),
}

STATES: Words = {
    "released": _("已发布"),
    "corrected": _("已更正"),
    "updated": _("已更新"),
    "withdrawn": _("已撤回"),
    "expired": _("已到期"),
    "review": _("复核中"),
    "draft": _("待审核"),
    "pending": _("待审核"),
    "approved": _("待发布"),
    "returned": _("已退回"),
    "late": _("已超期"),
}

# The classes of look.css: a tag's mark and colour follow the state, never the board.
TAGS: Mapping[str, str] = {
    "released": "released",
    "corrected": "corrected",
    "updated": "corrected",
    "withdrawn": "withdrawn",
    "expired": "expired",
    "review": "review",
    "draft": "pending",
    "pending": "pending",
    "approved": "pending",
    "returned": "plain",
    "late": "late",
}

CHANNELS: Words = {
    "hotline_12345": _("12345热线"),
    "hotline_12315": _("12315热线"),
    "hotline_12331": _("12331热线"),
    "hotline_12365": _("12365热线"),
    "platform": _("12315平台"),
    "on_site": _("现场"),
    "letter": _("来信"),
    "other": _("其他"),
}

KINDS: Words = {"complaint": _("投诉"), "tip_off": _("举报")}

LEDGERS: Words = {"dispatched": _("平台分流"), "received": _("自行接收")}

STATUSES: Words = {
    "received": _("收到"),
    "accepted": _("受理"),
    "rejected": _("不予受理"),
    "mediating": _("调解中"),
    "closed": _("办结"),
}

OUTCOMES: Words = {
    "mediated": _("调解成功"),
    "self_settled": _("自行和解"),
    "failed": _("调解失败"),
    "withdrawn": _("撤回"),
    "transferred": _("移送"),
    "settled_or_withdrawn": _("双方自行和解或者投诉人撤回投诉"),
}

SALE_MODES: Words = {
    "in_store": _("现场购买"),
    "online": _("网购"),
    "other": _("其他方式"),
}

MEASURES: Words = {
    "complaints": _("投诉"),
    "accepted": _("受理"),
    "resolved": _("解决"),
    "resolution_rate": _("解决率"),
    "mediations": _("调解"),
    "mediation_successes": _("调解成功"),
    "mediation_success_rate": _("调解成功率"),
    "closed": _("办结"),
    "amount": _("涉及金额"),
    "recovered": _("挽回损失"),
    "median_days": _("办结用时（中位数）"),
    "p90_days": _("办结用时（第90百分位）"),
}

APPLICATIONS: Words = {"query": _("查询"), "correction": _("更正"), "response": _("回应")}

DECISIONS: Words = {"upheld": _("维持"), "corrected": _("更正"), "withdrawn": _("撤回")}

ROLES: Words = {
    "clerk": _("登记岗"),
    "drafter": _("起草岗"),
    "reviewer": _("审核岗"),
    "gatekeeper": _("发布岗"),
    "officer": _("更正岗"),
    "operator": _("经营者"),
    "ops": _("运维岗"),
    "auditor": _("监督岗"),
}

# The calendar's names with and without 节: a day's tile has room for two characters.
HOLIDAYS: Words = {
    "元旦": _("元旦"),
    "春节": _("春节"),
    "清明节": _("清明"),
    "劳动节": _("劳动节"),
    "端午节": _("端午"),
    "中秋节": _("中秋"),
    "国庆节": _("国庆"),
    "抗战胜利纪念日": _("纪念日"),
}

# The offices that draft what boards show.
OFFICES: Words = {
    "command_centre": _("指挥中心"),
    "handling_office": _("承办单位"),
    "consumer_council": _("消保委"),
    "case_office": _("办案单位"),
    "office_concerned": _("相关单位"),
}

FAMILIES: Mapping[str, Words] = {
    "board": BOARDS,
    "state": STATES,
    "channel": CHANNELS,
    "kind": KINDS,
    "ledger": LEDGERS,
    "status": STATUSES,
    "outcome": OUTCOMES,
    "sale_mode": SALE_MODES,
    "measure": MEASURES,
    "application": APPLICATIONS,
    "decision": DECISIONS,
    "role": ROLES,
    "office": OFFICES,
    "holiday": HOLIDAYS,
}


def word(family: str, code: str) -> Text | str:
    """Return the word for `code`; a code that no table knows is shown as it is."""
    return FAMILIES[family].get(str(code), str(code))
