"""The tables of the open data as declarations: columns with type and titles, and how a row is made from a public item.

Every description (Data Package, CSVW, the Chinese catalogue) and every file is made from these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson

from services.publisher.domain.basic import OPERATOR_MONTH, denominator_of
from services.publisher.store.public_items import StoredItem

Cell = str | int | date | datetime | None
Row = dict[str, Cell]


class ColumnType(StrEnum):
    """Types of cells, by the names of Data Package and CSVW."""

    STRING = "string"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, Chinese and English titles, type."""

    name: str
    zh: str
    en: str
    type: ColumnType = ColumnType.STRING


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `row` returns the row of an item, None where it has none of it; `key` is the column that tells rows apart."""

    name: str
    zh: str
    en: str
    summary_zh: str
    summary_en: str
    key: str
    columns: tuple[Column, ...]
    row: Callable[[StoredItem], Row | None]


def _item_row(stored: StoredItem) -> Row:
    item = stored.item
    operator = item.operator
    return {
        "item_id": item.item_id,
        "release_seq": stored.release_seq,
        "version": item.version,
        "state": item.state.value,
        "board": item.board.value,
        "kind": item.kind,
        "title": item.title,
        "summary": item.summary,
        "operator_name": operator.name if operator else None,
        "operator_uscc": operator.uscc if operator else None,
        "region": item.region,
        "period": item.period,
        "first_released_at": item.first_released_at,
        "released_at": item.released_at,
        "expires_on": item.expires_on,
        "reason_code": item.reason_code,
        "reason": item.reason,
        "response": item.response,
        "content": orjson.dumps(item.content, option=orjson.OPT_SORT_KEYS).decode() if item.content else None,
    }


def _figure_row(stored: StoredItem) -> Row | None:
    item = stored.item
    content: Mapping[str, Any] = item.content or {}
    # Before kinds were stated the basic board had no other.
    if item.board.value != "basic" or item.operator is None or item.kind not in {OPERATOR_MONTH, None}:
        return None
    counts = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
    return {
        "item_id": item.item_id,
        "version": item.version,
        "month": item.period,
        "operator_uscc": item.operator.uscc,
        "operator_name": item.operator.name,
        "region": item.region,
        "industry": content.get("industry"),
        **{name: content.get(name) for name in counts},
        "closed": content.get("closed"),
        "success_denominator": denominator_of(content).value,
    }


_INTEGER, _DATE, _DATETIME = ColumnType.INTEGER, ColumnType.DATE, ColumnType.DATETIME
ITEMS = Table(
    "items",
    "公示信息",
    "Public items",
    "六个板块现行公示的全部信息，每条一行；已撤回的不在其中。",
    "Every item that is public now on the six boards, a row each; withdrawn ones are not among them.",
    "item_id",
    (
        Column("item_id", "编号", "Number"),
        Column("release_seq", "发布序号", "Release number", _INTEGER),
        Column("version", "版本", "Version", _INTEGER),
        Column("state", "状态", "State"),
        Column("board", "板块", "Board"),
        Column("kind", "类别", "Kind"),
        Column("title", "标题", "Title"),
        Column("summary", "摘要", "Summary"),
        Column("operator_name", "经营者", "Operator"),
        Column("operator_uscc", "统一社会信用代码", "Unified social credit code"),
        Column("region", "地区代码", "Region code"),
        Column("period", "时段", "Period"),
        Column("first_released_at", "首次发布时间", "First released at", _DATETIME),
        Column("released_at", "发布时间", "Released at", _DATETIME),
        Column("expires_on", "公示截止日期", "Public until", _DATE),
        Column("reason_code", "更正原因代码", "Reason code"),
        Column("reason", "更正原因", "Reason"),
        Column("response", "经营者回应", "Operator's response"),
        Column("content", "内容（JSON）", "Content (JSON)"),
    ),
    _item_row,
)
FIGURES = Table(
    "figures",
    "经营者月度投诉数据",
    "Complaint figures by operator and month",
    "每个经营者每月一行：收到、受理、解决的投诉和调解的件数。比率由使用者按同一行的分子分母计算。",
    "A row for each operator and month: complaints received, accepted, resolved, mediated. Rates follow from the counts.",
    "item_id",
    (
        Column("item_id", "编号", "Number"),
        Column("version", "版本", "Version", _INTEGER),
        Column("month", "月份", "Month"),
        Column("operator_uscc", "统一社会信用代码", "Unified social credit code"),
        Column("operator_name", "经营者", "Operator"),
        Column("region", "地区代码", "Region code"),
        Column("industry", "行业代码", "Industry code"),
        Column("complaints", "收到投诉", "Complaints", _INTEGER),
        Column("accepted", "受理", "Accepted", _INTEGER),
        Column("resolved", "解决", "Resolved", _INTEGER),
        Column("mediations", "调解", "Mediations", _INTEGER),
        Column("mediation_successes", "调解成功", "Mediations that succeeded", _INTEGER),
        Column("closed", "办结（作为分母时）", "Closed, where it is the denominator", _INTEGER),
        Column("success_denominator", "调解成功率的分母", "Denominator of the success rate"),
    ),
    _figure_row,
)
TABLES = (ITEMS, FIGURES)
