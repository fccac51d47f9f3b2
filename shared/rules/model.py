"""One version of the rules: strict, frozen, each part with the citation that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts import ApplicationKind, Board, Decision
from shared.rates import SuccessDenominator
from shared.rules.cited import UNVERIFIED, CitedRule, Reason, Text, TimeLimit
from shared.rules.plan import PlanRule

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}$")]
Year = Annotated[str, StringConstraints(pattern=r"^(199[0-9]|20[0-9]{2}|2100)$")]
SpecialName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
MAX_SPECIAL = timedelta(days=366)
Workdays = Annotated[int, Field(ge=0, le=250)]


class Cadence(StrEnum):
    """How often a board is brought up to date."""

    MONTHLY = "monthly"
    PROMPTLY = "promptly"
    ON_SCHEDULE = "on_schedule"
    AS_FITS = "as_fits"


class Drafter(StrEnum):
    """The office that drafts what a board shows."""

    COMMAND_CENTRE = "command_centre"
    HANDLING_OFFICE = "handling_office"
    CONSUMER_COUNCIL = "consumer_council"
    CASE_OFFICE = "case_office"
    OFFICE_CONCERNED = "office_concerned"


class MajorGround(StrEnum):
    """Why a complaint is a major one."""

    AMOUNT = "amount"
    HARM = "harm"


class BoardRules(CitedRule):
    """Cadence, drafter and checks of one board.

    `reviewers` persons approve before release; the drafter, they and the releaser are all different persons. The
    operator is notified `notice_workdays` before publication, 0 is not at all. `term_months` null: public until withdrawn.
    """

    cadence: Cadence
    drafted_by: Drafter
    reviewers: Annotated[int, Field(ge=1, le=5)]
    notice_workdays: Workdays
    term_months: Annotated[int, Field(ge=1, le=600)] | None


class MajorRules(CitedRule):
    """When a complaint is a major one: the amount involved (yuan), or harm to a person."""

    amount_from: Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)]
    harm_categories: frozenset[Text]
    harm_words: tuple[Text, ...]

    def ground(self, *, amount: Decimal | None, category: str | None, text: str) -> MajorGround | None:
        """Return why a complaint is a major one, or None."""
        if amount is not None and amount >= self.amount_from:
            return MajorGround.AMOUNT
        if category in self.harm_categories or any(word in text for word in self.harm_words):
            return MajorGround.HARM
        return None


class ApplicationRules(CitedRule):
    """Operators' applications: within how many working days they are answered, and the coded reasons.

    `reasons` are those an operator gives, `rulings` those of the decision. `officer_took_no_part`: the officer who
    decides neither drafted, reviewed nor released the item. `evidence_workdays`: within how long evidence that is asked for
    must be there, while the clock of the reply stands still; `extension_workdays`: by how long the reply may be put off
    once; 0 is not at all. `remedies` stand under every reply.
    """

    reply_workdays: Annotated[int, Field(ge=1, le=250)]
    officer_took_no_part: bool
    evidence_workdays: Workdays = 0
    extension_workdays: Workdays = 0
    remedies: Reason | None = None
    reasons: Annotated[Mapping[Code, Reason], Field(min_length=1)]
    rulings: Mapping[Decision, Annotated[Mapping[Code, Reason], Field(min_length=1)]]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [decision.value for decision in Decision if decision not in self.rulings]
        if missing:
            raise ValueError(f"rulings has no reasons for {', '.join(missing)}; give each decision at least one")
        codes = [code for reasons in self.rulings.values() for code in reasons]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"rulings uses {', '.join(twice)} for two decisions; give each its own code")
        return self

    def allowed_decisions(self, kind: ApplicationKind) -> tuple[Decision, ...]:
        """Return the decisions open to an application: only one for a correction changes what is said of the operator."""
        return tuple(Decision) if kind is ApplicationKind.CORRECTION else (Decision.UPHELD,)


class RateRules(CitedRule):
    """Below which counts a rate is not shown, and a cell is hidden; of what the success rate of mediation is a share."""

    list_minimum: Annotated[int, Field(ge=1, le=10_000)]
    card_minimum: Annotated[int, Field(ge=1, le=10_000)]
    small_cell: Annotated[int, Field(ge=1, le=100)]
    success_denominator: SuccessDenominator = SuccessDenominator.MEDIATIONS


class ClosingRules(CitedRule):
    """How many working days after its last day a month's figures are closed."""

    workdays_after_month: Annotated[int, Field(ge=1, le=60)]


class ScreenRules(CitedRule):
    """For how long a display screen may show what it last received."""

    lease_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class TermRules(CitedRule):
    """For how many days what names persons is kept: contacts and evidence from the end of the application, dead letters."""

    contacts_days: Annotated[int, Field(ge=30, le=36_500)] = 365
    evidence_days: Annotated[int, Field(ge=180, le=36_500)] = 1_095
    dead_letters_days: Annotated[int, Field(ge=7, le=3_650)] = 90


class StopRules(CitedRule):
    """For which reasons of a withdrawal one person takes an item off public view at once, by board.

    A second person confirms it afterwards. For other reasons, and on boards that are not named, the gatekeeper confirms first.
    """

    at_once: Mapping[Board, frozenset[Code]] | None = None

    def codes(self, board: Board) -> frozenset[str] | None:
        """Return the reasons for which one person is enough on a board; None, in files of before, is every reason."""
        return None if self.at_once is None else self.at_once.get(board, frozenset())

    def allows(self, board: Board, code: str) -> bool:
        """Return whether one person is enough for this reason on a board."""
        codes = self.codes(board)
        return codes is None or code in codes


class HandlingRules(CitedRule):
    """The time limits of handling a complaint or tip-off, and the coded grounds to refuse or to end it.

    `acceptance` runs from receipt, `mediation` from acceptance, `notice` from the end of mediation, `check` and its
    `check_extension` from the receipt of a tip-off. `rejections` are grounds not to accept, `terminations` to end mediation,
    numbered as in the document of their time; empty where no list of that time was found.
    """

    acceptance: TimeLimit
    mediation: TimeLimit
    notice: TimeLimit
    check: TimeLimit
    check_extension: TimeLimit
    rejections: Mapping[Code, Reason] = Field(default_factory=dict)
    terminations: Mapping[Code, Reason] = Field(default_factory=dict)


class SpecialPeriod(CitedRule):
    """A time of the year that figures are asked for by name, as the days of a festival or of a sales event.

    `years`: its first and last day by the year that names it; one that lies across the end of a year is named by either.
    """

    zh: Text
    en: Text
    years: Mapping[Year, tuple[date, date]]

    @model_validator(mode="after")
    def _days(self) -> Self:
        for year, (first, last) in self.years.items():
            if not first <= last < first + MAX_SPECIAL:
                raise ValueError(f"{year}: from {first} to {last} is no part of a year; give its first and last day")
            if int(year) not in (first.year, last.year):
                raise ValueError(f"{year}: neither {first} nor {last} lies in {year}")
        return self

    def days(self, year: int) -> tuple[date, date] | None:
        """Return the first and the last day in a year, or None where the rules do not know them."""
        return self.years.get(str(year))


class TermStart(StrEnum):
    """From which day a term of publication runs."""

    PUBLISHED = "published"
    DECIDED = "decided"


class KindTerm(CitedRule):
    """For how many months an item of a kind stays public, and from which day; null: until it is withdrawn."""

    months: Annotated[int, Field(ge=1, le=600)] | None
    starts: TermStart


class ComplaintItemRules(CitedRule):
    """Items of a kind that the program drafts from complaints: whether they are published, and with which results.

    Of each batch a sample is looked at before the rest is approved: so many percent, `sample_minimum` at least. A batch of
    which more than `sample_faults` of the sample were sent back is looked at one by one.
    """

    publish: bool
    results: frozenset[Text]
    sample_percent: Annotated[int, Field(ge=1, le=100)]
    sample_minimum: Annotated[int, Field(ge=1, le=1_000)]
    sample_faults: Annotated[int, Field(ge=0, le=100)] = 0


class KindRules(CitedRule):
    """What a kind of item has of its own beside the rules of its board.

    `publish_within` runs from the decision that the item is about, `withdraw_within` from the day on which that was changed or
    revoked. `terms` by the seriousness that the item states; `term` where none of them applies. `reviewers` and
    `notice_workdays` in place of the board's; `reviewers_at_risk` where a check of the item warns. `success_denominator` in
    place of the one that the rates have elsewhere.
    """

    reviewers: Annotated[int, Field(ge=1, le=5)] | None = None
    reviewers_at_risk: Annotated[int, Field(ge=1, le=5)] | None = None
    notice_workdays: Workdays | None = None
    success_denominator: SuccessDenominator | None = None

    publish_within: TimeLimit | None = None
    withdraw_within: TimeLimit | None = None
    term: KindTerm | None = None
    terms: Mapping[Text, KindTerm] = Field(default_factory=dict)
    from_complaints: ComplaintItemRules | None = None


class Rules(CitedRule):
    """All rules in force from `effective_from` until the next version begins."""

    version: Version
    effective_from: date
    boards: Mapping[Board, BoardRules]
    major: MajorRules
    grounds: Annotated[Mapping[Code, Reason], Field(min_length=1)]
    returns: Annotated[Mapping[Code, Reason], Field(min_length=1)]
    restatements: Annotated[Mapping[Code, Reason], Field(min_length=1)]
    applications: ApplicationRules
    rates: RateRules
    closing: ClosingRules
    screens: ScreenRules
    handling: HandlingRules | None = None
    # A bureau's file from before has neither.
    terms: TermRules = TermRules(citation=UNVERIFIED)
    stops: StopRules = StopRules(citation=UNVERIFIED)
    kinds: Mapping[Text, KindRules] = Field(default_factory=dict)
    special_periods: Mapping[SpecialName, SpecialPeriod] = Field(default_factory=dict)
    plan: Mapping[SpecialName, PlanRule] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _every_board(self) -> Self:
        missing = [board.value for board in Board if board not in self.boards]
        if missing:
            raise ValueError(f"boards lacks {', '.join(missing)}; each of the six boards needs its rules")
        return self

    @model_validator(mode="after")
    def _stops_are_withdrawals(self) -> Self:
        known = self.applications.rulings[Decision.WITHDRAWN]
        unknown = sorted({code for codes in (self.stops.at_once or {}).values() for code in codes} - set(known))
        if unknown:
            raise ValueError(f"stops names {', '.join(unknown)}; give reasons that stand under rulings, withdrawn")
        return self

    def reviewers(self, board: Board, kind: str | None, *, at_risk: bool) -> int:
        """Return how many persons approve an item before release; `at_risk`: a check of it warns."""
        wanted, of_kind = self.boards[board].reviewers, self.kinds.get(kind or "")
        if of_kind is not None:
            wanted = of_kind.reviewers or wanted
            wanted = max(wanted, of_kind.reviewers_at_risk or 0) if at_risk else wanted
        return wanted

    def notice_workdays(self, board: Board, kind: str | None) -> int:
        """Return for how many working days the operator is told before the first publication of an item; 0 is not at all."""
        of_kind = self.kinds.get(kind or "")
        own = of_kind.notice_workdays if of_kind else None
        return self.boards[board].notice_workdays if own is None else own

    def success_denominator(self, kind: str | None = None) -> SuccessDenominator:
        """Return what a success rate is a share of, on items of a kind or wherever else it is shown."""
        of_kind = self.kinds.get(kind or "")
        own = of_kind.success_denominator if of_kind else None
        return own or self.rates.success_denominator

    def count_unverified(self) -> int:
        """Return how many rules of this version rest on no document that was checked."""
        return sum(not rule.verified for rule in cited_rules(self))

    def special_period(self, name: str) -> SpecialPeriod | None:
        """Return a special period by its code or its Chinese name."""
        named = (each for each in self.special_periods.values() if each.zh == name)
        return self.special_periods.get(name) or next(named, None)

    def reason(self, code: str) -> Reason | None:
        """Return the words of a code, whichever list it is in."""
        lists = (
            self.grounds,
            self.returns,
            self.restatements,
            self.applications.reasons,
            *self.applications.rulings.values(),
            *((self.handling.rejections, self.handling.terminations) if self.handling else ()),
        )
        return next((reasons[code] for reasons in lists if code in reasons), None)


def cited_rules(rule: object) -> Iterator[CitedRule]:
    """Yield a rule and every rule within it that has a citation of its own."""
    if isinstance(rule, CitedRule):
        yield rule
        for name in type(rule).model_fields:
            yield from cited_rules(getattr(rule, name))
    elif isinstance(rule, Mapping):
        for each in rule.values():
            yield from cited_rules(each)
