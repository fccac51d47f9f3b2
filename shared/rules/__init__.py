"""The publication rules as dated data: what is published, who reviews it, terms, grounds, reply times.

One file holds every version, each naming only what it changes; `RuleBook.load` checks it at start, `book.in_force(day)`
returns the rules of a day, and whoever decides something records `rules.version`.
"""

from shared.rules.book import RuleBook, RulesError
from shared.rules.cited import UNVERIFIED, DayUnit, Reason, TimeLimit
from shared.rules.harm import HarmSearch
from shared.rules.model import (
    ApplicationRules,
    BoardRules,
    Cadence,
    ClosingRules,
    ComplaintItemRules,
    Drafter,
    HandlingRules,
    KindRules,
    KindTerm,
    MajorGround,
    MajorRules,
    RateRules,
    Rules,
    ScreenRules,
    SpecialPeriod,
    TermStart,
)
from shared.rules.plan import PlanRule
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
    "PlanRule",
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
