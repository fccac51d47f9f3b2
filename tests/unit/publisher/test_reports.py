"""The text of reports from figures, the numbers that it may say, and the periods that it compares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publisher.domain.locked_numbers import foreign_numbers, numbers_in
from services.publisher.domain.report_figures import Block, MonthCount, Numbers, ReportFigures, Row, by_complaints, roll_up
from services.publisher.domain.report_periods import NoPeriod, months_of, months_until, period_before, year_before
from services.publisher.domain.report_text import compose_blocks, compose_title
from services.publisher.kinds import KINDS
from services.publisher.kinds.report_fields import FIGURES, find_foreign_numbers


def numbers(complaints, accepted=0, resolved=0, mediations=0, successes=0, recovered="0", median=None):
    return Numbers(
        complaints=complaints, accepted=accepted, resolved=resolved, mediations=mediations, mediation_successes=successes,
        recovered=Decimal(recovered), median_days=median,
    )  # fmt: skip


def row(subject, now, before=None, earlier=None):
    return Row(
        subject=subject, now=numbers(now), before=None if before is None else numbers(before),
        year_before=None if earlier is None else numbers(earlier),
    )  # fmt: skip


def figures(**changes):
    facts = {
        "kind": "quarter", "period": "2026-Q3", "as_of": date(2026, 10, 12), "minimum": 10, "list_minimum": 30,
        "total": Row(
            subject="", now=numbers(1200, 1100, 990, 800, 600, "356000", Decimal("12.5")), before=numbers(1000, 900, 792, 700, 490),
            year_before=None,
        ),
        "months": tuple(MonthCount(month=f"2026-0{month}", complaints=400) for month in (7, 8, 9)),
        "regions": (row("990102", 700, 500), row("990103", 500, 500)),
        "industries": (row("F5273", 800, 900), row("H6210", 400, 100)),
        "categories": (row("contract", 600, 380), row("quality", 600, 620)),
        "operators": (row("云州木棉服饰有限公司", 31), row("云州锦程通讯器材有限公司", 40)),
    }  # fmt: skip
    return ReportFigures.model_validate({**facts, **changes})


def test_a_quarter_is_told_with_both_counts_of_each_rate():
    blocks = compose_blocks(figures(), "")

    assert compose_title(figures(), "") == "2026年第三季度消费投诉分析"
    assert blocks[Block.OVERVIEW].split("\n") == [
        "2026年第三季度，收到全市消费投诉1,200件，比2026年第二季度的1,000件增加200件，增长20.0%。",
        "受理1,100件，解决990件，解决率90.0%，比2026年第二季度提高2.0个百分点。",
        "调解800件，成功600件，调解成功率75.0%，比2026年第二季度提高5.0个百分点。",
        "为消费者挽回损失35.60万元，办结用时的中位数为12.5个工作日。",
    ]
    assert blocks[Block.REGIONS].startswith("从地区看，投诉较多的是：湖东区700件，占58.3%；湖西区500件，占41.7%。")
    assert "减少最多的是" in blocks[Block.INDUSTRIES]
    assert blocks[Block.CONCENTRATED].endswith(
        "在30件以上的经营者有2户，按名称排列：云州木棉服饰有限公司（31件）、云州锦程通讯器材有限公司（40件）。投诉多少与经营规模有关，不是排名。"
    )


def test_a_quarter_without_complaints_says_so_and_computes_nothing():
    empty = figures(
        total=Row(subject="", now=numbers(0), before=numbers(0)), regions=(), industries=(), categories=(), operators=()
    )

    assert compose_blocks(empty, "") == {Block.OVERVIEW: "2026年第三季度，没有收到全市消费投诉，2026年第二季度同样没有投诉。"}


def test_new_problems_are_those_that_grew_by_half():
    text = compose_blocks(figures(kind="emerging"), "")[Block.CONCENTRATED].split("\n")

    assert text[0] == "合同与退款600件，比2026年第二季度的380件增加220件，增长57.9%。"
    assert "商品质量" not in text[0] + text[1]


@pytest.mark.parametrize(
    ("period", "before", "earlier", "months"),
    [
        ("2026-01", "2025-12", "2025-01", ["2026-01"]),
        ("2026-Q1", "2025-Q4", "2025-Q1", ["2026-01", "2026-02", "2026-03"]),
        ("2026-H2", "2026-H1", "2025-H2", [f"2026-{month:02}" for month in range(7, 13)]),
        ("2026", "2025", "2025", [f"2026-{month:02}" for month in range(1, 13)]),
    ],
)
def test_periods_and_those_that_they_are_compared_with(period, before, earlier, months):
    assert (period_before(period), year_before(period), months_of(period)) == (before, earlier, months)


@given(st.integers(2000, 2099), st.sampled_from(["", *(f"-Q{q}" for q in range(1, 5)), "-H1", "-H2", "-01", "-06", "-12"]))
def test_the_months_of_a_period_follow_those_of_the_one_before(year, part):
    period = f"{year}{part}"
    both = [*months_of(period_before(period)), *months_of(period)]

    assert both == months_until(period, len(both))
    assert both == sorted(set(both))


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "26", "30d", ""])
def test_what_is_no_period_is_refused(period):
    with pytest.raises(NoPeriod):
        months_of(period)


def test_the_drafted_text_says_the_numbers_of_its_figures_only():
    for kind in ("quarter", "emerging"):
        report = figures(kind=kind)
        for block, text in compose_blocks(report, "").items():
            assert foreign_numbers(block, text, report, "") == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("第三季度收到1200件。", []),
        ("第三季度收到１，２０１件。", ["1,201"]),
        ("第三季度收到1,201件，增长20.1%。", ["20.1", "1,201"]),
        ("一、情况\n1. 收到1,200件，依据《办法（2026版）》第12条。", []),
        ("1,200件，990件", []),
        ("2026年7月至9月收到7件，9月30日截止。", ["7"]),
    ],
    ids=["without commas", "full width", "two", "paragraphs and documents", "side by side", "days"],
)
def test_other_numbers_are_found(text, foreign):
    assert foreign_numbers(Block.OVERVIEW, text.replace("１，２０１", "１,２０１"), figures(), "") == foreign


def test_numbers_are_read_as_they_are_written():
    assert numbers_in("1,234.50元，12，345件，8%") == {Decimal("1234.50"), Decimal(12), Decimal(345), Decimal(8)}


@pytest.mark.parametrize("name", ["analysis_report", "quality_analysis"])
def test_a_report_written_by_hand_locks_nothing_and_nobody_types_figures(name):
    kind = KINDS[name]

    assert find_foreign_numbers({"overview": "收到7件。"}) == {}
    assert FIGURES not in {each.name for each in kind.typed_fields()}
    assert kind.read({FIGURES: "{}"}).content[FIGURES] is None
    assert set(kind.relations({FIGURES: figures().model_dump_json(), "overview": "收到7件。"})) == {"overview"}
    assert next(kind.find({FIGURES: figures().model_dump_json(), "overview": "收到7件。"})).code == "foreign_numbers"


def test_what_moved_is_told_by_block():
    assert figures().moved_from(figures()) == ()
    assert figures(categories=(row("contract", 601, 380),)).moved_from(figures()) == (Block.CONCENTRATED,)


def test_categories_are_added_up_by_their_parents():
    rolled = roll_up([row("contract.refund", 3, 2), row("contract", 1), row("other", 9)], {"contract.refund": "contract"})

    assert [(each.subject, each.now.complaints, each.before and each.before.complaints) for each in by_complaints(rolled)] == [
        ("other", 9, None), ("contract", 4, 2),
    ]  # fmt: skip
