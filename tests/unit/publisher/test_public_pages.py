"""What the public pages work out before they are written: the tile map, an operator's windows, words for codes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.publisher.domain.checks import Check, CheckName, Result
from services.publisher.store.figures import PeriodFigure
from services.publisher.web.check_texts import first_doubt
from services.publisher.web.drawings import tile_map
from services.publisher.web.fields import Showing
from services.publisher.web.items import _decided, _windows
from services.publisher.web.portal import parts_of
from shared.contracts import Measures
from shared.web.formats import Formats

AT = datetime(2026, 10, 9, tzinfo=UTC)
ZH = Showing("zh", Formats("zh", ZoneInfo("Asia/Shanghai")), str)
EN = Showing("en", Formats("en", ZoneInfo("Asia/Shanghai")), str)


def figure(region: str, complaints: int) -> PeriodFigure:
    measures = Measures(
        complaints=complaints, accepted=0, resolved=0, resolution_rate=None, mediations=0, mediation_successes=0,
        mediation_success_rate=None, amount=Decimal(0), recovered=Decimal(0), median_days=None, p90_days=None,
    )  # fmt: skip
    return PeriodFigure(region, "2026-09", measures, None, AT)


def test_tiles_stand_in_their_schematic_places_with_rate_and_count():
    drawn = tile_map({"990102": figure("990102", 1684), "990107": figure("990107", 1318)}, ZH)

    assert drawn is not None
    named = [tile["name"] for tile in drawn.tiles]
    assert named == ["江口县", "青岚县", "北桥区", "湖西区", "湖东区", "高新区", "石门县", "南屏区", "云溪区"]
    assert [(t["rate"], t["count"], t["step"]) for t in drawn.tiles if t["count"]] == [
        ("17.2", "1,684件", 4),
        ("21.3", "1,318件", 5),
    ]
    assert str(drawn.steps) == "分档5、10、15、20"


def test_a_district_without_a_figure_is_hatched_and_not_zero():
    drawn = tile_map({"990102": figure("990102", 10)}, ZH)

    assert drawn is not None
    assert {(t["rate"], t["step"]) for t in drawn.tiles if not t["count"]} == {("—", 0)}


def test_small_rates_keep_a_second_decimal_so_that_their_steps_can_be_told_apart():
    drawn = tile_map({"990102": figure("990102", 28), "990107": figure("990107", 28)}, ZH)

    assert drawn is not None
    assert [t["rate"] for t in drawn.tiles if t["count"]] == ["0.29", "0.45"]
    assert [row[-1] for row in drawn.rows] == ["0.29", "0.45"]


def test_where_no_district_has_a_figure_there_is_no_map():
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
def test_only_windows_that_differ_can_be_chosen(months, windows):
    assert _windows(months) == windows


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("990107000", "高新区市场监督管理局", "Gaoxin District Administration for Market Regulation"),
        ("990107", "高新区市场监督管理局", "Gaoxin District Administration for Market Regulation"),
        ("990107003", "高新区（990107003）", "Gaoxin District (990107003)"),
        ("hotline-desk", "hotline-desk", "hotline-desk"),
    ],
)
def test_an_office_is_called_by_its_region_and_a_station_keeps_its_code(code, zh, en):
    assert (ZH.value("office", code), EN.value("office", code)) == (zh, en)


def test_a_row_of_the_desk_tells_the_first_failing_check_before_any_warning():
    passed = Check(CheckName.OPERATOR, Result.PASS, "valid_uscc")
    warned = Check(CheckName.WORDING, Result.WARN, "loaded", {"words": ["恶意"]})
    failed = Check(CheckName.OPERATOR, Result.FAIL, "no_uscc")

    assert first_doubt([passed]) is None
    assert str(first_doubt([passed, warned])) == "“恶意”带有倾向，请核对"
    assert str(first_doubt([warned, failed])) == "没有信用代码，主体不明确，不能公示"


def test_without_a_ruling_a_withdrawal_was_proposed_at_the_desk():
    assert str(_decided(None)) == "审核岗提出，归口把关单位确认后撤回"


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
def test_of_several_words_the_first_three_of_two_characters_are_looked_for_one_by_one(words, parts):
    assert parts_of(words) == parts
