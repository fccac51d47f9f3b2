import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from shared.charts import renderer as renderer_module
from shared.charts.renderer import ChartRenderer
from shared.charts.spec import Bars, Restatement, Series, Trend
from shared.rates import share
from shared.web.formats import Formats

ZH = Formats("zh", ZoneInfo("Asia/Shanghai"))
EN = Formats("en", ZoneInfo("Asia/Shanghai"))


def trend(**changes):
    fields = {
        "title": "近三个月投诉",
        "note": "件",
        "row_head": "月份",
        "ticks": ("8月", "9月", "10月"),
        "rows": ("2026-08", "2026-09", "2026-10"),
        "series": (Series("投诉", (66, 12_431, 19)), Series("解决", (57, None, 6))),
    }
    return Trend(**(fields | changes))


@pytest.fixture(scope="module")
def charts():
    renderer = ChartRenderer(capacity=3)
    yield renderer
    renderer.close()


@pytest.mark.parametrize(
    "spec",
    [
        trend(),
        trend(unfinished=True, restated=(Restatement(0, 68),)),
        trend(series=(Series("解决率", (Decimal("0.85"), Decimal("0.905"), None)),), percent=True),
        Bars("行业", "件", "行业", ("零售业", "教育"), (Series("2026", (3, 2)), Series("2025", (1, None), colour=6))),
    ],
    ids=["trend", "marks", "rates", "bars"],
)
def test_a_drawing_has_nothing_that_a_strict_page_blocks(charts, spec):
    chart = charts.draw_sync(spec, ZH)

    for drawing in (chart.wide, chart.narrow):
        assert "style" not in drawing.content
        assert "<script" not in drawing.content
        assert "NaN" not in drawing.content
        assert "ecmeta" not in drawing.content
        assert not re.search(r"\sclass=\"zr", drawing.content)


def test_colours_are_those_of_the_tokens(charts):
    content = charts.draw_sync(trend(), ZH).wide.content

    assert 'stroke="var(--ch-1)"' in content
    assert 'stroke="var(--ch-2)"' in content
    assert not re.search(r"(?:fill|stroke)=\"#[0-9a-f]{6}", content)


def test_the_axis_counts_in_myriads_in_chinese_and_in_full_in_english(charts):
    assert ">1.5万<" in charts.draw_sync(trend(), ZH).wide.content
    assert ">15,000<" in charts.draw_sync(trend(), EN).wide.content


def test_the_running_month_is_hollow_and_not_joined(charts):
    done = charts.draw_sync(trend(), ZH).wide.content
    running = charts.draw_sync(trend(unfinished=True), ZH)

    assert 'fill="var(--c-page)"' not in done
    assert 'fill="var(--c-page)"' in running.wide.content
    assert str(running.table.rows[-1][0]) == "2026-10（未满）"


def test_a_restated_value_keeps_its_old_one_in_the_drawing_and_in_the_table(charts):
    chart = charts.draw_sync(trend(restated=(Restatement(0, 68),)), ZH)

    assert ">68→66<" in chart.wide.content
    assert str(chart.table.rows[0][1]) == "66（原68）"


def test_a_restated_value_is_written_exactly_where_the_short_forms_are_the_same(charts):
    chart = charts.draw_sync(trend(restated=(Restatement(1, 12_449),)), ZH)

    assert ">12,449→12,431<" in chart.wide.content
    assert "1.2万→1.2万" not in chart.wide.content


def test_a_restated_value_is_written_short_where_that_says_what_changed(charts):
    assert ">1.1万→1.2万<" in charts.draw_sync(trend(restated=(Restatement(1, 11_431),)), ZH).wide.content


def test_a_restated_rate_has_as_many_decimals_as_show_the_change(charts):
    rates = trend(
        series=(Series("解决率", (share(5, 160), share(6, 191), None)),),
        percent=True,
        restated=(Restatement(0, share(6, 191)), Restatement(1, share(5, 191))),
    )
    chart = charts.draw_sync(rates, ZH)

    assert ">3.14%→3.13%<" in chart.wide.content
    assert ">2.6%→3.1%<" in chart.wide.content
    assert [str(row[1]) for row in chart.table.rows] == ["3.13%（原3.14%）", "3.1%（原2.6%）", "—"]


def test_the_table_has_every_value_exactly_and_a_dash_for_what_is_missing(charts):
    table = charts.draw_sync(trend(), ZH).table

    assert table.header == ("月份", "投诉", "解决")
    assert [tuple(map(str, row)) for row in table.rows] == [
        ("2026-08", "66", "57"),
        ("2026-09", "12,431", "—"),
        ("2026-10", "19", "6"),
    ]


def test_the_summary_says_the_highest_and_the_lowest(charts):
    assert str(charts.draw_sync(trend(), ZH).summary[0]) == "投诉最高12,431（2026-09），最低19（2026-10）。"


def test_names_are_text_and_never_markup(charts):
    hostile = "</text><script>alert(1)</script>"
    chart = charts.draw_sync(trend(ticks=(hostile, "9月", "10月")), ZH)

    assert "<script" not in chart.wide.content


def test_an_equal_chart_is_drawn_once(charts):
    assert charts.draw_sync(trend(title="一"), ZH) is charts.draw_sync(trend(title="一"), ZH)


def test_the_cache_is_bounded(charts):
    first = charts.draw_sync(trend(title="旧"), ZH)
    for title in ("二", "三", "四"):
        charts.draw_sync(trend(title=title), ZH)

    assert charts.draw_sync(trend(title="旧"), ZH) is not first


async def test_drawing_does_not_take_the_event_loop(charts):
    chart = await charts.draw(trend(title="异步"), ZH)

    assert chart.wide.width == 760
    assert await charts.draw(trend(title="异步"), ZH) is chart


def test_nothing_is_drawn_for_no_data(charts):
    chart = charts.draw_sync(trend(series=(Series("投诉", (None, None, None)),)), ZH)

    assert str(chart.summary[0]) == "投诉没有数据。"
    assert chart.wide is not None


def test_a_failing_engine_leaves_the_table(monkeypatch, tmp_path):
    broken = tmp_path / "draw.js"
    broken.write_text("function draw() { throw new Error('no'); }")
    monkeypatch.setattr(renderer_module, "DRAW", broken)
    renderer = ChartRenderer()

    chart = renderer.draw_sync(trend(), ZH)
    renderer.close()

    assert chart.wide is None
    assert chart.table.rows


@pytest.mark.parametrize(
    "changes",
    [{"series": ()}, {"series": (Series("a", (1, 2)),)}, {"rows": ("2026-08",)}, {"series": (Series("a", (1, 2, 3)),) * 5}],
    ids=["none", "short", "rows", "many"],
)
def test_a_specification_that_cannot_be_read_is_refused(changes):
    with pytest.raises(ValueError, match=r"series|values|number"):
        trend(**changes)
