"""The last day of an item's publication, and the day by which a decision has to be published."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.kinds import KINDS, Kind, find_kind
from shared.calendar import Calendar, CalendarError
from shared.contracts import Board
from shared.rules import DayUnit, Rules, TermStart, TimeLimit

MONTHS = 12


def expiry(kind: str | None, content: Mapping[str, Any], board: Board, rules: Rules, first_released_on: date) -> date | None:
    """Return the last day on which an item of this content is public, None where it stays until it is withdrawn.

    A kind may have a term of its own by seriousness; a day that the item itself names ends it earlier.
    """
    declared = find_kind(kind)
    if declared is None:
        return last_day(first_released_on, rules.boards[board].term_months)
    of_kind = rules.kinds.get(declared.name)
    term = of_kind.terms.get(str(content.get(declared.seriousness)), of_kind.term) if of_kind else None
    if term is None:
        end = last_day(first_released_on, rules.boards[board].term_months)
    else:
        decided_on = _decided_on(declared, content)
        starts_on = decided_on if decided_on and term.starts is TermStart.DECIDED else first_released_on
        end = last_day(starts_on, term.months)
    named = content.get(declared.ends_on)
    return min(filter(None, (end, date.fromisoformat(str(named)) if named else None)), default=None)


def publication_deadline(kind: Kind, content: Mapping[str, Any], rules: Rules, workdays: Calendar) -> date | None:
    """Return the day by which an item is to be published, counted from its decision; None where the rules name none."""
    of_kind = rules.kinds.get(kind.name)
    decided_on, limit = _decided_on(kind, content), of_kind.publish_within if of_kind else None
    return limit_end(decided_on, limit, workdays) if decided_on and limit else None


def withdrawal_deadline(kind: str | None, since: date, rules: Rules, workdays: Calendar) -> date | None:
    """Return the day by which an item of a kind is to be withdrawn, counted from the day on which that was found right."""
    of_kind = rules.kinds.get(kind or "")
    limit = of_kind.withdraw_within if of_kind else None
    return limit_end(since, limit, workdays) if limit else None


def limit_end(start: date, limit: TimeLimit, workdays: Calendar) -> date | None:
    """Return the last day of a time limit; the first day is not counted. None outside the years of the calendar.

    A limit in days that ends on a rest day ends on the first working day after it (Order 121, Art 45).
    """
    try:
        if limit.unit is DayUnit.WORKDAYS:
            return workdays.add_workdays(start, limit.days).due
        last = start + timedelta(days=limit.days)
        return last if workdays.is_workday(last) else workdays.add_workdays(last, 1).due
    except (CalendarError, ValueError, OverflowError):
        return None


def find_kind_faults(rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield what the rules say of kinds that there are not, as (place in the version, what is wrong)."""
    for name, of_kind in rules.kinds.items():
        place, kind = f"kinds.{name}", find_kind(name)
        if kind is None:
            yield place, f"there is no such kind; there are {', '.join(KINDS)}"
            continue
        known = next((each.choices() for each in kind.fields if each.name == kind.seriousness), {})
        for seriousness in of_kind.terms.keys() - known.keys():
            yield f"{place}.terms.{seriousness}", f"no such seriousness; there are {', '.join(known) or 'none'}"
    yield from _find_plan_faults(rules)


def _find_plan_faults(rules: Rules) -> Iterator[tuple[str, str]]:
    for code, planned in rules.plan.items():
        kind = find_kind(planned.kind)
        if kind is None and planned.kind != OPERATOR_MONTH:
            yield f"plan.{code}.kind", f"there is no such kind; there are {OPERATOR_MONTH}, {', '.join(KINDS)}"
        for name in sorted(planned.having.keys() - {each.name for each in (kind.fields if kind else ())}):
            yield f"plan.{code}.having.{name}", f"{planned.kind} has no such field"


def _decided_on(kind: Kind, content: Mapping[str, Any]) -> date | None:
    day = content.get(kind.decided_on)
    return date.fromisoformat(str(day)) if day else None


def last_day(first: date, months: int | None) -> date | None:
    """Return the last day of a term of months that begins on `first`; None where there is no term.

    The day of the month stays, or is the month's last where it has no such day.
    """
    if months is None:
        return None
    years, month = divmod(first.month - 1 + months, MONTHS)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
