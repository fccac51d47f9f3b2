"""The wall of all screens for who runs them, and the proof of what each has shown."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.publisher.store import desk, screen_wall, screens
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import layout_context
from services.publisher.web.portal import not_found
from services.publisher.web.recalls import leased_after
from services.publisher.web.screen_desk import PATH, Keeper
from shared.accounts import Role
from shared.clock import now
from shared.web.session import DatabaseDep

MAX_DISPLAYS = 500
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/screens/wall")
async def wall_page(request: Request, person: Keeper, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show every screen: whether it has a lease, what it showed last, what it has not taken down."""
    async with database.snapshot() as connection:
        rows = await screen_wall.fetch_wall(connection)
        counts = {} if person.role is Role.OPS else dict(await desk.count_by_state(connection))
    return render(
        request, "desk/wall.html", rows=rows, leased_after=leased_after(bureau, now()),
        **layout_context(person, counts, PATH, None),
    )  # fmt: skip


@router.get("/screens/{screen_id}/shown")
async def displays_page(request: Request, screen_id: str, person: Keeper, database: DatabaseDep) -> Response:
    """Show what a screen has shown and taken down, and when."""
    async with database.snapshot() as connection:
        screen = await screens.fetch_screen(connection, screen_id)
        if screen is None:
            raise not_found()
        rows = await screen_wall.fetch_displays(connection, screen_id, MAX_DISPLAYS)
        counts = {} if person.role is Role.OPS else dict(await desk.count_by_state(connection))
    return render(request, "desk/displays.html", screen=screen, rows=rows, **layout_context(person, counts, PATH, None))
