"""Precision and recall of linking on invented disputes: reported to two sources, by many people at once, twice by one person."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import NamedTuple
from uuid import UUID

from deploy.quality import invented_values as values
from deploy.quality.dispute_sentences import Stories
from services.intake.domain.duplicates import MAX_DAYS, NEAR_DAYS, Band, Traits, judge
from services.intake.domain.match_keys import MatchKeyMaker
from services.intake.domain.named_days import named_days
from services.intake.domain.operators import name_key, operator_identity, operator_key
from services.intake.domain.sketch import sketch
from services.intake.redaction import redact
from services.intake.store.report_traits import block_keys
from shared.contracts.reports import Channel, ComplaintReport, Kind, Status

FIRST_DAY, DAYS = date(2026, 5, 1), 150
HOTLINE, PLATFORM, COUNTER = range(3)
CHANNELS = {HOTLINE: Channel.HOTLINE_12345, PLATFORM: Channel.PLATFORM, COUNTER: Channel.ON_SITE}
SHOPS = 60
REPORTED_TWICE, BY_MANY, TWICE_BY_ONE, BY_AGENT = 0.30, 0.06, 0.12, 0.06


class Person(NamedTuple):
    """Who complains."""

    name: str
    phone: str
    id_number: str


class Dispute(NamedTuple):
    """What happened, by the numbers of its wordings; `code` is the operator's credit code."""

    shop: str
    short: str
    code: str
    goods: str
    price: int
    day: date
    fault: Sequence[str]
    refusal: Sequence[str]
    demand: Sequence[str]


class LabelledReport(NamedTuple):
    """A report and the number of its dispute: reports with the same number are duplicates."""

    traits: Traits
    dispute: int


class Teller:
    """Invents disputes and tells them; deterministic for a seed."""

    def __init__(self, stories: Stories, seed: int) -> None:
        self._words, self._rng = stories, random.Random(seed)
        self._keys = MatchKeyMaker(lambda: b"labelled reports of invented disputes")
        self._numbers = iter(range(1, 10**9))
        self._shops = [self._shop(index) for index in range(SHOPS)]
        self._claims = {name_key(name): code for name, _, code in self._shops}

    def reports(self, disputes: int) -> Iterator[LabelledReport]:
        """Yield the reports of so many disputes and of those that are like them."""
        rng, number = self._rng, 0
        for _ in range(disputes):
            person, dispute, number = self._person(), self._dispute(), number + 1
            yield self._tell(dispute, person, HOTLINE, 0, number)
            draw = rng.random()
            if draw < REPORTED_TWICE:
                yield from self._tell_again(dispute, person, number)
            elif draw < REPORTED_TWICE + BY_MANY:
                for _each in range(rng.randrange(2, 6)):
                    number += 1
                    yield self._tell(dispute, self._person(), rng.choice((HOTLINE, PLATFORM)), rng.randrange(5), number)
            elif draw < REPORTED_TWICE + BY_MANY + TWICE_BY_ONE:
                number += 1
                other = self._dispute(shop=dispute)
                if rng.random() < 0.3:
                    other = other._replace(goods=dispute.goods, price=dispute.price)
                yield self._tell(other, person, PLATFORM, rng.randrange(30), number)
            elif draw < REPORTED_TWICE + BY_MANY + TWICE_BY_ONE + BY_AGENT:
                for _each in range(rng.randrange(1, 4)):
                    number += 1
                    other = self._dispute(shop=dispute)._replace(goods=dispute.goods, fault=dispute.fault)
                    yield self._tell(other, self._person()._replace(phone=person.phone), PLATFORM, rng.randrange(9), number)

    def _tell_again(self, dispute: Dispute, person: Person, number: int) -> Iterator[LabelledReport]:
        """Tell the dispute to another source as it happens: mostly by the same phone, now and then with a doubt."""
        rng, draw = self._rng, self._rng.random()
        if draw < 0.08:
            person = person._replace(phone="")
        elif draw < 0.13:
            person = person._replace(phone=values.plain_mobile(rng))
        elif draw < 0.16:
            person = Person("", person.phone, "")
        price = dispute.price if rng.random() < 0.92 else round(dispute.price * rng.choice((0.5, 0.9, 1.1)))
        yield self._tell(
            dispute._replace(price=price), person, rng.choice((PLATFORM, PLATFORM, COUNTER)), rng.randrange(25), number,
            cites=rng.random() < 0.12,
        )  # fmt: skip

    def _tell(
        self, dispute: Dispute, person: Person, source: int, later: int, number: int, *, cites: bool = False
    ) -> LabelledReport:
        rng, words = self._rng, self._words
        own = next(self._numbers)
        frame = rng.choice(words.calls if source == HOTLINE else words.letters)
        story = frame.format(
            shop=rng.choice((dispute.shop, dispute.short)), goods=dispute.goods, price=dispute.price,
            day=rng.choice((f"{dispute.day.month}月{dispute.day.day}日", f"{dispute.day:%Y-%m-%d}", f"{dispute.day.day}号")),
            caller=f"{person.name[:1] or '某'}女士", fault=rng.choice(dispute.fault), refusal=rng.choice(dispute.refusal),
            demand=rng.choice(dispute.demand),
        )  # fmt: skip
        if cites:
            story += f"曾向热线反映，工单编号：{_number(own - 1)}。"
        received = dispute.day + timedelta(days=3 + later)
        named = rng.random()
        report = ComplaintReport.model_validate({
            "channel": CHANNELS[source], "external_id": _number(own), "revision": 1, "kind": Kind.COMPLAINT, "status": Status.RECEIVED,
            "received_at": datetime(received.year, received.month, received.day, 9, tzinfo=UTC),
            "goods": dispute.goods if rng.random() < 0.5 else None, "title": f"{dispute.goods}问题", "text": story,
            "amount": f"{dispute.price}.00" if rng.random() < 0.85 else None,
            "operator": {"name": dispute.short if named < 0.06 else dispute.shop, "uscc": None if named < 0.12 else dispute.code},
            "complainant": {
                "name": person.name if rng.random() < 0.93 else None, "phone": _written(rng, person.phone),
                "id_number": person.id_number if person.id_number and rng.random() < 0.2 else None,
            },
        })  # fmt: skip
        return LabelledReport(self._to_traits(report, UUID(int=own), source), number)

    def _to_traits(self, report: ComplaintReport, complaint_id: UUID, source: int) -> Traits:
        """Return what intake would compare the report by."""
        redacted, identity = redact(report), operator_identity(report.operator)
        # A name that a code claims stands for it, as in intake's registry; a short name does for nobody.
        return Traits(
            complaint_id, source, operator_key(identity, self._claims), identity.name_key, report.received_at.date(),
            int(report.amount.replace(".", "")) if report.amount else None, redacted.goods,
            named_days(redacted.title, redacted.text),
            self._keys.of_reference(report.external_id), self._keys.of_report(report), sketch(redacted.title, redacted.text),
        )  # fmt: skip

    def _person(self) -> Person:
        rng, words = self._rng, self._words
        name = rng.choice(words.surnames) + "".join(rng.choices(words.given, k=rng.choice((1, 2, 2))))
        return Person(name, values.plain_mobile(rng), values.digits(rng, 17) + "X")

    def _shop(self, index: int) -> tuple[str, str, str]:
        rng, words = self._rng, self._words
        short = words.words[index % len(words.words)] + rng.choice(words.words)
        return f"{rng.choice(words.towns)}{short}{rng.choice(words.trades)}", short, values.uscc(rng)

    def _dispute(self, shop: Dispute | None = None) -> Dispute:
        rng, words = self._rng, self._words
        name, short, code = (shop.shop, shop.short, shop.code) if shop else rng.choice(self._shops)
        goods, price = rng.choice(words.goods)
        return Dispute(
            name, short, code, goods, round(price * rng.uniform(0.6, 1.5)), FIRST_DAY + timedelta(days=rng.randrange(DAYS)),
            rng.choice(words.faults), rng.choice(words.refusals), rng.choice(words.demands),
        )  # fmt: skip


def _number(own: int) -> str:
    return f"DH2026{own:010d}"


def _written(rng: random.Random, phone: str) -> str | None:
    """Return a telephone number as a clerk may type it."""
    forms = (phone, phone, phone, values.split(phone, (3, 4, 4), rng.choice(" -")), f"+86 {phone}", values.wide(phone))
    return rng.choice(forms) if phone else None


@dataclass
class LinkQuality:
    """Counts of pairs: true ones by band, wrong ones by band, and what the search did not find."""

    right: Counter[Band] = field(default_factory=Counter)
    wrong: Counter[Band] = field(default_factory=Counter)
    true: int = 0
    reports: int = 0

    def to_json(self) -> dict[str, object]:
        """Return precision of what is linked, recall with and without the clerk, and how often a clerk is asked in vain."""
        linked, questions = self.right[Band.LINK], self.right[Band.ASK]
        return {
            "precision_linked": round(linked / max(1, linked + self.wrong[Band.LINK]), 4),
            "recall_linked": round(linked / max(1, self.true), 4),
            "recall_with_desk": round((linked + questions) / max(1, self.true), 4),
            "precision_asked": round(questions / max(1, questions + self.wrong[Band.ASK]), 4),
            "counts": {
                "reports": self.reports, "duplicates": self.true, "linked": linked, "wrongly_linked": self.wrong[Band.LINK],
                "asked": questions, "asked_in_vain": self.wrong[Band.ASK],
            },
        }  # fmt: skip


def measure_links(reports: Iterable[LabelledReport]) -> LinkQuality:
    """Return how the pairs of the reports are judged that intake would compare."""
    labelled = {each.traits.complaint_id: each for each in reports}
    disputes: defaultdict[int, list[UUID]] = defaultdict(list)
    for complaint_id, each in labelled.items():
        disputes[each.dispute].append(complaint_id)
    true = {pair for found in disputes.values() for pair in combinations(sorted(found), 2)}
    quality = LinkQuality(true=len(true), reports=len(labelled))
    for pair in _candidates([each.traits for each in labelled.values()]):
        band = judge(*(labelled[each].traits for each in pair)).band
        (quality.right if pair in true else quality.wrong)[band] += 1
    return quality


def _candidates(traits: Sequence[Traits]) -> set[tuple[UUID, UUID]]:
    """Return the pairs that intake's store would find."""
    by_key: defaultdict[int, list[Traits]] = defaultdict(list)
    by_operator: defaultdict[str, list[Traits]] = defaultdict(list)
    for each in traits:
        for key in block_keys(each):
            by_key[key].append(each)
        by_operator[each.operator_key].append(each)
    found = [pair for group in by_key.values() for pair in combinations(group, 2) if _days(*pair) <= MAX_DAYS]
    found += [
        pair for group in by_operator.values() for pair in combinations(group, 2)
        if _days(*pair) <= NEAR_DAYS and not all(each.keys.persons() for each in pair)
    ]  # fmt: skip
    ids = ((one.complaint_id, other.complaint_id) for one, other in found)
    return {(one, other) if one < other else (other, one) for one, other in ids}


def _days(one: Traits, other: Traits) -> int:
    return abs((one.received_on - other.received_on).days)
