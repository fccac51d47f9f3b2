"""The sentences of reports, one test a pattern: rises, falls, equals, zero, small numbers, rates, days, money."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.publisher.domain.sentences import (
    compare_counts,
    compare_rates,
    leading,
    tell_days,
    tell_parts,
    tell_rate,
    tell_recovered,
)

MINIMUM = 10


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        (118, 100, "比上月的100件增加18件，增长18.0%"),
        (88, 100, "比上月的100件减少12件，下降12.0%"),
        (1234, 1000, "比上月的1,000件增加234件，增长23.4%"),
        (100, 100, "与上月持平"),
        (0, 0, "上月同样没有投诉"),
        (12, 0, "上月没有投诉"),
        (0, 120, "上月有120件"),
        (12, 9, "比上月的9件增加3件"),
        (3, 9, "比上月的9件减少6件"),
        (320, 100, "比上月的100件增加220件，是上月的3.2倍"),
        (300, 100, "比上月的100件增加200件，是上月的3倍"),
        (299, 100, "比上月的100件增加199件，增长199.0%"),
        (10_001, 10_000, "比上月的10,000件增加1件"),
        (9_999, 10_000, "比上月的10,000件减少1件"),
        (5, 10, "比上月的10件减少5件，下降50.0%"),
        (1, 2_000, "比上月的2,000件减少1,999件"),
    ],
    ids=[
        "rise", "fall", "commas", "equal", "both zero", "from zero", "to zero", "few rise", "few fall", "times", "whole times",
        "just under times", "rise too small for a percentage", "fall too small for a percentage", "as few as a rate needs", "nearly all",
    ],
)  # fmt: skip
def test_a_count_against_another_time(now, before, sentence):
    assert compare_counts(now, before, "上月", MINIMUM) == sentence


@given(now=st.integers(0, 10**7), before=st.integers(0, 10**7))
def test_a_comparison_says_what_a_reader_can_add_up(now, before):
    sentence = compare_counts(now, before, "上月", MINIMUM)

    assert ("增" in sentence) == (now > before > 0)
    assert ("减少" in sentence) == (0 < now < before)
    assert not {"增长0.0%", "下降0.0%", "下降100.0%"} & {part.strip() for part in sentence.split("，")}
    if 0 < now != before > 0:
        assert f"{before:,}件" in sentence
        assert f"{abs(now - before):,}件" in sentence


@pytest.mark.parametrize(
    ("part", "whole", "sentence"),
    [
        (85, 100, "受理100件，解决85件，解决率85.0%"),
        (100, 100, "受理100件，解决100件，解决率100.0%"),
        (0, 100, "受理100件，解决0件，解决率0.0%"),
        (7, 9, "受理9件，解决7件，件数少于10件，不计算解决率"),
        (0, 0, "没有受理的投诉，不计算解决率"),
        (1, 32, "受理32件，解决1件，解决率3.1%"),
    ],
    ids=["usual", "all", "none of many", "few", "zero", "half up"],
)
def test_a_rate_with_its_counts(part, whole, sentence):
    assert tell_rate(part, whole, "解决率", "解决", "受理", MINIMUM) == sentence


@pytest.mark.parametrize(
    ("now", "before", "sentence"),
    [
        ((85, 100), (80, 100), "比上月提高5.0个百分点"),
        ((80, 100), (85, 100), "比上月下降5.0个百分点"),
        ((85, 100), (170, 200), "与上月持平"),
        ((8534, 10_000), (8531, 10_000), "与上月持平"),
        ((8, 9), (80, 100), ""),
        ((80, 100), (0, 0), ""),
    ],
    ids=["rise", "fall", "equal", "equal as written", "few now", "none before"],
)
def test_a_rate_against_another_time(now, before, sentence):
    assert compare_rates(now, before, "上月", MINIMUM) == sentence


@given(now=st.tuples(st.integers(0, 500), st.integers(10, 500)), before=st.tuples(st.integers(0, 500), st.integers(10, 500)))
def test_the_difference_of_two_rates_is_that_of_the_rates_as_they_are_written(now, before):
    now, before = ((min(part, whole), whole) for part, whole in (now, before))
    sentence = compare_rates(now, before, "上月", MINIMUM)
    written = [
        Decimal(tell_rate(*each, "率", "解决", "受理", MINIMUM).rpartition("率")[2].rstrip("%")) for each in (now, before)
    ]

    expected = written[0] - written[1]
    assert sentence == ("与上月持平" if not expected else f"比上月{'提高' if expected > 0 else '下降'}{abs(expected)}个百分点")


@pytest.mark.parametrize(
    ("median", "sentence"),
    [
        (None, ""),
        (Decimal(0), "办结用时的中位数不到一个工作日"),
        (Decimal(12), "办结用时的中位数为12个工作日"),
        (Decimal("12.5"), "办结用时的中位数为12.5个工作日"),
    ],
    ids=["nothing closed", "same day", "whole", "half"],
)
def test_the_time_to_close(median, sentence):
    assert tell_days(median) == sentence


@pytest.mark.parametrize(
    ("yuan", "sentence"),
    [
        ("0", "没有登记挽回的损失"),
        ("9999.99", "为消费者挽回损失9,999.99元"),
        ("10000", "为消费者挽回损失1.00万元"),
        ("1234567.89", "为消费者挽回损失123.46万元"),
    ],
    ids=["none", "yuan", "one wan", "wan"],
)
def test_what_was_recovered(yuan, sentence):
    assert tell_recovered(Decimal(yuan)) == sentence


@pytest.mark.parametrize(
    ("whole", "sentence"), [(100, "质量60件，占60.0%；价格40件，占40.0%"), (9, "质量60件；价格40件")], ids=["shares", "few"]
)
def test_parts_of_a_whole(whole, sentence):
    assert tell_parts([("质量", 60), ("价格", 40)], whole, MINIMUM) == sentence


@pytest.mark.parametrize(
    ("counts", "led"),
    [
        ([5, 4, 3, 2], [5, 4, 3]),
        ([5, 3, 3, 3], [5, 3, 3, 3]),
        ([5, 4], [5, 4]),
        ([5, 1, 0], [5, 1]),
        ([9, 1, 1, 1, 1, 1, 1], [9]),
        ([1] * 9, []),
        ([], []),
    ],
    ids=["three", "a tie", "fewer", "without zero", "too many equal", "all equal", "nothing"],
)
def test_who_leads(counts, led):
    assert [count for _name, count in leading([(str(place), count) for place, count in enumerate(counts)], 3)] == led
