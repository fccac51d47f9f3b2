"""What changes the term of a reply: evidence that is asked for, during which the clock stands still, and one extension."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.calendar import Calendar

MAX_WORDS = 500


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """More evidence that an officer asked for, once and all at once (一次性告知), until the end of `due_on`.

    The working days after `requested_on` up to the day of the answer, and no later than `due_on`, do not count. Nobody has to
    end it: a request that nobody answers is over with `due_on`.
    """

    words: str
    requested_by: str
    requested_on: date
    due_on: date
    answered_on: date | None = None

    def is_pending(self, today: date) -> bool:
        """Return whether the clock stands still on `today`."""
        return self.answered_on is None and today <= self.due_on

    def stopped_workdays(self, calendar: Calendar) -> int:
        """Return how many working days do not count; of a pending request as if it were answered on its last day."""
        return calendar.workdays_between(self.requested_on, min(self.answered_on or self.due_on, self.due_on))


@dataclass(frozen=True, slots=True)
class Extension:
    """The one extension of the term, for a reason that the applicant is told."""

    workdays: int
    reason: str
    extended_by: str
