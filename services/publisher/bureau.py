"""The configuration that every decision of the publisher needs: rules, calendar, time zone, the key of screen leases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.publisher.domain.terms import find_kind_faults
from shared.calendar import Calendar, CalendarError, closing_day
from shared.clock import local_day
from shared.errors import PermanentError
from shared.key_file import read_or_make_key
from shared.rates import SuccessDenominator
from shared.rules import RuleBook, Rules
from shared.settings import Settings

KEY_FILE = "screen-lease.key"

# Reasons for a new version that nobody applied for; the rules file defines their texts.
FIGURES_RESTATED = "S01"
COMPLAINT_UPDATED = "S02"
# The operator's response stands beside the item; where the rules file lacks it, the reason of the ruling stands for it.
RESPONSE_ADDED = "S03"
# Reasons for a version that puts nothing right: what is public has moved on.
UPDATES = frozenset({FIGURES_RESTATED, COMPLAINT_UPDATED, RESPONSE_ADDED})
# Reasons for withdrawals that a source brings about; where the rules file lacks them, `COMPLAINT_UPDATED` stands for them.
NOT_FOR_PUBLICATION = "W02"
OPERATOR_CHANGED = "W03"
SAME_DISPUTE = "W04"
# The ground not to publish what is still being handled.
NOT_HANDLED = "N07"


class RuleMissing(PermanentError):
    """The rules lack a reason that the publisher states by itself, or speak of a kind of item that there is not."""


@dataclass(frozen=True, slots=True)
class BureauContext:
    """Rules, working-day calendar, time zone and lease key of one installation."""

    rule_book: RuleBook
    calendar: Calendar
    zone: ZoneInfo
    lease_key: bytes

    @classmethod
    def load(cls, settings: Settings) -> BureauContext:
        """Load rules, calendar and key; a key is made on the first start.

        Raises `RulesError`, `RuleMissing`, `CalendarError`, `KeyTooShort`.
        """
        rule_book = RuleBook.load(settings.rules)
        for rules in rule_book.versions:
            missing = {FIGURES_RESTATED, COMPLAINT_UPDATED} - set(rules.restatements)
            if missing:
                raise RuleMissing(f"version {rules.version} of the rules lacks {', '.join(sorted(missing))} under restatements")
            for place, fault in find_kind_faults(rules):
                raise RuleMissing(f"version {rules.version} of the rules, {place}: {fault}")
        lease_key = read_or_make_key(settings.secret_file or settings.home / KEY_FILE)
        return cls(rule_book, Calendar.load(settings.calendar), settings.zone, lease_key)

    def today(self, now: datetime) -> date:
        """Return the day of `now` in the zone."""
        return local_day(now, self.zone)

    def closing_day(self, month: str, now: datetime) -> date | None:
        """Return the day on which a month, like `2026-10`, closes by the rules; None outside the calendar."""
        try:
            first = date.fromisoformat(f"{month}-01")
            return closing_day(first, self.rules(now).closing.workdays_after_month, self.calendar)
        except (ValueError, CalendarError):
            return None

    def rules_of(self, version: str, now: datetime) -> Rules:
        """Return a version of the rules, those in force where the file has it no more."""
        return next((rules for rules in self.rule_book.versions if rules.version == version), self.rules(now))

    def success_denominator(self, month: str | None, now: datetime) -> SuccessDenominator:
        """Return what the success rate of a month's figures is a share of; by the rules in force where there is no month."""
        return (self.rule_book.of_month(month) if month else self.rules(now)).success_denominator()

    def rules(self, now: datetime) -> Rules:
        """Return the rules in force."""
        return self.rule_book.in_force(self.today(now))
