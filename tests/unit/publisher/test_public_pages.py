"""What the public pages compute before rendering: the tile map, an operator's windows, names of codes, query words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.publisher.domain.checks import Check, CheckName, Result
from services.publisher.store.figures import PeriodFigure
from services.publisher.web.charts import tile_map
from services.publisher.web.check_texts import most_severe_finding
from services.publisher.web.items import _available_windows, _decision_text
from services.publisher.web.portal import split_query
from services.publisher.web.presenter import FormPresenter
from shared.contracts import Measures
from shared.rates import rate
from shared.web.formats import Formats

AT = datetime(2026, 10, 9, tzinfo=UTC)
ZH = FormPresenter("zh", Formats("zh", ZoneInfo("Asia/Shanghai")), str)
EN = FormPresenter("en", Formats("en", ZoneInfo("Asia/Shanghai")), str)


def figure(region: str, complaints: int) -> PeriodFigure:
    measures = Measures(
        complaints=complaints, accepted=0, resolved=0, resolution_rate=None, mediations=0, mediation_successes=0,
        mediation_success_rate=None, amount=Decimal(0), recovered=Decimal(0), median_days=None, p90_days=None,
    )  # fmt: skip
    return PeriodFigure(region, "2026-09", measures, None, AT)


def rates(resolved: int, accepted: int) -> dict[str, str]:
    return {"resolved": str(resolved), "accepted": str(accepted), "resolution_rate": str(rate(resolved, accepted))}


def test_a_rate_of_a_form_is_written_from_its_counts():
    """84 of 334 is 0.25149…, in the data 0.2515: rounding that again gives 25.2 %, and the operator's page says 25.1 %."""
    assert rates(84, 334)["resolution_rate"] == "0.2515"
    assert ZH.field_value("resolution_rate", rates(84, 334)) == "25.1%"
    assert ZH.field_value("resolution_rate", {**rates(84, 334), "resolution_rate": None}) == "—"


def test_two_versions_of_a_rate_never_read_the_same_where_they_differ():
    assert ZH.field_change("resolution_rate", rates(5, 160), rates(6, 191)) == ("3.13%", "3.14%")
    assert ZH.field_change("resolution_rate", rates(5, 160), rates(60, 160)) == ("3.1%", "37.5%")
    assert ZH.change_rows([("resolution_rate", "0.0312", "0.0313")]) == [("解决率", "3.12%", "3.13%")]


def test_tiles_have_their_schematic_positions_with_rate_and_count():
    tile_map_of_city = tile_map({"990102": figure("990102", 1684), "990107": figure("990107", 1318)}, ZH)

    assert tile_map_of_city is not None
    names = [tile["name"] for tile in tile_map_of_city.tiles]
    assert names == ["江口县", "青岚县", "北桥区", "湖西区", "湖东区", "高新区", "石门县", "南屏区", "云溪区"]
    assert [(t["rate"], t["count"], t["step"]) for t in tile_map_of_city.tiles if t["count"]] == [
        ("17.2", "1,684件", 4),
        ("21.3", "1,318件", 5),
    ]
    assert str(tile_map_of_city.steps) == "分档5、10、15、20"


def test_a_district_without_a_figure_is_hatched_and_not_zero():
    tile_map_of_city = tile_map({"990102": figure("990102", 10)}, ZH)

    assert tile_map_of_city is not None
    assert {(t["rate"], t["step"]) for t in tile_map_of_city.tiles if not t["count"]} == {("—", 0)}


def test_small_rates_have_a_second_decimal_so_that_their_steps_differ():
    tile_map_of_city = tile_map({"990102": figure("990102", 28), "990107": figure("990107", 28)}, ZH)

    assert tile_map_of_city is not None
    assert [t["rate"] for t in tile_map_of_city.tiles if t["count"]] == ["0.29", "0.45"]
    assert [row[-1] for row in tile_map_of_city.rows] == ["0.29", "0.45"]


def test_a_district_that_is_hidden_has_neither_rate_nor_count_and_is_told():
    tile_map_of_city = tile_map({"990102": figure("990102", 98)}, ZH, {"990103"})

    assert tile_map_of_city is not None
    assert (tile_map_of_city.hidden, tile_map_of_city.rows[1]) == (1, ["湖西区", "—", "91", "—"])


def test_without_figures_there_is_no_tile_map():
    assert tile_map({}, ZH) is None


@pytest.mark.parametrize(
    ("months", "windows"),
    [
        (1, {"month": 1}),
        (2, {"month": 1, "quarter": 2}),
        (3, {"month": 1, "quarter": 3}),
        (7, {"month": 1, "quarter": 3, "year": 7}),
        (12, {"month": 1, "quarter": 3, "year": 12}),
    ],
)
def test_only_windows_of_different_length_are_available(months, windows):
    assert _available_windows(months) == windows


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("990107000", "高新区市场监督管理局", "Gaoxin District Administration for Market Regulation"),
        ("990107", "高新区市场监督管理局", "Gaoxin District Administration for Market Regulation"),
        ("990107003", "高新区（990107003）", "Gaoxin District (990107003)"),
        ("hotline-desk", "hotline-desk", "hotline-desk"),
    ],
)
def test_an_office_is_named_after_its_region_and_a_station_shows_its_code(code, zh, en):
    assert (ZH.value("office", code), EN.value("office", code)) == (zh, en)


def test_a_failed_check_is_more_severe_than_a_warning():
    passed = Check(CheckName.OPERATOR, Result.PASS, "valid_uscc")
    warned = Check(CheckName.WORDING, Result.WARN, "loaded", {"words": ["恶意"]})
    failed = Check(CheckName.OPERATOR, Result.FAIL, "no_uscc")

    assert most_severe_finding([passed]) is None
    assert str(most_severe_finding([passed, warned])) == "“恶意”带有倾向，请核对"
    assert str(most_severe_finding([warned, failed])) == "没有信用代码，主体不明确，不能公示"


def test_a_withdrawal_without_a_ruling_was_proposed_at_the_desk():
    assert str(_decision_text(None)) == "经审核岗和归口把关单位确认后撤回"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("木棉服饰", []),
        ("木棉 服饰", ["木棉", "服饰"]),
        ("店 木棉", ["木棉"]),
        ("a b c d e f g", []),
        ("木棉 木棉 服饰 云州 湖东", ["木棉", "服饰", "云州"]),
    ],
)
def test_a_query_of_several_words_is_split_into_at_most_three_of_two_characters(words, parts):
    assert split_query(words) == parts
