"""The letter desk's ledger: a sample source with a spreadsheet of Chinese headings and words for codes.

`services/intake/mappings/letters.yaml` maps it back to the complaint report.
"""

from __future__ import annotations

import csv
import io
from typing import Any

COLUMNS = (
    "编号",
    "版次",
    "类型",
    "来信时间",
    "区划",
    "行业",
    "类别",
    "商品或服务",
    "被投诉单位",
    "信用代码",
    "单位地址",
    "来信人",
    "电话",
    "证件号码",
    "标题",
    "内容",
    "金额",
    "办理状态",
    "办理结果",
    "受理时间",
    "办结时间",
    "挽回损失",
    "承办单位",
)
KINDS = {"complaint": "投诉", "tip_off": "举报"}
STATUSES = {"received": "已收件", "accepted": "已受理", "rejected": "不予受理", "mediating": "调解中", "closed": "已办结"}
OUTCOMES = {
    "mediated": "调解成功", "self_settled": "自行和解", "failed": "调解失败", "withdrawn": "撤回", "transferred": "移送",
}  # fmt: skip


def row(data: dict[str, Any]) -> bytes:
    """Return one line of the ledger for the report `data`, in UTF-8, ended by CR LF."""
    operator, complainant = data["operator"], data["complainant"]
    return line(
        (
            data["external_id"],
            data["revision"],
            KINDS[data["kind"]],
            _minute(data["received_at"]),
            data["region"],
            data["industry"],
            data["category"],
            data["goods"],
            operator["name"],
            operator["uscc"],
            operator["address"],
            complainant["name"],
            complainant["phone"],
            complainant["id_number"],
            data["title"],
            data["text"],
            data["amount"],
            STATUSES.get(data["status"], data["status"]),
            OUTCOMES.get(data["outcome"], data["outcome"]),
            _minute(data["accepted_at"]),
            _minute(data["closed_at"]),
            data["recovered"],
            data["office"],
        )
    )


def line(cells: tuple[object, ...]) -> bytes:
    """Return `cells` as one CSV line; None is an empty cell."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(["" if cell is None else cell for cell in cells])
    return buffer.getvalue().encode()


def _minute(moment: str | None) -> str | None:
    """Return the moment as clerks type it: local time to the minute, no offset."""
    return moment[:16].replace("T", " ") if moment else None
