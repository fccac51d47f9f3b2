"""The checks of a draft: a failing check blocks review and release, a warning asks the reviewer to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from services.publisher.domain.form import Form
from services.publisher.domain.personal_data import find_personal_data, narratives
from services.publisher.kinds import Kind, OperatorUse
from shared.contracts import Board, ComplaintRevised, Redaction, Status
from shared.identifiers import canonical_uscc
from shared.rules import Rules

# Words that judge (LOOK: Wording). A decision's own text may contain them, hence a warning and not a failure.
LOADED_WORDS = ("欺诈", "黑榜", "曝光", "拒不", "恶意", "奸商", "骗子")


class Result(StrEnum):
    """The result of a check."""

    PASS = "pass"  # noqa: S105 a result, not a secret
    WARN = "warn"
    FAIL = "fail"


class CheckName(StrEnum):
    """What is checked."""

    OPERATOR = "operator"
    DUPLICATE = "duplicate"
    PERSONAL = "personal"
    WORDING = "wording"
    HANDLED = "handled"
    NOTICE = "notice"
    BASIS = "basis"
    KIND = "kind"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its result, the code of its finding and the values of the finding's text."""

    name: CheckName
    result: Result
    finding: str
    detail: dict[str, Any] = field(default_factory=dict)


def count_results(checks: Iterable[Check]) -> tuple[int, int]:
    """Return how many checks fail and how many warn."""
    results = [check.result for check in checks]
    return results.count(Result.FAIL), results.count(Result.WARN)


def to_json(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Return checks as they are stored."""
    return [asdict(check) for check in checks]


def from_json(stored: Iterable[dict[str, Any]]) -> list[Check]:
    """Return stored checks."""
    return [Check(CheckName(c["name"]), Result(c["result"]), c["finding"], c["detail"]) for c in stored]


def form_checks(form: Form, rules: Rules, board: Board, follows: str | None = None) -> list[Check]:
    """Return the checks of a form alone; the database keeps its natural key unique. `follows`: the withdrawn item before it."""
    return [_check_operator(form), check_succession(follows), *_check_form(form, rules, board)]


def major_checks(
    form: Form, rules: Rules, complaint: ComplaintRevised, similar: Sequence[str], *, is_public: bool = False
) -> list[Check]:
    """Return the checks of a major item; `similar` are ids of other items on the same operator and amount.

    `is_public`: a version of it is public already. What blocks a first version then only warns, since a blocked revision
    leaves in public what the source has taken back.
    """
    handled = _check_handled(complaint, is_public=is_public)
    checks = [_check_operator(form), _check_duplicate(complaint, similar), *_check_form(form, rules, Board.MAJOR), handled]
    if complaint.redaction is Redaction.WITHHELD:
        withheld = _check_redaction(is_public=is_public)
        checks = [withheld if check.name is CheckName.PERSONAL else check for check in checks]
    return checks


def _check_redaction(*, is_public: bool) -> Check:
    if is_public:
        return Check(CheckName.PERSONAL, Result.WARN, "words_removed")
    return Check(CheckName.PERSONAL, Result.FAIL, "withheld")


def kind_checks(form: Form, rules: Rules, kind: Kind, deadline: Check | None = None) -> list[Check]:
    """Return the checks of a form that was drafted at the desk; `deadline`: that of its publication, where there is one."""
    needs_operator = kind.operator is OperatorUse.REQUIRED or form.operator is not None
    found = [
        Check(CheckName.KIND, Result.FAIL if finding.blocks else Result.WARN, finding.code, {"kind": kind.name})
        for finding in kind.find(form.content or {})
    ]
    operator = [_check_operator(form)] if needs_operator else []
    return [*operator, *found, *_check_form(form, rules, kind.board), *([deadline] if deadline else [])]


def check_deadline(last: date, today: date) -> Check:
    """Return whether what must be published until `last` still can be in time."""
    detail = {"day": last.isoformat()}
    return (
        Check(CheckName.DEADLINE, Result.WARN, "late", detail)
        if today > last
        else Check(CheckName.DEADLINE, Result.PASS, "in_time", detail)
    )


def check_end(last: date | None, today: date) -> list[Check]:
    """Return a failure where the last day of an item's publication has passed before it begins."""
    if last is None or last >= today:
        return []
    return [Check(CheckName.DEADLINE, Result.FAIL, "over", {"day": last.isoformat()})]


def withdrawal_checks(form: Form, rules: Rules, last: date | None = None) -> list[Check]:
    """Return the checks of a withdrawal, whose reason is public; `last`: the day until which the rules have it released."""
    basis = Check(CheckName.BASIS, Result.PASS, "rules", {"version": rules.version})
    deadline = Check(CheckName.DEADLINE, Result.PASS, "withdraw_by", {"day": last.isoformat()}) if last else None
    return [_check_personal_data(form), *([deadline] if deadline else []), basis]


def _check_operator(form: Form) -> Check:
    uscc = form.operator.uscc if form.operator else None
    if not uscc:
        return Check(CheckName.OPERATOR, Result.FAIL, "no_uscc")
    if canonical_uscc(uscc) is None:
        return Check(CheckName.OPERATOR, Result.FAIL, "bad_uscc")
    return Check(CheckName.OPERATOR, Result.PASS, "valid_uscc")


def _check_duplicate(complaint: ComplaintRevised, similar: Sequence[str]) -> Check:
    if complaint.duplicate_of:
        return Check(CheckName.DUPLICATE, Result.FAIL, "merged")
    if similar:
        return Check(CheckName.DUPLICATE, Result.WARN, "alike", {"item": similar[0]})
    return Check(CheckName.DUPLICATE, Result.PASS, "once")


def check_succession(item_id: str | None) -> Check:
    """Return whether the item before this one was withdrawn."""
    if item_id:
        return Check(CheckName.DUPLICATE, Result.WARN, "withdrawn_before", {"item": item_id})
    return Check(CheckName.DUPLICATE, Result.PASS, "once")


def _check_form(form: Form, rules: Rules, board: Board) -> list[Check]:
    days = rules.notice_workdays(board, form.kind) if form.operator else 0
    # No doubt about the item: the gate itself waits for the notice.
    notice = (
        Check(CheckName.NOTICE, Result.PASS, "notice", {"days": days})
        if days
        else Check(CheckName.NOTICE, Result.PASS, "no_notice")
    )
    basis = Check(CheckName.BASIS, Result.PASS, "rules", {"version": rules.version})
    return [*text_checks(form), notice, basis]


def text_checks(form: Form) -> list[Check]:
    """Return the checks of a form's texts."""
    return [_check_personal_data(form), _check_wording(form)]


def _check_personal_data(form: Form) -> Check:
    found = sorted(find_personal_data(form))
    if found:
        return Check(CheckName.PERSONAL, Result.FAIL, "found", {"kinds": found})
    return Check(CheckName.PERSONAL, Result.PASS, "clean")


def _check_wording(form: Form) -> Check:
    texts = [form.title, form.summary, form.response, *narratives(form)]
    found = [word for word in LOADED_WORDS if any(word in text for text in texts if text)]
    if found:
        return Check(CheckName.WORDING, Result.WARN, "loaded", {"words": found})
    return Check(CheckName.WORDING, Result.PASS, "plain")


def _check_handled(complaint: ComplaintRevised, *, is_public: bool) -> Check:
    if complaint.status is Status.CLOSED:
        return Check(CheckName.HANDLED, Result.PASS, "closed")
    if is_public:
        return Check(CheckName.HANDLED, Result.WARN, "reopened", {"status": complaint.status.value})
    return Check(CheckName.HANDLED, Result.FAIL, "open", {"status": complaint.status.value})
