"""The desk's page of display screens: which are registered, paired and heard of; registering, pairing and removing them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher import screen_pairing
from services.publisher.domain.operator_codes import read_codes
from services.publisher.domain.orientation import Orientation
from services.publisher.domain.pairing import CODE_LENGTH, parse_pairing_code
from services.publisher.screen_pairing import UnknownScreen
from services.publisher.store import desk, screens
from services.publisher.store.screens import SCREEN_ID, Screen
from services.publisher.web.dependencies import PresenterDep, render
from services.publisher.web.desk import layout_context
from shared.accounts import Person, Role
from shared.contracts import Board
from shared.reference import regions
from shared.web.i18n import Text, _
from shared.web.languages import OWN_NAMES, Language
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep, require_role
from shared.web.templating import Pages
from shared.web.vocabulary import FAMILIES

Keeper = Annotated[Person, Depends(require_role(Role.OPS, Role.GATEKEEPER))]
PATH = "/desk/screens"
MAX_CODE = 4 * CODE_LENGTH
NO_SCREEN = _("没有这块公示屏，或者它是不需配对的开放屏。")
NO_CODE = _("配对码是公示屏右下角的8个字母和数字，例如K7QM-2ZPA。")
NO_REGISTRATION = _("编号用小写字母、数字和连字符，以字母或数字开头；地点为1至60字。")
MAX_OPERATORS_TEXT = 40_000
SHOWN_WRONG = 5
WHOLE_CITY = _("全市")
ALL_BOARDS = _("全部板块")
ORIENTATIONS: dict[str | None, Text] = {None: _("随窗口"), "landscape": _("横屏"), "portrait": _("竖屏")}

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/screens")
async def screens_page(
    request: Request, person: Keeper, database: DatabaseDep, presenter: PresenterDep, done: str | None = None
) -> Response:
    """Show the registered screens."""
    async with database.snapshot() as connection:
        rows = await screens.fetch_screens(connection)
        counts = {} if person.role is Role.OPS else dict(await desk.count_by_state(connection))
    return render(
        request, "desk/screens.html", rows=rows, screen_id_pattern=SCREEN_ID, orientations=ORIENTATIONS,
        language_names=OWN_NAMES,
        shown_boards=[("", ALL_BOARDS), *((each.value, FAMILIES["board"][each]) for each in Board)],
        region_choices=[("", WHOLE_CITY), *((code, presenter.region(code)) for code in sorted(regions()))],
        language_choices=list(OWN_NAMES.items()), orientation_choices=[(key or "", name) for key, name in ORIENTATIONS.items()],
        **layout_context(person, counts, PATH, done),
    )  # fmt: skip


@router.post("/screens")
async def register(
    request: Request, person: Keeper, database: DatabaseDep, pages: PagesDep,
    screen: Annotated[PlainText, Form(max_length=64)], name: Annotated[PlainText, Form(max_length=60)],
    region: Annotated[PlainText, Form(max_length=12)] = "", language: Annotated[Language, Form()] = "zh",
    orientation: Annotated[Orientation | Literal[""], Form()] = "",
    spot: Annotated[PlainText, Form(max_length=60)] = "", board: Annotated[Board | Literal[""], Form()] = "",
    operators: Annotated[PlainText, Form(max_length=MAX_OPERATORS_TEXT)] = "",
) -> Response:  # fmt: skip
    """Register a screen, to be paired by the code that its player shows, or change one."""
    if not re.fullmatch(SCREEN_ID, screen) or not name.strip() or (region and region not in regions()):
        return _refuse(request, pages, NO_REGISTRATION)
    codes = read_codes(operators)
    if codes.wrong:
        return _refuse(request, pages, _("信用代码校验不通过：%(codes)s", codes="、".join(codes.wrong[:SHOWN_WRONG])))
    async with database.unit_of_work() as uow:
        before = await screens.fetch_screen(uow.connection, screen)
        registered = Screen(
            screen, name.strip(), region or None, language, orientation or None, bool(before and before.is_open),
            spot=spot.strip(), boards=[board] if board else [], operators=codes.right,
        )  # fmt: skip
        await screen_pairing.register(uow, person.name, registered)
    return RedirectResponse(f"{PATH}?done=screen_registered", HTTPStatus.SEE_OTHER)


@router.post("/screens/{screen_id}/pair")
async def pair(
    request: Request, screen_id: str, person: Keeper, database: DatabaseDep, pages: PagesDep,
    code: Annotated[PlainText, Form(max_length=MAX_CODE)],
) -> Response:  # fmt: skip
    """Let the player that shows `code` be the screen, in place of the one before."""
    parsed = parse_pairing_code(code)
    if parsed is None:
        return _refuse(request, pages, NO_CODE)
    try:
        async with database.unit_of_work() as uow:
            await screen_pairing.pair(uow, person.name, screen_id, parsed)
    except UnknownScreen:
        return _refuse(request, pages, NO_SCREEN)
    return RedirectResponse(f"{PATH}?done=screen_pairing", HTTPStatus.SEE_OTHER)


@router.post("/screens/{screen_id}/remove")
async def remove(request: Request, screen_id: str, person: Keeper, database: DatabaseDep, pages: PagesDep) -> Response:
    """Remove a screen: its player loses its lease, and its address is nobody's."""
    try:
        async with database.unit_of_work() as uow:
            await screen_pairing.remove(uow, person.name, screen_id)
    except UnknownScreen:
        return _refuse(request, pages, NO_SCREEN)
    return RedirectResponse(f"{PATH}?done=screen_removed", HTTPStatus.SEE_OTHER)


def _refuse(request: Request, pages: Pages, detail: Text) -> Response:
    return pages.problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail)
