"""Texts of the desk for each check of a draft and its finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.publisher.domain.checks import Check, CheckName, Result
from services.publisher.kinds import find_kind
from shared.web.i18n import Text, _
from shared.web.vocabulary import word

CHECK_NAMES: Mapping[str, Text] = {
    "operator": _("经营者"),
    "duplicate": _("重复"),
    "personal": _("个人信息"),
    "wording": _("措辞"),
    "handled": _("处理结果"),
    "notice": _("公示前告知"),
    "basis": _("依据"),
    "kind": _("内容"),
    "deadline": _("公示时限"),
}
PERSONAL_DATA_KINDS: Mapping[str, Text] = {
    "phone": _("电话号码"),
    "id_number": _("身份证号"),
    "card": _("银行卡号"),
    "email": _("电子邮箱"),
    "name": _("姓名或者称呼"),
    "address": _("住址"),
    "plate": _("车牌号或者车架号"),
    "account": _("微信、QQ等账号"),
    "order": _("订单号或者快递单号"),
    "placeholder": _("去标识化留下的占位符"),
}
FindingDetail = Mapping[str, Any]
FINDINGS: Mapping[tuple[str, str], Callable[[FindingDetail], Text]] = {
    ("operator", "valid_uscc"): lambda _d: _("信用代码校验通过"),
    ("operator", "no_uscc"): lambda _d: _("没有信用代码，主体不明确，不能公示"),
    ("operator", "bad_uscc"): lambda _d: _("信用代码校验不通过，请核对主体"),
    ("duplicate", "once"): lambda _d: _("未发现重复公示"),
    ("duplicate", "merged"): lambda _d: _("与另一件投诉重复，已合并，不能再公示"),
    ("duplicate", "alike"): lambda d: _("%(item)s涉及同一经营者、同一金额，请核对", item=d["item"]),
    ("duplicate", "withdrawn_before"): lambda d: _("此前公示的%(item)s已撤回，请先核对撤回原因", item=d["item"]),
    ("personal", "clean"): lambda _d: _("未发现姓名称呼、住址、电话、证件号、银行卡号、邮箱、车牌和账号"),
    # One kind is enough to return the draft; the others are found in its next version.
    ("personal", "found"): lambda d: _("含有%(kinds)s，去除后才能公示", kinds=PERSONAL_DATA_KINDS[d["kinds"][0]]),
    ("personal", "possible"): lambda d: _("“%(words)s”可能是姓名或者住址，请核对", words="”“".join(d["words"])),
    ("personal", "withheld"): lambda _d: _("去除个人信息没有成功，内容已扣留，不能公示"),
    ("personal", "words_removed"): lambda _d: _("去除个人信息没有成功，消费者原文已从公示内容中删去"),
    ("wording", "plain"): lambda _d: _("未发现带有倾向的用词"),
    ("wording", "loaded"): lambda d: _("“%(words)s”带有倾向，请核对", words="”“".join(d["words"])),
    ("handled", "closed"): lambda _d: _("已办结"),
    ("handled", "open"): lambda d: _("%(status)s，争议尚未处理完毕", status=word("status", d["status"])),
    ("handled", "reopened"): lambda d: _("%(status)s，公示的处理结果须更正", status=word("status", d["status"])),
    ("notice", "no_notice"): lambda _d: _("规则不要求公示前告知"),
    ("notice", "notice"): lambda d: _("须在公示前%(days)s个工作日告知经营者", days=d["days"]),
    ("deadline", "in_time"): lambda d: _("最迟%(day)s公示", day=d["day"]),
    ("deadline", "late"): lambda d: _("应不迟于%(day)s公示，已超期", day=d["day"]),
    ("deadline", "over"): lambda d: _("公示期到%(day)s已满，不能再公示", day=d["day"]),
    ("deadline", "withdraw_by"): lambda d: _("最迟%(day)s撤回", day=d["day"]),
    ("basis", "rules"): lambda d: _("公示规则%(version)s版", version=d["version"]),
}


def most_severe_finding(checks: Iterable[Check]) -> Text | None:
    """Return the text of the first failed check, else of the first warning; None where all pass."""
    failures = sorted((c for c in checks if c.result is not Result.PASS), key=lambda check: check.result is not Result.FAIL)
    return next(map(_finding_text, failures), None)


def _finding_text(check: Check) -> Text:
    kind = find_kind(check.detail.get("kind")) if check.name is CheckName.KIND else None
    return kind.finding(check.finding) if kind else FINDINGS[check.name, check.finding](check.detail)


def check_entries(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Return checks as the component `checks` takes them."""
    return [
        {
            "result": check.result.value,
            "name": CHECK_NAMES[check.name],
            "text": _finding_text(check),
            "url": f"/desk/items/{check.detail['item']}" if "item" in check.detail else "",
            "link": None,
        }
        for check in checks
    ]
