"""The text of a report, drafted from its figures: block by block, a paragraph a line, for an office to word otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from services.publisher.domain.report_figures import Block, Numbers, ReportFigures, ReportKind, Row
from services.publisher.domain.report_periods import period_before, year_before
from services.publisher.domain.sentences import (
    compare_counts,
    compare_rates,
    counted,
    leading,
    tell_days,
    tell_parts,
    tell_rate,
    tell_recovered,
)
from shared.rates import SuccessDenominator, success_counts
from shared.reference import categories, industries, regions
from shared.web.periods import period_name

LEADING = 3
TITLES = {
    ReportKind.SPECIAL: "{period}{subject}消费投诉专题分析",
    ReportKind.INDUSTRY: "{period}{subject}行业消费投诉分析",
    ReportKind.OPERATOR: "{period}{subject}消费投诉分析",
    ReportKind.EMERGING: "{period}消费投诉新问题分析",
    ReportKind.QUALITY: "{period}消费投诉质量分析",
}
SUCCESS_RATE = "调解成功率"
DENOMINATORS = {
    SuccessDenominator.MEDIATIONS: "调解",
    SuccessDenominator.CLOSED: "办结",
    SuccessDenominator.ACCEPTED: "受理",
}
TITLE = "{period}消费投诉分析"
ADVICE = "选择经营者前，可以先查询其公示信息。请保留合同、付款凭证和沟通记录；发生争议协商不成的，可以拨打12315投诉。"


def compose_title(figures: ReportFigures, subject: str) -> str:
    """Return the title of a report; `subject` is the name of what it is about."""
    return TITLES.get(figures.kind, TITLE).format(period=period_name(figures.period, "zh"), subject=subject)


def compose_blocks(figures: ReportFigures, subject: str) -> dict[Block, str]:
    """Return the text of each block that there are figures for."""
    composed = {
        Block.OVERVIEW: _overview(figures, subject),
        Block.REGIONS: _parts(figures, figures.regions, region_name, "从地区看") if len(figures.regions) > 1 else "",
        Block.INDUSTRIES: _parts(figures, figures.industries, industry_name, "从行业看") if len(figures.industries) > 1 else "",
        Block.CONCENTRATED: _concentrated(figures),
    }
    return {block: text for block, text in composed.items() if text}


def compose_advice(figures: ReportFigures) -> str:
    """Return advice to consumers, for the office to go on from."""
    names = [category_name(row.subject) for row in figures.categories[:LEADING]]
    return f"消费者在{'、'.join(names)}方面投诉较多，请留意。\n{ADVICE}" if names else ADVICE


def region_name(code: str) -> str:
    """Return the name of a region; 地区不明 where complaints have none."""
    return regions()[code].zh if code in regions() else code or "地区不明"


def industry_name(code: str) -> str:
    """Return the name of an industry."""
    return industries()[code].zh if code in industries() else code or "行业不明"


def category_name(code: str) -> str:
    """Return the name of a category."""
    return categories()[code].zh if code in categories() else code or "类别不明"


def _overview(figures: ReportFigures, subject: str) -> str:
    now, minimum = figures.total.now, figures.minimum
    period = period_name(figures.period, "zh")
    about = f"涉及{subject}的" if figures.kind in {ReportKind.INDUSTRY, ReportKind.OPERATOR} else "全市"
    received = f"收到{about}消费投诉{counted(now.complaints)}件" if now.complaints else f"没有收到{about}消费投诉"
    paragraphs = [_sentence(f"{period}，{received}", *_compared(figures, lambda numbers: numbers.complaints))]
    if now.complaints:
        paragraphs += [
            _sentence(
                tell_rate(now.resolved, now.accepted, "解决率", "解决", "受理", minimum),
                *_compared_rates(figures, lambda numbers: (numbers.resolved, numbers.accepted)),
            ),
            _sentence(
                _success(figures, now),
                *_compared_rates(figures, lambda numbers: _success_counts(figures, numbers)),
            ),
            _sentence(tell_recovered(now.recovered), tell_days(now.median_days)),
        ]
    return "\n".join(paragraphs)


def _success(figures: ReportFigures, now: Numbers) -> str:
    part, whole = success_counts(now.model_dump(), figures.success_denominator)
    counted_as = DENOMINATORS[figures.success_denominator]
    if whole is None:
        return f"没有统计{counted_as}的件数，不计算{SUCCESS_RATE}"
    return tell_rate(part, whole, SUCCESS_RATE, "成功", counted_as, figures.minimum)


def _success_counts(figures: ReportFigures, numbers: Numbers) -> tuple[int, int]:
    part, whole = success_counts(numbers.model_dump(), figures.success_denominator)
    return part, whole or 0


def _parts(figures: ReportFigures, rows: Sequence[Row], name: Callable[[str], str], lead: str) -> str:
    whole = figures.total.now.complaints
    parts = leading([(name(row.subject), row.now.complaints) for row in rows], LEADING)
    if not parts:
        return ""
    sentences = _sentence(f"{lead}，投诉较多的是：{tell_parts(parts, whole, figures.minimum)}")
    moved = _moved(figures, rows, name)
    return f"{sentences}\n{moved}" if moved else sentences


def _moved(figures: ReportFigures, rows: Sequence[Row], name: Callable[[str], str]) -> str:
    """Return which rows rose and fell most against the period before; only those with enough complaints in both."""
    enough = [row for row in rows if row.before and min(row.now.complaints, row.before.complaints) >= figures.minimum]
    changes = [(row, row.now.complaints - row.before.complaints) for row in enough if row.before]
    named = _before(figures)
    sentences = []
    rises = [pair for pair in changes if pair[1] > 0]
    falls = [pair for pair in changes if pair[1] < 0]
    for pairs, word in ((rises, "增加最多"), (falls, "减少最多")):
        for row in _furthest(pairs):
            comparison = compare_counts(row.now.complaints, row.before.complaints, named, figures.minimum) if row.before else ""
            sentences.append(f"{word}的是{name(row.subject)}，{comparison}")
    return _sentence("；".join(sentences)) if sentences else ""


def _furthest(changes: Sequence[tuple[Row, int]]) -> list[Row]:
    """Return the row with the largest change; none where several share it."""
    if not changes:
        return []
    furthest = max(abs(change) for _row, change in changes)
    found = [row for row, change in changes if abs(change) == furthest]
    return found if len(found) == 1 else []


def _concentrated(figures: ReportFigures) -> str:
    paragraphs = []
    if figures.kind is ReportKind.EMERGING:
        paragraphs.append(_emerging(figures))
    elif figures.categories:
        paragraphs.append(_parts(figures, figures.categories, category_name, "从问题看"))
    if figures.operators:
        listed = "、".join(f"{row.subject}（{counted(row.now.complaints)}件）" for row in figures.operators)
        paragraphs.append(
            f"已公示的投诉在{figures.list_minimum}件以上的经营者有{counted(len(figures.operators))}户，"
            f"按名称排列：{listed}。投诉多少与经营规模有关，不是排名。"
        )
    return "\n".join(filter(None, paragraphs))


def _emerging(figures: ReportFigures) -> str:
    """Return the categories whose complaints grew by half and more, of those with enough of them."""
    grown = [
        row
        for row in figures.categories
        if row.now.complaints >= figures.minimum and 2 * row.now.complaints >= 3 * (row.before or Numbers()).complaints
    ]
    if not grown:
        return f"与{_before(figures)}相比，没有投诉{figures.minimum}件以上且增长过半的问题。"
    return "\n".join(
        _sentence(
            f"{category_name(row.subject)}{counted(row.now.complaints)}件",
            compare_counts(row.now.complaints, (row.before or Numbers()).complaints, _before(figures), figures.minimum),
        )
        for row in grown
    )


def _compared(figures: ReportFigures, count: Callable[[Numbers], int]) -> list[str]:
    total = figures.total
    return [
        compare_counts(count(total.now), count(numbers), named, figures.minimum)
        for numbers, named in ((total.before, _before(figures)), (total.year_before, _year_before(figures)))
        if numbers is not None
    ]


def _compared_rates(figures: ReportFigures, counts: Callable[[Numbers], tuple[int, int]]) -> list[str]:
    total = figures.total
    return [
        compare_rates(counts(total.now), counts(numbers), named, figures.minimum)
        for numbers, named in ((total.before, _before(figures)), (total.year_before, _year_before(figures)))
        if numbers is not None
    ]


def _before(figures: ReportFigures) -> str:
    return period_name(period_before(figures.period), "zh")


def _year_before(figures: ReportFigures) -> str:
    return period_name(year_before(figures.period), "zh")


def _sentence(*parts: str) -> str:
    """Return the parts that say something as one sentence."""
    return "，".join(filter(None, parts)) + "。"
