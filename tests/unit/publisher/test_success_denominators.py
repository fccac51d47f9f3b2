"""What the success rate of mediation is a share of: a rule of the month, named wherever the rate stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.publisher.domain.basic import MonthFigure, basic_form
from services.publisher.domain.form import SUCCESS_DENOMINATOR
from services.publisher.domain.locked_numbers import foreign_numbers
from services.publisher.domain.report_figures import Block
from services.publisher.domain.report_text import compose_blocks
from services.publisher.web.presenter import FormPresenter
from services.publisher.web.report_parts import report_tables
from services.publisher.web.success import LABELS, exact_rate, success_by, success_of
from shared.rates import SuccessDenominator, success_counts, success_rate, sum_known
from shared.rules import RuleBook
from shared.web.formats import Formats
from tests.integration.publisher.events import AT, measures
from tests.unit.publisher.test_forms import OPERATOR
from tests.unit.publisher.test_public_form import ROOT
from tests.unit.publisher.test_reports import figures

PRESENTER = FormPresenter("zh", Formats("zh", ZoneInfo("Asia/Shanghai")), str)
COUNTS = {"mediation_successes": 6, "mediations": 8, "closed": 10, "accepted": 12}


def month(by: SuccessDenominator, closed: int | None = 62):
    figure = measures(64).model_copy(update={"closed": closed})
    return basic_form(MonthFigure(OPERATOR, "2026-09", 1, figure, AT), by)


@pytest.mark.parametrize(("by", "rate"), [("mediations", "0.7500"), ("closed", "0.6000"), ("accepted", "0.5000")])
def test_a_rate_is_a_share_of_its_denominator(by, rate):
    assert str(success_rate(COUNTS, SuccessDenominator(by))) == rate


def test_what_nobody_counted_gives_no_rate_and_is_not_taken_for_zero():
    uncounted = {**COUNTS, "closed": None}

    assert success_counts(uncounted, SuccessDenominator.CLOSED) == (6, None)
    assert success_rate(uncounted, SuccessDenominator.CLOSED) is None
    assert success_rate({**COUNTS, "closed": 0}, SuccessDenominator.CLOSED) is None


@given(st.lists(st.integers(0, 1_000) | st.none()))
def test_a_sum_is_known_where_each_part_is(counts):
    assert (sum_known(counts) is None) == (None in counts)
    assert None in counts or sum_known(counts) == sum(counts)


def test_a_months_item_says_its_denominator_and_the_count_of_it():
    content = month(SuccessDenominator.CLOSED).content

    assert (content[SUCCESS_DENOMINATOR], content["closed"], content["mediation_success_rate"]) == ("closed", 62, "0.9839")
    assert (success_of(content).part, success_of(content).whole) == (61, 62)
    assert success_of(content).label == LABELS[SuccessDenominator.CLOSED]
    assert "closed" not in month(SuccessDenominator.MEDIATIONS).content


def test_a_month_whose_denominator_was_not_counted_has_no_rate():
    content = month(SuccessDenominator.CLOSED, closed=None).content

    assert (content["closed"], content["mediation_success_rate"]) == (None, None)
    assert exact_rate("mediation_success_rate", content) is None


def test_saying_what_was_always_so_is_no_change_and_another_denominator_is_one():
    now = month(SuccessDenominator.MEDIATIONS)
    before = now.model_copy(update={"content": {k: v for k, v in now.content.items() if k != SUCCESS_DENOMINATOR}})

    assert now.changes_from(before) == before.changes_from(now) == ()
    changed = {name for name, _old, _new in month(SuccessDenominator.ACCEPTED).changes_from(before)}
    assert SUCCESS_DENOMINATOR in changed


@pytest.mark.parametrize("by", SuccessDenominator)
def test_every_denominator_has_words_of_its_own(by):
    assert [label for each, label in LABELS.items() if label == LABELS[by]] == [LABELS[by]]
    assert success_by(COUNTS, by).whole == COUNTS[by]


def test_a_report_tells_the_rate_by_its_denominator_and_its_text_may_say_it():
    report = figures(success_denominator="accepted")
    overview = compose_blocks(report, "")[Block.OVERVIEW]

    assert "受理1,100件，成功600件，调解成功率54.5%，比2026年第二季度提高0.1个百分点。" in overview
    assert foreign_numbers(Block.OVERVIEW, overview, report, "") == []
    # Negative control: the rate by another denominator is no number of this report.
    assert foreign_numbers(Block.OVERVIEW, "成功率75.0%", report, "") == ["75.0"]
    table = report_tables(report, PRESENTER)[Block.OVERVIEW]
    assert [row[1] for row in table.rows if row[0] == LABELS[SuccessDenominator.ACCEPTED]] == ["54.5%"]


def test_a_report_without_the_count_says_so():
    overview = compose_blocks(figures(success_denominator="closed"), "")[Block.OVERVIEW]

    assert "没有统计办结的件数，不计算调解成功率。" in overview


def test_a_month_keeps_to_the_rules_of_its_last_day(tmp_path):
    book = _book(tmp_path, {"citation": "云市监〔2026〕8号", "success_denominator": "closed"})

    by_month = {each: book.of_month(each).success_denominator() for each in ("2017-01", "2026-11", "2026-12", "2027-01")}
    assert by_month == {"2017-01": "mediations", "2026-11": "mediations", "2026-12": "closed", "2027-01": "closed"}
    assert book.in_force(date(2027, 1, 1)).success_denominator("analysis_report") == "accepted"


def _book(folder: Path, rates: dict[str, str]) -> RuleBook:
    document = yaml.safe_load((ROOT / "deploy" / "rules" / "gongshi.yaml").read_text(encoding="utf-8"))
    kinds = {"analysis_report": {"citation": "云市监〔2026〕8号", "success_denominator": "accepted"}}
    version = {"version": "2026-12-31", "effective_from": date(2026, 12, 31), "citation": "云市监〔2026〕8号"}
    document["versions"].append({**version, "rates": rates, "kinds": kinds})
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return RuleBook.load(path)
