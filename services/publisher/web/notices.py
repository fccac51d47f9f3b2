"""Notice sheets for boards of streets, communities and villages: what is public of a region in a month, as PDF to print."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Response

from services.publisher.store import listing
from services.publisher.store.listing import ItemFilter
from services.publisher.store.public_items import StoredItem
from services.publisher.web.dependencies import BureauDep, create_presenter
from services.publisher.web.overview import OverviewDep
from services.publisher.web.presenter import FormPresenter
from shared.clock import now
from shared.contracts import Board
from shared.documents.document import NoticeSheet, Table
from shared.reference import regions
from shared.web.documents import PressDep, answer_with_pdf
from shared.web.languages import HTML_LANG
from shared.web.pages import PagesDep
from shared.web.periods import period_name
from shared.web.qr_codes import draw_plain_code
from shared.web.session import DatabaseDep

ALL = "all"
# What stays legible on a few sheets; the rest is behind the QR code.
MAX_OPERATORS = 400
MAX_NEWS = 12
BASIS = "以网站公示为准；认为有误的可在网站申请更正"
MARK = "本页数据均为虚构，仅供演示"
router = APIRouter(include_in_schema=False)


class Paper(StrEnum):
    """Sizes of sheets."""

    A4 = "a4"
    A3 = "a3"


@router.get("/notices/{region}.pdf", response_class=Response)
async def notice_sheet(
    region: str, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, pages: PagesDep,
    press: PressDep, month: Annotated[str, Query(pattern=r"^[0-9]{4}-(?:0[1-9]|1[0-2])$")] = "", paper: Paper = Paper.A4,
) -> Response:  # fmt: skip
    """Answer with a sheet of a region (`all`: the whole city) for a month, the newest where none is named."""
    code = None if region == ALL else region
    wanted = month or overview.latest
    if (code is not None and code not in regions()) or wanted is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    async with database.snapshot() as connection:
        criteria = ItemFilter(period=wanted, region=code)
        rows = await listing.fetch_month_items(connection, criteria, limit=MAX_OPERATORS)
        recent = ItemFilter(region=code, today=bureau.today(now()))
        news = [
            row
            for board in (Board.WARNINGS, Board.MAJOR, Board.PENALTIES)
            for row in await listing.fetch_board_items(connection, board, recent, limit=MAX_NEWS // 3)
        ]
    presenter = create_presenter(pages, "zh")
    as_of = max((row.item.released_at for row in [*rows, *news]), default=overview.as_of)
    query = f"?month={wanted}" + (f"&region={code}" if code else "")
    sheet = _sheet(rows, news, presenter, wanted, presenter.region(code) if code else "全市", paper)
    address = pages.site.permalink(f"/boards/basic{query}")
    document = sheet.model_copy(
        update={
            "issuer": pages.site.bureau_zh, "address": address, "code": draw_plain_code(address),
            "footer": f"{pages.site.bureau_zh}　截至{presenter.formats.stamp(as_of)}　{BASIS}",
            "mark": MARK if pages.site.synthetic else "",
        }
    )  # fmt: skip
    headers = {"Content-Language": HTML_LANG["zh"], "Cache-Control": "no-cache"}
    return await answer_with_pdf(press, document, as_of, f"消费投诉公示-{document.place}-{wanted}", headers)


def _sheet(
    rows: list[StoredItem], news: list[StoredItem], presenter: FormPresenter, month: str, place: str, paper: Paper
) -> NoticeSheet:
    def counts(row: StoredItem) -> tuple[str, ...]:
        content = row.item.content or {}
        numbers = (str(content.get(name, "")) for name in ("complaints", "accepted", "resolved"))
        return (row.item.operator.name if row.item.operator else "", *numbers)

    tables = [
        Table(
            caption="经营者投诉情况", header=("经营者", "投诉（件）", "受理（件）", "解决（件）"), rows=tuple(map(counts, rows))
        )
    ]
    if news:
        listed = tuple((row.item.item_id, presenter.title(row.item, row.item.board)) for row in news)
        tables.append(Table(caption="警示、重大投诉和处罚", header=("编号", "标题"), rows=listed))
    return NoticeSheet(
        paper=paper.value, title="消费投诉公示", issuer="", place=place, lead=f"{period_name(month, 'zh')}，按收到日期统计",
        address="", code="", tables=tuple(tables), note="" if rows else "本期没有公示的经营者投诉。",
    )  # fmt: skip
