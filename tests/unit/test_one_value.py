"""One rate is one value on every channel: rounded half up, in decimal, from its two counts.

All pairs of counts up to 400 are walked. The expected value is worked out here in fractions, apart from `shared.rates`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

import pytest

from deploy.cli.figures import Layout, print_rows
from services.publisher.domain.basic import MonthFigure, Registration, basic_form
from services.publisher.web.presenter import FormPresenter
from services.stats.domain.measures import Sums, compute_measures
from services.stats.web.responses import Figures
from shared.charts.labels import exact_forms, short_forms, value_text
from shared.charts.spec import Bars, Series
from shared.charts.wilson import wilson_interval
from shared.contracts import FigureChanged, PeriodKind, SubjectKind
from shared.rates import percentage, rate, share
from shared.web.formats import Formats
from shared.web.templating import Pages
from tests.unit.web.sample.pages import SAMPLE, SITE

MOST = 400
PAIRS = [(part, whole) for whole in range(1, MOST + 1) for part in range(whole + 1)]
# Where a fifth decimal is a half and nothing follows: what rounds otherwise differs here. And some of all others.
TIES = [(part, whole) for part, whole in PAIRS if (20_000 * part) % whole == 0 and (10_000 * part) % whole]
SOME = [*TIES, *PAIRS[::23]]
ZONE = ZoneInfo("Asia/Shanghai")
FORMATS = {language: Formats(language, ZONE) for language in ("zh", "en")}
AT = datetime(2026, 11, 20, tzinfo=UTC)
OPERATOR = Registration("N-1", "云州示例商店", None, None, None, None, None)


def rounded(value, places):
    """A fraction rounded half up, as a decimal number."""
    return Decimal(floor(value * 10**places + Fraction(1, 2))).scaleb(-places)


RATES = {(part, whole): rounded(Fraction(part, whole), 4) for part, whole in PAIRS}
PERCENTAGES = {(part, whole): f"{rounded(Fraction(100 * part, whole), 1)}%" for part, whole in PAIRS}


def measured(part, whole):
    return compute_measures(Sums(whole, whole, part, whole, Decimal(0), Decimal(0), "0"))


def stats_json(part, whole):
    answer = json.loads(Figures.from_measures(measured(part, whole)).model_dump_json(), parse_float=Decimal)
    return {Decimal(answer["resolution_rate"]), Decimal(answer["mediation_success_rate"])}


def figures_topic(part, whole):
    event = FigureChanged(
        subject_kind=SubjectKind.ALL, subject="", period_kind=PeriodKind.MONTH, period="2026-10", version=1,
        figures=measured(part, whole), as_of=AT, restated=True, restated_from=measured(part, whole),
    )  # fmt: skip
    body = json.loads(event.body())
    return {Decimal(body[name]["resolution_rate"]) for name in ("figures", "restated_from")}


def publication(part, whole):
    form = basic_form(MonthFigure(OPERATOR, "2026-10", 1, measured(part, whole), AT))
    return {Decimal(form.content["resolution_rate"]), Decimal(form.content["mediation_success_rate"])}


def test_a_rate_has_four_decimals():
    assert {pair: rate(*pair) for pair in PAIRS} == RATES


@pytest.mark.parametrize("channel", [stats_json, figures_topic, publication])
def test_data_carry_the_rate(channel):
    values = {pair: channel(*pair) for pair in SOME}

    assert {p: v for p, v in values.items() if v != {RATES[p]}} == {}


@pytest.mark.parametrize("layout", [Layout.JSON, Layout.CSV])
def test_the_command_line_prints_four_decimals(capsys, layout):
    print_rows(["part", "whole", "rate"], [(part, whole, rate(part, whole)) for part, whole in PAIRS], layout)

    text = capsys.readouterr().out
    rows = json.loads(text, parse_float=Decimal) if layout is Layout.JSON else csv.DictReader(io.StringIO(text))
    assert {(int(r["part"]), int(r["whole"])): Decimal(r["rate"]) for r in rows} == RATES


def field_of_an_item(language):
    presenter = FormPresenter(language, FORMATS[language], str)

    def write(part, whole):
        content = {"resolved": part, "accepted": whole, "resolution_rate": str(RATES[part, whole])}
        return presenter.field_value("resolution_rate", content)

    return write


def label_of_a_chart(forms):
    def write(part, whole):
        value = share(part, whole)
        spec = Bars("", "", "", ("",), (Series("", (value,)),), percent=True)
        return value_text(value, forms(spec, FORMATS["zh"]))

    return write


@pytest.mark.parametrize(
    "channel",
    [
        lambda part, whole: f"{percentage(part, whole)}%",
        FORMATS["zh"].rate,
        FORMATS["en"].rate,
        field_of_an_item("zh"),
        field_of_an_item("en"),
        lambda part, whole: FORMATS["zh"].percent(share(part, whole)),
        label_of_a_chart(short_forms),
        label_of_a_chart(exact_forms),
    ],
    ids=["percentage", "page-zh", "page-en", "field-zh", "field-en", "share", "drawing", "table"],
)
def test_people_read_one_decimal_rounded_once(channel):
    texts = {pair: channel(*pair) for pair in PAIRS}

    assert {p: t for p, t in texts.items() if t != PERCENTAGES[p]} == {}


def test_a_rate_of_four_decimals_rounded_again_would_be_another():
    """Why a page never rounds what the data carry: for these counts it would publish a second value."""
    assert [p for p in PAIRS if f"{rounded(Fraction(RATES[p]) * 100, 1)}%" != PERCENTAGES[p]]


@pytest.mark.parametrize("macro", ["rate_tile('', part, whole, none, 1)", "rate_cell(part, whole, 1)", "rate_bar(part, whole)"])
def test_the_components_of_pages_and_screens_write_the_same(macro):
    template = Pages(SAMPLE, SITE)._environments["zh"].from_string(f"{{{{ ui.{macro} }}}}")
    ties = [(part, whole) for part, whole in PAIRS if (2000 * part) % whole == 0 and (1000 * part) % whole]

    wrong = [(p, w) for p, w in ties if PERCENTAGES[p, w] not in re.findall(r"[0-9.]+%", template.render(part=p, whole=w))]

    assert len(ties) > 100
    assert wrong == []


def test_intervals_hold_their_rate_and_are_mirrored():
    """The interval of the failures is that of the successes seen from the other end, to the last digit of a page."""
    formats = FORMATS["zh"]
    for part, whole in PAIRS[:: MOST // 20]:
        low, high = wilson_interval(part, whole)
        other_low, other_high = wilson_interval(whole - part, whole)

        assert 0 <= low <= share(part, whole) <= high <= 1
        assert formats.percent(low) == formats.percent(1 - other_high)
        assert formats.percent(high) == formats.percent(1 - other_low)
