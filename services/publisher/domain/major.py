"""The major board's item: one complaint without its consumer (DOMAIN: operator, amount, the issue, the result)."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from services.publisher.domain.case_summary import FIELD, TITLE_SEPARATOR, concealed_summary, print_amount, propose_summary
from services.publisher.domain.form import Form
from shared.contracts import ComplaintRevised, Kind, Outcome, PublicOperator, Redaction, Status
from shared.personal_data.stories import find_in_story
from shared.reference import categories
from shared.rules import MajorRules

# The kind of the item.
MAJOR_COMPLAINT = "major_complaint"
# Fields that hold a consumer's own words, and the title, of which the goods are a part.
CONSUMER_WORDS = frozenset({"issue", "goods", "title", "consumer_words"})
REOPENED = "投诉已重新处理，此前公示的处理结果不再有效。"

RESULTS = {
    Outcome.MEDIATED: "经调解，双方达成一致",
    Outcome.SELF_SETTLED: "消费者与经营者自行和解",
    Outcome.FAILED: "经调解，双方未达成一致，已告知可以通过仲裁或者诉讼解决",
    Outcome.WITHDRAWN: "消费者撤回投诉",
    Outcome.SETTLED_OR_WITHDRAWN: "双方自行和解或者投诉人撤回投诉",
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
    """Return the fields whose public values must not be quoted: a written summary, all words after a failed redaction.

    Until 2026-11 a summary could be the consumer's own words, and a later one may replace what it should not have said.
    """
    if complaint.redaction is Redaction.WITHHELD:
        return CONSUMER_WORDS
    return concealed_summary(public)


def major_form(complaint: ComplaintRevised, summary: str | None = None, *, reopened: bool = False) -> Form:
    """Return the form of the item, with the summary that a person wrote or else one from facts; never the caller's words.

    Outcome, recovered amount and day of closing belong to a closed complaint only. `reopened`: a result was public before.
    """
    operator, closed = complaint.operator, complaint.status is Status.CLOSED
    goods = _goods(complaint)
    subject = _subject(complaint, goods)
    outcome = REOPENED + describe_result(complaint) if reopened and not closed else describe_result(complaint)
    return Form(
        kind=MAJOR_COMPLAINT,
        title=f"{subject}{TITLE_SEPARATOR}{operator.name}",
        summary=_amount_phrase(complaint) + outcome,
        content={
            "amount": complaint.amount,
            "goods": goods,
            "category": complaint.category,
            "industry": complaint.industry,
            "channel": complaint.channel.value,
            FIELD: summary or propose_summary(subject, print_amount(complaint.amount)),
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


def describe_result(complaint: ComplaintRevised) -> str:
    """Return the result of the dispute in one sentence."""
    if complaint.status is not Status.CLOSED or complaint.outcome is None:
        return ONGOING[complaint.status] + "。"
    recovered = Decimal(complaint.recovered or 0)
    paid = f"，为消费者挽回损失{recovered:,.2f}元" if recovered > 0 else ""
    return f"{RESULTS[complaint.outcome]}{paid}。"


def _subject(complaint: ComplaintRevised, goods: str | None) -> str:
    """Return goods and category as one phrase, as in 手机商品质量."""
    known = categories()
    category = known.get(complaint.category or "")
    while category and category.parent:
        category = known.get(category.parent)
    return f"{goods or ''}{category.zh if category else '消费'}"


def _goods(complaint: ComplaintRevised) -> str | None:
    """Return what the complaint is about, unless that names a person or its redaction failed."""
    is_clean = complaint.redaction is not Redaction.WITHHELD and not find_in_story(complaint.goods or "")
    return complaint.goods if is_clean else None


def _amount_phrase(complaint: ComplaintRevised) -> str:
    amount = print_amount(complaint.amount)
    return f"涉及金额{amount}元。" if amount else ""
