"""The major board's item: one complaint without its consumer (DOMAIN: operator, amount, the issue, the result)."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum

from services.publisher.domain.form import Form
from shared.contracts import ComplaintRevised, Kind, Outcome, PublicOperator, Redaction, Status
from shared.reference import categories
from shared.rules import MajorRules

LONGEST_ISSUE = 400
# Fields that hold a consumer's own words, and the title, of which the goods are a part.
CONSUMER_WORDS = frozenset({"issue", "goods", "title"})
ANONYMOUS_ISSUE = re.compile(r"消费者反映[^，。]*问题，与经营者发生争议。")
REOPENED = "投诉已重新处理，此前公示的处理结果不再有效。"

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


def can_be_published(complaint: ComplaintRevised) -> bool:
    """Return whether the complaint can become an item: a dispute that was accepted and is no duplicate."""
    return (
        complaint.kind is Kind.COMPLAINT
        and complaint.duplicate_of is None
        and complaint.status in {Status.ACCEPTED, Status.MEDIATING, Status.CLOSED}
    )


class ExclusionGround(StrEnum):
    """Why a complaint can't be a major item, though it was one."""

    DUPLICATE = "duplicate"
    NO_DISPUTE = "no_dispute"
    NOT_MAJOR = "not_major"


def find_exclusion_ground(complaint: ComplaintRevised, rules: MajorRules) -> ExclusionGround | None:
    """Return why a complaint can't be a major item under the rules that it was drafted under; None where it can."""
    if complaint.duplicate_of is not None:
        return ExclusionGround.DUPLICATE
    if complaint.kind is not Kind.COMPLAINT or complaint.status is Status.REJECTED:
        return ExclusionGround.NO_DISPUTE
    # Without its texts nothing is known of harm, so nothing is concluded from their absence.
    if complaint.redaction is not Redaction.WITHHELD and not is_major(complaint, rules):
        return ExclusionGround.NOT_MAJOR
    return None


def is_major(complaint: ComplaintRevised, rules: MajorRules) -> bool:
    """Return whether the rules call the complaint a major one, by amount or harm."""
    amount = Decimal(complaint.amount) if complaint.amount else None
    text = f"{complaint.title or ''}{complaint.text or ''}"
    return rules.ground(amount=amount, category=complaint.category, text=text) is not None


def concealed_fields(complaint: ComplaintRevised, public: Form) -> frozenset[str]:
    """Return the fields whose public values must not be quoted: words without consent, all words after a failed redaction."""
    if complaint.redaction is Redaction.WITHHELD:
        return CONSUMER_WORDS
    words = str((public.content or {}).get("issue") or "")
    if complaint.consents_to_publish or not words or ANONYMOUS_ISSUE.fullmatch(words):
        return frozenset()
    return frozenset({"issue"})


def major_form(complaint: ComplaintRevised, *, reopened: bool = False) -> Form:
    """Return the form of the item. Where redaction failed it contains none of the consumer's own words.

    Outcome, recovered amount and day of closing belong to a closed complaint only. `reopened`: a result was public before.
    """
    operator, closed = complaint.operator, complaint.status is Status.CLOSED
    outcome = REOPENED + describe_result(complaint) if reopened and not closed else describe_result(complaint)
    return Form(
        title=f"{_subject(complaint)}争议：{operator.name}",
        summary=_amount_phrase(complaint) + outcome,
        content={
            "amount": complaint.amount,
            "goods": None if complaint.redaction is Redaction.WITHHELD else complaint.goods,
            "category": complaint.category,
            "industry": complaint.industry,
            "channel": complaint.channel.value,
            "issue": describe_issue(complaint),
            "result": outcome,
            "status": complaint.status.value,
            "outcome": complaint.outcome.value if complaint.outcome and closed else None,
            "recovered": complaint.recovered if closed else None,
            "office": complaint.office,
            "received_on": complaint.received_on.isoformat(),
            "accepted_on": complaint.accepted_on.isoformat() if complaint.accepted_on else None,
            "closed_on": complaint.closed_on.isoformat() if complaint.closed_on and closed else None,
        },
        operator=PublicOperator(
            key=operator.key, name=operator.name, uscc=operator.uscc, address=operator.address, scope=operator.scope
        ),
        region=complaint.region,
        complaint_id=str(complaint.complaint_id),
    )


def describe_issue(complaint: ComplaintRevised) -> str:
    """Return what the dispute is about; in the consumer's words only with consent, and never where redaction failed."""
    plain = f"消费者反映{_subject(complaint)}问题，与经营者发生争议。"
    if complaint.redaction is Redaction.WITHHELD or not complaint.consents_to_publish or not complaint.text:
        return plain
    text = complaint.text.strip()
    return text if len(text) <= LONGEST_ISSUE else text[:LONGEST_ISSUE] + "……"


def describe_result(complaint: ComplaintRevised) -> str:
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


def _amount_phrase(complaint: ComplaintRevised) -> str:
    return f"涉及金额{Decimal(complaint.amount):,.2f}元。" if complaint.amount else ""
