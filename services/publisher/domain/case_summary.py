"""The case summary (案情摘要) of a major item: proposed from facts, edited at the desk, never the caller's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.publisher.domain.checks import Check, CheckName, Result, text_checks
from services.publisher.domain.form import Form
from shared.errors import PermanentError

MAX_SUMMARY = 400
# The field of the public form.
FIELD = "issue"
# What stands in a title behind the subject of the dispute.
TITLE_SEPARATOR = "争议："


class BadSummary(PermanentError):
    """A case summary is a text of 1 to 400 characters."""


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A summary that a person wrote, and who: that person can't approve it."""

    text: str
    edited_by: str


def propose_summary(subject: str, amount_yuan: str | None) -> str:
    """Return what a dispute is about, from its goods and category (`subject`) and the amount as it is printed."""
    amount = f"涉及金额{amount_yuan}元，" if amount_yuan else ""
    return f"消费者反映{subject}问题，{amount}与经营者发生争议。"


def print_amount(amount: str | None) -> str | None:
    """Return an amount in yuan as it is printed."""
    return f"{Decimal(amount):,.2f}" if amount else None


def is_proposed(form: Form) -> bool:
    """Return whether the summary of a form is what the program proposes for its subject and amount: it quotes nobody."""
    content = form.content or {}
    subject, _sep, _operator = (form.title or "").partition(TITLE_SEPARATOR)
    amount = content.get("amount")
    return content.get(FIELD) == propose_summary(subject, print_amount(str(amount) if amount else None))


def concealed_summary(public: Form) -> frozenset[str]:
    """Return the field of the summary where what is public of it was written by a person, and so is not quoted."""
    return frozenset() if not (public.content or {}).get(FIELD) or is_proposed(public) else frozenset({FIELD})


def normalize_summary(text: str) -> str:
    """Return a summary as it is stored, on one line. Raises `BadSummary`."""
    line = " ".join(text.split())
    if not 0 < len(line) <= MAX_SUMMARY:
        raise BadSummary
    return line


def with_summary(form: Form, text: str) -> Form:
    """Return a form of a major item with another summary; its changes are still those of before."""
    return form.model_copy(update={"content": {**(form.content or {}), FIELD: text}})


def recheck(checks: Iterable[Check], form: Form) -> list[Check]:
    """Return the checks of a form whose summary was edited; what does not depend on texts stays as it was found.

    A complaint whose redaction failed stays withheld.
    """
    anew = {check.name: check for check in text_checks(form)}
    return [check if _is_withheld(check) else anew.get(check.name, check) for check in checks]


def doubt_names(checks: Sequence[Check], possible: Sequence[str]) -> list[Check]:
    """Return the checks with a warning where a model takes words for names or addresses and no pattern says so."""
    if not possible:
        return list(checks)
    doubt = Check(CheckName.PERSONAL, Result.WARN, "possible", {"words": list(possible)})
    return [doubt if check.name is CheckName.PERSONAL and check.result is Result.PASS else check for check in checks]


def _is_withheld(check: Check) -> bool:
    return check.name is CheckName.PERSONAL and check.finding == "withheld"
