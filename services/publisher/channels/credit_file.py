"""The enterprise credit system where it takes files: the workbook of 双公示, whose every cell is a text.

A row for each penalty that is new or changed, and one for each that is to be removed, which says only its number.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from services.publisher.channels.credit import HEADINGS, credit_record
from services.publisher.channels.declaration import Channel, FileShape
from shared.contracts import ItemState, PublicItem
from shared.web.i18n import _

OPERATION = "操作"
SHEET = "行政处罚"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPERATIONS = {ItemState.RELEASED: "新增", ItemState.CORRECTED: "变更", ItemState.WITHDRAWN: "撤销"}


def rows_of(items: Sequence[PublicItem]) -> list[list[str]]:
    """Return the rows of the file, the headings first."""
    rows = [[OPERATION, *HEADINGS.values()]]
    for item in items:
        record = {"bz": item.item_id} if item.state is ItemState.WITHDRAWN else credit_record(item)
        if record is not None:
            rows.append([OPERATIONS.get(item.state, "新增"), *(record.get(name, "") for name in HEADINGS)])
    return rows


def write_workbook(items: Sequence[PublicItem]) -> bytes:
    """Return the workbook. Numbers are texts, too: a double would round codes and amounts."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        for line, row in enumerate(rows_of(items)):
            for column, cell in enumerate(row):
                sheet.write_string(line, column, cell)
    return content.getvalue()


CHANNEL = Channel(
    name="credit_file", label=_("信用信息系统（双公示文件）"), kinds=("penalty",), file=FileShape("xlsx", XLSX, write_workbook)
)
