"""The major board's item: one complaint without its consumer (DOMAIN: operator, amount, the issue, the result)."""

from __future__ import annotations

from decimal import Decimal

from services.publisher.domain.form import Form
from shared.contracts import ComplaintRevised, Kind, Outcome, PublicOperator, Redaction, Status
from shared.reference import categories

LONGEST_ISSUE = 400

RESULTS = {
    Outcome.MEDIATED: "经调解，双方达成一致",
    Outcome.SELF_SETTLED: "消费者与经营者自行和解",
    Outcome.FAILED: "经调解，双方未达成一致，已告知可以通过仲裁或者诉讼解决",
    Outcome.WITHDRAWN: "消费者撤回投诉",
    Outcome.TRANSFERRED: "已移送有权处理的单位",
}
ONGOING = {
    Status.RECEIVED: "尚未决定是否受理",
    Status.ACCEPTED: "已受理，正在处理",
    Status.MEDIATING: "正在调解",
    Status.REJECTED: "不予受理",
    Status.CLOSED: "已办结",
}


def is_publishable(complaint: ComplaintRevised) -> bool:
    """Return whether the complaint can become an item: a dispute that was accepted and is no duplicate."""
    return (
        complaint.kind is Kind.COMPLAINT
        and complaint.duplicate_of is None
        and complaint.status in {Status.ACCEPTED, Status.MEDIATING, Status.CLOSED}
    )


def major_form(complaint: ComplaintRevised) -> Form:
    """Return the form of the item. Where redaction failed it contains none of the consumer's own words."""
    operator = complaint.operator
    return Form(
        title=f"{_subject(complaint)}争议：{operator.name}",
        summary=_summary(complaint),
        content={
            "amount": complaint.amount,
            "goods": None if complaint.redaction is Redaction.WITHHELD else complaint.goods,
            "category": complaint.category,
            "industry": complaint.industry,
            "channel": complaint.channel.value,
            "issue": issue(complaint),
            "result": result(complaint),
            "status": complaint.status.value,
            "outcome": complaint.outcome.value if complaint.outcome else None,
            "recovered": complaint.recovered,
            "office": complaint.office,
            "received_on": complaint.received_on.isoformat(),
            "accepted_on": complaint.accepted_on.isoformat() if complaint.accepted_on else None,
            "closed_on": complaint.closed_on.isoformat() if complaint.closed_on else None,
        },
        operator=PublicOperator(
            key=operator.key, name=operator.name, uscc=operator.uscc, address=operator.address, scope=operator.scope
        ),
        region=complaint.region,
        complaint_id=str(complaint.complaint_id),
    )


def issue(complaint: ComplaintRevised) -> str:
    """Return what the dispute is about; in the consumer's words only with consent, and never where redaction failed."""
    plain = f"消费者反映{_subject(complaint)}问题，与经营者发生争议。"
    if complaint.redaction is Redaction.WITHHELD or not complaint.consents_to_publish or not complaint.text:
        return plain
    text = complaint.text.strip()
    return text if len(text) <= LONGEST_ISSUE else text[:LONGEST_ISSUE] + "……"


def result(complaint: ComplaintRevised) -> str:
    """Return the result of the dispute in one sentence."""
    if complaint.status is not Status.CLOSED or complaint.outcome is None:
        return ONGOING[complaint.status] + "。"
    recovered = Decimal(complaint.recovered or 0)
    paid = f"，为消费者挽回损失{recovered:,.2f}元" if recovered > 0 else ""
    return f"{RESULTS[complaint.outcome]}{paid}。"


def _subject(complaint: ComplaintRevised) -> str:
    """Return goods and category as one phrase, as in 手机商品质量."""
    known = categories()
    category = known.get(complaint.category or "")
    while category and category.parent:
        category = known.get(category.parent)
    goods = "" if complaint.redaction is Redaction.WITHHELD else (complaint.goods or "")
    return f"{goods}{category.zh if category else '消费'}"


def _summary(complaint: ComplaintRevised) -> str:
    amount = f"涉及金额{Decimal(complaint.amount):,.2f}元。" if complaint.amount else ""
    return amount + result(complaint)
