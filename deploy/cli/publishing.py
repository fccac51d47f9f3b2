"""`gongshi draft-month` and `gongshi screens`: drafting on demand, and the display screens there are."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Annotated

import typer

from deploy.cli.progress import working
from deploy.stores import opened
from services.publisher import drafting
from services.publisher.office import Office
from services.publisher.store import screens as store
from services.publisher.store.screens import Screen
from shared.errors import PermanentError
from shared.reference import regions
from shared.settings import Settings

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
SCREEN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

screens = typer.Typer(name="screens", help="Display screens.", no_args_is_help=True)


class MonthRefused(PermanentError):
    """A month is like 2026-10."""


class ScreenRefused(PermanentError):
    """A screen's id is 1 to 64 of the characters a-z, 0-9 and dash, and begins with a letter or digit."""


class RegionUnknown(PermanentError):
    """No region has this code; see shared/reference/regions.csv."""


def draft_month(month: Annotated[str, typer.Argument(help="The month, as 2026-10.")]) -> None:
    """Draft the basic board's items of a month from the figures there are.

    A month that stats has closed is drafted by itself once its figures have come; this is for the time before, and for
    a month whose figures stay incomplete. Drafts wait at the desk for review. Figures that change later change them.

    Examples:
        gongshi draft-month 2026-10
    """
    if not MONTH.fullmatch(month):
        raise MonthRefused
    with working(f"Drafting {month}"):
        written = asyncio.run(_draft(month))
    typer.echo(f"{month}: {written} versions drafted; they wait for review at /desk")


@screens.command()
def add(
    screen: Annotated[str, typer.Argument(help="Its id, which stands in its address: /screens/ID.")],
    name: Annotated[str, typer.Option(help="What it shows as its place, such as a mall's name.")],
    region: Annotated[str, typer.Option(help="Shows what concerns this region only; default the whole city.")] = "",
) -> None:
    """Register a screen, or change the name and region of one.

    Examples:
        gongshi screens add mall-1 --name 云湖天地购物中心 --region 990102
    """
    if not SCREEN.fullmatch(screen):
        raise ScreenRefused
    if region and region not in regions():
        raise RegionUnknown
    asyncio.run(_add(Screen(screen, name, region or None)))
    typer.echo(f"{screen} ({name}) shows at /screens/{screen}, upright at /screens/{screen}?orientation=portrait")


@screens.command("list")
def list_screens() -> None:
    """List the screens: id, region, when one last said what it shows, name.

    Examples:
        gongshi screens list
    """
    for screen, heard in asyncio.run(_listed()):
        when = f"{heard:%Y-%m-%d %H:%M}" if heard else "never heard"
        typer.echo(f"{screen.screen_id:<24} {screen.region or 'all':<8} {when:<16} {screen.name}")


async def _draft(month: str) -> int:
    settings = Settings()
    async with opened(settings, "publisher") as held, held.unit() as unit:
        return await drafting.draft_month(unit, Office.open(settings), month)


async def _add(screen: Screen) -> None:
    async with opened(Settings(), "publisher") as held, held.unit() as unit:
        await store.register(unit.connection, screen)


async def _listed() -> list[tuple[Screen, datetime | None]]:
    async with opened(Settings(), "publisher") as held, held.reading() as connection:
        return await store.listed(connection)
