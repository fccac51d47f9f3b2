"""The form in which a clerk records a step of the handling of a complaint, and its texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData

from services.intake.domain.handling import HandlingFault, RecordedStep, Step
from services.intake.redaction.report import redact_text
from shared.contracts import Outcome
from shared.rules import Reason, Rules
from shared.tables.amounts import parse_amount
from shared.tables.dates import parse_datetime
from shared.text import drop_forbidden
from shared.web.i18n import Text, _

FIELDS = ("step", "day", "outcome", "recovered", "ground", "note", "seen")
MAX_NOTE = 1_000
STEP_NAMES: Mapping[str, Text] = {
    "accept": _("受理"),
    "reject": _("不予受理"),
    "mediate": _("开始调解"),
    "close": _("办结"),
    "reopen": _("恢复办理"),
    "registered": _("登记"),
    "edited": _("修改登记内容"),
    "handed_over": _("移交"),
    "noted": _("备注"),
}
FAULTS: Mapping[HandlingFault, Text] = {
    HandlingFault.STEP: _("这一步现在不能办，请核对办理状态"),
    HandlingFault.DAY_MISSING: _("请填写日期"),
    HandlingFault.DAY_IN_FUTURE: _("日期晚于今天"),
    HandlingFault.DAY_TOO_EARLY: _("日期早于收到或者受理日期"),
    HandlingFault.OUTCOME_MISSING: _("请选择处理结果"),
    HandlingFault.OUTCOME_NEEDS_ACCEPTANCE: _("没有受理的投诉不能以这个结果办结，请先记录受理"),
    HandlingFault.GROUND_MISSING: _("请选择不予受理的理由"),
    HandlingFault.RECOVERED: _("金额须为数字，最多两位小数"),
    HandlingFault.TEXT_WITHHELD: _("投诉内容已隐去，请先在“修改登记内容”中重新填写"),
}
LABELS: Mapping[str, Text] = {
    "step": _("办理步骤"),
    "day": _("日期"),
    "outcome": _("处理结果"),
    "recovered": _("挽回损失（元）"),
    "ground": _("理由"),
    "note": _("备注"),
}


@dataclass(frozen=True, slots=True)
class HandlingForm:
    """A submitted form: its values, and the step where one could be read; `faults` by field."""

    values: Mapping[str, str]
    recorded: RecordedStep | None
    faults: Mapping[str, HandlingFault]

    @property
    def note(self) -> str | None:
        """The note, without personal data."""
        return redact_note(self.values["note"])


def redact_note(note: str) -> str | None:
    """Return a note of a clerk without personal data; None where there is none."""
    return redact_text(note[:MAX_NOTE], datetime.now().year)[:MAX_NOTE] or None  # noqa: DTZ005 - a year is enough


def parse_handling(form: FormData, rules: Rules, zone: ZoneInfo) -> HandlingForm:
    """Parse a form; days are those of `zone`."""
    values = {name: drop_forbidden(str(form.get(name) or "")).strip() for name in FIELDS}
    faults: dict[str, HandlingFault] = {}
    step = Step(values["step"]) if values["step"] in set(Step) else None
    if step is None:
        return HandlingForm(values, None, {"step": HandlingFault.STEP})
    moment = parse_datetime(values["day"]) if values["day"] else None
    amount = parse_amount(values["recovered"]) if values["recovered"] else None
    if values["recovered"] and amount is None:
        faults["recovered"] = HandlingFault.RECOVERED
    recorded = RecordedStep(
        step,
        moment.astimezone(zone).date() if moment and moment.tzinfo else moment.date() if moment else None,
        Outcome(values["outcome"]) if step is Step.CLOSE and values["outcome"] in set(Outcome) else None,
        amount if step is Step.CLOSE else None,
        values["ground"],
        frozenset(grounds_of(rules, step)),
    )
    return HandlingForm(values, recorded, faults)


def grounds_of(rules: Rules, step: Step) -> Mapping[str, Reason]:
    """Return the coded grounds that the rules have for a step."""
    if rules.handling is None:
        return {}
    return {Step.REJECT: rules.handling.rejections, Step.CLOSE: rules.handling.terminations}.get(step, {})
