"""The clerks' page of reports that may be of one dispute: both beside each other, what agrees, and the clerk's word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.domain.duplicates import DOUBTS, Agreement
from services.intake.matching import Matcher
from services.intake.store import cases, match_queue, report_pairs
from services.intake.store.report_pairs import LINKED, SEPARATE, Place, StoredPair
from services.intake.web.entry_page import DESK, Clerk, desk_context
from shared.accounts import display_names
from shared.stream import JournalEntry
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep

PAGE = 20
DUPLICATES = DESK + "/duplicates"
PLACE = r"^(?:[0-9]{1,20}~[0-9a-f]{32}~[0-9a-f]{32})?$"
BEHIND_ALL: Place = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1), UUID(int=2**128 - 1))
TOASTS: dict[str, Text] = {
    "linked": _("已并为一件投诉，公布的数字随后更正。"),
    "separate": _("已记为两件投诉，公布的数字随后更正。"),
}
AGREEMENTS: Mapping[Agreement, Text] = {
    Agreement.CITED: _("引用了同一编号"),
    Agreement.SAME_PHONE: _("电话相同"),
    Agreement.SAME_IDENTITY: _("证件号码相同"),
    Agreement.SAME_NAME: _("姓名相同"),
    Agreement.OTHER_NAME: _("姓名不同"),
    Agreement.OTHER_PERSON: _("电话或者证件号码不同"),
    Agreement.SAME_OPERATOR: _("经营者相同"),
    Agreement.LIKE_OPERATOR: _("经营者名称相近"),
    Agreement.OTHER_OPERATOR: _("经营者不同"),
    Agreement.SAME_AMOUNT: _("金额相同"),
    Agreement.OTHER_AMOUNT: _("金额不同"),
    Agreement.SAME_DAY: _("提到同一日期"),
    Agreement.OTHER_DAY: _("提到的日期不同"),
    Agreement.SAME_GOODS: _("商品或服务相同"),
    Agreement.SAME_SOURCE: _("来自同一来源"),
    Agreement.LIKE_TEXT: _("内容相近"),
}


class View(StrEnum):
    """Which pairs are shown: those that wait, those that are linked, those that a clerk told apart."""

    UNDECIDED = "undecided"
    LINKED = "linked"
    SEPARATE = "separate"


class Verdict(StrEnum):
    """A clerk's word on a pair."""

    LINKED = LINKED
    SEPARATE = SEPARATE


router = APIRouter(tags=["desk"], include_in_schema=False)


@router.get(DUPLICATES)
async def show_duplicates(
    request: Request, clerk: Clerk, database: DatabaseDep, pages: PagesDep,
    after: Annotated[str, Query(pattern=PLACE)] = "", view: View = View.UNDECIDED, done: str = "",
) -> Response:  # fmt: skip
    """Show pairs of reports, the newest first."""
    async with database.snapshot() as connection:
        pairs = await report_pairs.list_pairs(
            connection, view, _parse_place(after), PAGE, by_clerks=view is View.SEPARATE
        )  # fmt: skip
        ids = {each for pair in pairs for each in pair.pair}
        reports = await cases.find_by_ids(connection, ids)
        names = await display_names(connection, [pair.decided_by for pair in pairs if pair.decided_by])
        undecided, waiting = await report_pairs.count_undecided(connection), await match_queue.count_waiting(connection)
    return pages.render(
        request, "duplicates.html", pairs=pairs, reports=reports, names=names, view=view.value, undecided=undecided,
        waiting=waiting, agreements=AGREEMENTS, doubts=DOUBTS, toast=TOASTS.get(done),
        next_after=_place_of(pairs[-1]) if len(pairs) == PAGE else None, **desk_context(clerk, DUPLICATES),
    )  # fmt: skip


@router.post(DUPLICATES, dependencies=[Depends(accept_body(STAFF_FORM))])
async def decide_duplicates(
    request: Request, clerk: Clerk, database: DatabaseDep,
    first: Annotated[UUID, Form()], second: Annotated[UUID, Form()], verdict: Annotated[Verdict, Form()],
) -> Response:  # fmt: skip
    """Record whether two reports are of one dispute; complaints and figures follow. 409 where that holds already."""
    matcher: Matcher = request.app.state.matcher
    async with database.unit_of_work() as uow:
        await match_queue.lock_comparison(uow.connection)
        if not await report_pairs.decide(uow.connection, (first, second), verdict, by=clerk.name, at=uow.now):
            raise HTTPException(HTTPStatus.CONFLICT)
        if verdict is Verdict.SEPARATE:
            await report_pairs.separate_others(uow.connection, (first, second), by=clerk.name, at=uow.now)
        await matcher.relink(uow, {first, second})
        action = "reports_linked" if verdict is Verdict.LINKED else "reports_separated"
        uow.journal(JournalEntry(clerk.name, action, str(second), detail={"with": str(first)}))
    return RedirectResponse(f"{DUPLICATES}?done={verdict}", HTTPStatus.SEE_OTHER)


def _place_of(pair: StoredPair) -> str:
    microseconds = round(pair.decided_at.timestamp() * 1_000_000)
    return f"{microseconds}~{pair.first_id.hex}~{pair.second_id.hex}"


def _parse_place(after: str) -> Place:
    if not after:
        return BEHIND_ALL
    microseconds, first, second = after.split("~")
    return _at(int(microseconds)), UUID(first), UUID(second)


def _at(microseconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(microseconds / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return BEHIND_ALL[0]
