"""The ledger of the samples equals a naive recount, whatever the order and however often things are sent."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random

import pytest

from deploy.samples import Emission, Ledger, Measures, generate

UNTIL = date(2026, 11, 23)


@cache
def world() -> tuple[Emission, ...]:
    return tuple(generate(2, 3_000, until=UNTIL))


def naive(key) -> dict:
    """Recount from the emissions, one complaint at a time."""
    revisions = defaultdict(dict)
    for sent in world():
        if sent.facts and sent.facts.kind == "complaint":
            revisions[sent.source, sent.external_id][sent.facts.revision] = sent.facts
    counts = defaultdict(lambda: [0, 0, 0, 0, Decimal(0)])
    for report, by_revision in revisions.items():
        last = by_revision[max(by_revision)]
        if last.dispute != report and last.dispute in revisions:
            continue
        row = counts[key(last)]
        row[0] += 1
        row[1] += any(facts.status in ("accepted", "mediating") or facts.accepted is not None for facts in by_revision.values())
        row[2] += last.outcome in ("mediated", "self_settled")
        row[3] += last.outcome in ("mediated", "self_settled", "failed")
        row[4] += Decimal(last.amount or 0)
    return dict(counts)


def counts_of(measures: Measures) -> list:
    return [measures.complaints, measures.accepted, measures.resolved, measures.mediations, measures.amount]


@pytest.mark.parametrize("by", ["category", "region", "industry", "channel"])
def test_figures_equal_a_naive_recount(by):
    figures = Ledger().consume(world()).figures(by)

    assert {key[0]: counts_of(measures) for key, measures in figures.items()} == naive(lambda facts: getattr(facts, by))


def test_figures_by_month_and_operator_meant_equal_a_naive_recount():
    figures = Ledger().consume(world()).figures("month", "operator_meant")

    assert {key: counts_of(m) for key, m in figures.items()} == naive(lambda facts: (facts.received[:7], facts.true_uscc))


def test_order_and_repetition_change_no_figure():
    shuffled = [*world(), *world()[:500]]
    Random(1).shuffle(shuffled)

    assert Ledger().consume(shuffled).figures("operator", "year") == Ledger().consume(world()).figures("operator", "year")


def test_a_dispute_on_two_channels_counts_once_or_as_often_as_reported():
    ledger = Ledger().consume(world())

    assert len(ledger.complaints()) == 3_000
    assert len(ledger.complaints(cross_channel="each")) == len(ledger.reports()) > 3_000


def test_tip_offs_are_no_complaints():
    ledger = Ledger().consume(world())

    assert ledger.reports("tip_off")
    assert not {facts.kind for facts in ledger.complaints()} - {"complaint"}


def test_an_operator_without_a_code_is_matched_by_its_name():
    ledger = Ledger().consume(world())
    nameless = [facts for facts in ledger.complaints() if facts.uscc is None]

    assert sum(ledger.operator(facts) == facts.true_uscc for facts in nameless) > 0.5 * len(nameless)


def test_a_name_of_two_operators_matches_neither():
    sent = next(sent for sent in world() if sent.facts and sent.facts.uscc_valid)
    one = sent.facts._replace(operator="同名商店", uscc="A")
    two = one._replace(external_id="2", uscc="B")
    nameless = one._replace(external_id="3", uscc=None, uscc_valid=False)

    ledger = Ledger().consume(sent._replace(facts=facts) for facts in (one, two, nameless))

    assert ledger.operator(nameless) == "同名商店"


def test_a_wrong_code_is_matched_by_name_or_refused():
    wrong = {
        (sent.external_id, sent.facts.revision)
        for sent in world()
        if sent.facts and sent.facts.uscc and not sent.facts.uscc_valid
    }
    matched, refused = Ledger().consume(world()), Ledger(wrong_uscc="refused").consume(world())

    assert wrong
    assert len(matched.revisions) - len(refused.revisions) == len(wrong)


def test_rates_are_null_without_a_denominator():
    assert Measures().resolution_rate is None
    assert Measures().mediation_success_rate is None
    assert Measures().percentile(0.5) is None


def test_percentiles_are_interpolated():
    assert Measures(days=[1, 2, 3, 10]).percentile(0.5) == 2.5
    assert Measures(days=[1, 2, 3, 10]).percentile(0.9) == pytest.approx(7.9)


def test_days_come_from_the_given_calendar():
    figures = Ledger().consume(world()).figures("year", working_days=lambda start, end: (end - start).days)

    assert all(min(measures.days) >= 2 for measures in figures.values())
