"""Rules with the document that they rest on: what every part of a version is, coded reasons, time limits."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

UNVERIFIED = "UNVERIFIED"

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class DayUnit(StrEnum):
    """What the days of a time limit are."""

    WORKDAYS = "workdays"
    DAYS = "days"


class CitedRule(BaseModel):
    """A rule and the document that it rests on, `UNVERIFIED` where nobody has checked one."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    citation: Text

    @property
    def verified(self) -> bool:
        """Whether the rule rests on a document that was checked."""
        return self.citation != UNVERIFIED


class Reason(CitedRule):
    """The words of a coded reason."""

    zh: Text
    en: Text

    def words(self, language: str) -> str:
        """Return the reason in `language`, English for `en`, Chinese for anything else."""
        return self.en if language == "en" else self.zh


class TimeLimit(CitedRule):
    """Within how long something must be done: in working days, or in calendar days that a rest day at the end extends."""

    days: Annotated[int, Field(ge=1, le=1_000)]
    unit: DayUnit
