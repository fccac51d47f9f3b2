"""Sentences of reports about numbers, in Chinese: rises, falls, equals, zero and small numbers each in words of their own.

A percentage is written from as many cases on as the rules ask of a rate; the difference of two rates is that of the rates as
they are written, so that a reader who subtracts gets it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from shared.rates import percentage, round_half_up

# From this multiple on a rise is told as a multiple: 320% is hard to picture.
TIMES_FROM = 3
WHOLE = Decimal(100)


def counted(number: int) -> str:
    """Return a count with commas."""
    return f"{number:,}"


def compare_counts(now: int, before: int, named: str, minimum: int) -> str:
    """Return how a count of complaints stands to that of another time (`named`: 比上期's 上期), without a full stop."""
    if now == before:
        return f"与{named}持平" if now else f"{named}同样没有投诉"
    if before == 0:
        return f"{named}没有投诉"
    if now == 0:
        return f"{named}有{counted(before)}件"
    difference = abs(now - before)
    verb, adverb = ("增加", "增长") if now > before else ("减少", "下降")
    sentence = f"比{named}的{counted(before)}件{verb}{counted(difference)}件"
    share = percentage(difference, before)
    # 0.0% of a change that there is, and 100.0% of a fall that leaves something, would not be true.
    if before < minimum or not share or (now < before and share >= WHOLE):
        return sentence
    if now >= TIMES_FROM * before:
        return f"{sentence}，是{named}的{_times(now, before)}倍"
    return f"{sentence}，{adverb}{share}%"


def tell_rate(part: int, whole: int, name: str, part_name: str, whole_name: str, minimum: int) -> str:
    """Return a rate with its two counts; the counts alone where there are few, words where there are none."""
    if whole == 0:
        return f"没有{whole_name}的投诉，不计算{name}"
    counts = f"{whole_name}{counted(whole)}件，{part_name}{counted(part)}件"
    if whole < minimum:
        return f"{counts}，件数少于{minimum}件，不计算{name}"
    return f"{counts}，{name}{percentage(part, whole)}%"


def compare_rates(now: tuple[int, int], before: tuple[int, int], named: str, minimum: int) -> str:
    """Return how a rate (its counts, part and whole) stands to that of another time; empty where one of them has no rate."""
    if min(now[1], before[1]) < max(minimum, 1):
        return ""
    rate, earlier = percentage(*now), percentage(*before)
    if rate is None or earlier is None:
        return ""
    if rate == earlier:
        return f"与{named}持平"
    return f"比{named}{'提高' if rate > earlier else '下降'}{abs(rate - earlier)}个百分点"


def tell_days(median: Decimal | None) -> str:
    """Return within how many working days half of what was closed was closed; empty where nothing was."""
    if median is None:
        return ""
    if median == 0:
        return "办结用时的中位数不到一个工作日"
    days = round_half_up(median, 1)
    plain = f"{days:f}".removesuffix(".0")
    return f"办结用时的中位数为{plain}个工作日"


def tell_recovered(yuan: Decimal) -> str:
    """Return what was recovered for consumers, from 10,000 yuan on in 万元."""
    if yuan == 0:
        return "没有登记挽回的损失"
    if yuan < 10_000:  # noqa: PLR2004 one 万
        return f"为消费者挽回损失{yuan:,.2f}元"
    return f"为消费者挽回损失{round_half_up(yuan / 10_000, 2):,.2f}万元"


def tell_parts(parts: Sequence[tuple[str, int]], whole: int, minimum: int) -> str:
    """Return named parts of a whole with their counts, and with their shares where there are enough cases."""
    sentence = [
        f"{name}{counted(count)}件" + (f"，占{percentage(count, whole)}%" if whole >= max(minimum, 1) else "")
        for name, count in parts
    ]
    return "；".join(sentence)


def leading(parts: Sequence[tuple[str, int]], places: int) -> list[tuple[str, int]]:
    """Return the parts with the highest counts, most first; all that are equal to the last of so many places are among them."""
    ordered = sorted((part for part in parts if part[1]), key=lambda part: -part[1])
    if len(ordered) <= places:
        return ordered
    last = ordered[places - 1][1]
    kept = [part for part in ordered if part[1] >= last]
    # Where many are equal in the last place, none of them leads.
    return kept if len(kept) <= 2 * places else [part for part in ordered if part[1] > last]


def _times(now: int, before: int) -> str:
    return f"{round_half_up(Decimal(now) / before, 1):f}".removesuffix(".0")
