"""The desk's page of targets: what each has had and has not, and what staff do with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher.channels import load_channels
from services.publisher.delivering import administration
from services.publisher.delivering.administration import UnknownTarget, secret_box
from services.publisher.delivering.leading import notify_workers
from services.publisher.delivering.sender import HttpSender
from services.publisher.domain.delivery import parse_networks
from services.publisher.domain.target import Place
from services.publisher.store import desk, targets
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import layout_context
from shared.accounts import Person, Role
from shared.clock import now
from shared.stream import Database, UnitOfWork
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep, require_role
from shared.web.templating import Pages

Keeper = Annotated[Person, Depends(require_role(Role.OPS, Role.GATEKEEPER))]
PATH = "/desk/targets"
NO_TARGET = _("没有这个推送对象。")
PLACES: dict[Place, Text] = {
    Place.PORTAL: _("部门门户"),
    Place.OPEN_INFORMATION: _("政府信息公开平台"),
    Place.MEDIA: _("媒体"),
    Place.CREDIT: _("信用信息系统"),
    Place.MALL: _("商场"),
    Place.MARKET: _("市场"),
    Place.PLATFORM: _("交易平台"),
    Place.NOTICE_BOARD: _("公示栏"),
    Place.OTHER: _("其他场所"),
}
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/targets")
async def targets_page(request: Request, person: Keeper, database: DatabaseDep, done: str | None = None) -> Response:
    """Show the registered targets with the state of their deliveries."""
    async with database.snapshot() as connection:
        rows = await targets.fetch_targets(connection, now())
        counts = await targets.count_deliveries(connection)
        states = {} if person.role is Role.OPS else dict(await desk.count_by_state(connection))
    labels = {name: channel.label for name, channel in load_channels().items()}
    return render(
        request, "desk/targets.html", rows=rows, deliveries=counts, places=PLACES, channel_labels=labels,
        **layout_context(person, states, PATH, done),
    )  # fmt: skip


@router.post("/targets/{target_id}/pause")
async def pause(request: Request, target_id: str, person: Keeper, database: DatabaseDep, pages: PagesDep) -> Response:
    """Pause a target."""
    return await _act(
        request, pages, database, "target_paused", partial(administration.pause, actor=person.name, target_id=target_id)
    )


@router.post("/targets/{target_id}/resume")
async def resume(request: Request, target_id: str, person: Keeper, database: DatabaseDep, pages: PagesDep) -> Response:
    """Resume a target that was paused or disabled."""
    return await _act(
        request, pages, database, "target_resumed", partial(administration.resume, actor=person.name, target_id=target_id)
    )


@router.post("/targets/{target_id}/resend")
async def resend(request: Request, target_id: str, person: Keeper, database: DatabaseDep, pages: PagesDep) -> Response:
    """Send the newest version of every item of a target again."""
    return await _act(
        request, pages, database, "target_resent", partial(administration.resend, actor=person.name, target_id=target_id)
    )


@router.post("/targets/{target_id}/test")
async def try_target(
    request: Request, target_id: str, person: Keeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Send a message that tells of no item."""
    try:
        async with HttpSender(parse_networks(request.app.state.settings.target_networks)) as sender:
            reply = await administration.send_test(database, sender, secret_box(bureau.lease_key), target_id, person.name)
    except UnknownTarget:
        return _refuse(request, pages)
    is_well = reply.status is not None and HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES
    return await _done(database, "target_tested" if is_well else "target_test_failed")


async def _act(
    request: Request, pages: Pages, database: Database, done: str, act: Callable[[UnitOfWork], Awaitable[object]]
) -> Response:
    try:
        async with database.unit_of_work() as uow:
            await act(uow)
    except UnknownTarget:
        return _refuse(request, pages)
    return await _done(database, done)


async def _done(database: Database, done: str) -> Response:
    async with database.unit_of_work() as uow:
        await notify_workers(uow.connection)
    return RedirectResponse(f"{PATH}?done={done}", HTTPStatus.SEE_OTHER)


def _refuse(request: Request, pages: Pages) -> Response:
    return pages.problem(request, HTTPStatus.NOT_FOUND, detail=NO_TARGET)
