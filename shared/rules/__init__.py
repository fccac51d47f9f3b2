"""The publication rules as dated data: what is published, who reviews it, terms, grounds, reply times.

One file holds every version, each naming only what it changes; `RuleBook.load` checks it at start, `book.in_force(day)`
returns the rules of a day, and whoever decides something records `rules.version`.
"""

from shared.rules.book import RuleBook, RulesError
from shared.rules.harm import HarmSearch
from shared.rules.model import (
    UNVERIFIED,
    ApplicationRules,
    BoardRules,
    Cadence,
    ClosingRules,
    ComplaintItemRules,
    DayUnit,
    Drafter,
    HandlingRules,
    KindRules,
    KindTerm,
    MajorGround,
    MajorRules,
    RateRules,
    Reason,
    Rules,
    ScreenRules,
    SpecialPeriod,
    TermStart,
    TimeLimit,
)
from shared.rules.source import RulesFault

__all__ = [
    "UNVERIFIED",
    "ApplicationRules",
    "BoardRules",
    "Cadence",
    "ClosingRules",
    "ComplaintItemRules",
    "DayUnit",
    "Drafter",
    "HandlingRules",
    "HarmSearch",
    "KindRules",
    "KindTerm",
    "MajorGround",
    "MajorRules",
    "RateRules",
    "Reason",
    "RuleBook",
    "Rules",
    "RulesError",
    "RulesFault",
    "ScreenRules",
    "SpecialPeriod",
    "TermStart",
    "TimeLimit",
]
