"""The publication plan of a day: what is due of which period, what of it is public or at work, and what is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.report_periods import MONTHS_IN_YEAR, months_of
from services.publisher.domain.terms import limit_end
from services.publisher.kinds import find_kind
from shared.calendar import Calendar
from shared.contracts import Board, PeriodKind
from shared.rules import PlanRule, Rules

# How far back the plan is looked at.
MONTHS_SHOWN = 24
COVERS = "covers"
# How a period of each length is written, by its year and its place in it.
NAMES: Mapping[PeriodKind, tuple[int, str]] = {
    PeriodKind.MONTH: (1, "{year:04}-{place:02}"),
    PeriodKind.QUARTER: (3, "{year:04}-Q{place}"),
    PeriodKind.HALF: (6, "{year:04}-H{place}"),
    PeriodKind.YEAR: (MONTHS_IN_YEAR, "{year:04}"),
}


class DutyState(StrEnum):
    """How far a duty is: its figures are still open, nothing is drafted, something is at work, it is public."""

    OPEN_FIGURES = "open_figures"
    MISSING = "missing"
    AT_WORK = "at_work"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An item of a kind that the plan asks for: what it covers, its content's fields, and when it was published first."""

    kind: str
    item_id: str
    content: Mapping[str, str]
    published_on: date | None
    is_public: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What there is: closed months, those of them drafted, those with public items, and the items of the plan's kinds."""

    closed: frozenset[str]
    drafted: frozenset[str]
    public_months: frozenset[str]
    items: Sequence[PlannedItem]


@dataclass(frozen=True, slots=True)
class Duty:
    """What is due of a period: the `place`-th of so many, until when, how far it is, and the item that is there."""

    code: str
    rule: PlanRule
    board: Board
    period: str
    place: int
    due: date
    state: DutyState
    item_id: str | None = None

    def is_late(self, today: date) -> bool:
        """Return whether it is not public though its last day is over."""
        return self.state is not DutyState.PUBLIC and today > self.due


def board_of(kind: str) -> Board:
    """Return the board of a kind of the plan; the months of operators are on the basic one."""
    declared = find_kind(kind)
    return declared.board if declared else Board.BASIC


def find_duties(rules: Rules, workdays: Calendar, today: date, there: Published) -> list[Duty]:
    """Return the duties of the plan from the first closed month on, what is due first first.

    Nothing is due of the time before the system had figures, nor of periods outside the calendar.
    """
    if not there.closed:
        return []
    duties = [
        duty
        for code, rule in rules.plan.items()
        for period in _periods(rule.every, min(there.closed), today)
        for duty in _of_period(code, rule, period, workdays, there)
    ]
    return sorted(duties, key=lambda duty: (duty.due, duty.code, duty.period, duty.place))


def _periods(every: PeriodKind, first: str, today: date) -> Iterator[str]:
    """Yield the periods from that of the first month to that of today, not longer ago than is looked at."""
    length, name = NAMES[every]
    now = today.year * MONTHS_IN_YEAR + today.month - 1
    begin = max(int(first[:4]) * MONTHS_IN_YEAR + int(first[5:]) - 1, now - MONTHS_SHOWN)
    # A period of which the system has only a part is not one that it could publish.
    for number in range(-(-begin // length) * length, now + 1, length):
        year, month = divmod(number, MONTHS_IN_YEAR)
        yield name.format(year=year, place=month // length + 1)


def _of_period(code: str, rule: PlanRule, period: str, workdays: Calendar, there: Published) -> Iterator[Duty]:
    public, at_work = _found(rule, period, there)
    is_closed = set(months_of(period)) <= there.closed or not _has_figures(rule)
    for place in range(1, rule.at_least + 1):
        due = _due(rule, period, place, workdays)
        if due is None:
            continue
        if place <= len(public):
            state, item_id = DutyState.PUBLIC, public[place - 1]
        elif place <= len(public) + len(at_work):
            state, item_id = DutyState.AT_WORK, at_work[place - len(public) - 1]
        else:
            state, item_id = DutyState.MISSING if is_closed else DutyState.OPEN_FIGURES, ""
        yield Duty(code, rule, board_of(rule.kind), period, place, due, state, item_id or None)


def _has_figures(rule: PlanRule) -> bool:
    """Return whether items of the rule are about the figures of their period."""
    declared = find_kind(rule.kind)
    return declared is None or any(each.name == COVERS for each in declared.fields)


def _found(rule: PlanRule, period: str, there: Published) -> tuple[list[str], list[str]]:
    """Return the items of a period that are public and those at work; those of operators' months have no one item."""
    if rule.kind == OPERATOR_MONTH:
        is_public = period in there.public_months
        return ([""] if is_public else []), ([""] if period in there.drafted and not is_public else [])
    own = [
        item
        for item in there.items
        if item.kind == rule.kind and all(item.content.get(name) == value for name, value in rule.having.items())
    ]
    if _has_figures(rule):
        own = [item for item in own if item.content.get(COVERS) == period]
        return [item.item_id for item in own if item.is_public], [item.item_id for item in own if not item.is_public]
    first, last = _span(period)
    days = [(item.published_on, item.item_id) for item in own if item.published_on]
    public = sorted((day, item_id) for day, item_id in days if first <= day <= last)
    return [item_id for _day, item_id in public], [item.item_id for item in own if item.published_on is None]


def _span(period: str) -> tuple[date, date]:
    months = months_of(period)
    return date.fromisoformat(f"{months[0]}-01"), _last_day(months[-1])


def _last_day(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _due(rule: PlanRule, period: str, place: int, workdays: Calendar) -> date | None:
    """Return the last day for the `place`-th item of a period; None outside the years of the calendar."""
    months = months_of(period)
    end = _last_day(months[-(-len(months) * place // rule.at_least) - 1])
    return limit_end(end, rule.within, workdays) if rule.within else end
