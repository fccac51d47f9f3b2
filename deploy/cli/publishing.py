"""`gongshi draft-month` and `gongshi screens`: drafting on demand, and the registered display screens."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from typing import Annotated

import typer

from deploy.cli.progress import spinner
from deploy.cli.tables import local_time
from deploy.cli.values import InvalidValue
from deploy.databases import open_database
from services.publisher import drafting
from services.publisher.bureau import BureauContext
from services.publisher.store.screens import Screen, fetch_screens, register_screen
from shared.reference import regions
from shared.settings import Settings
from shared.web.languages import Language

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
SCREEN = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

screens = typer.Typer(name="screens", help="Display screens.", no_args_is_help=True)


class InvalidMonth(InvalidValue):
    """A month is like 2026-10."""


class InvalidScreenId(InvalidValue):
    """A screen's id is 1 to 64 of the characters a-z, 0-9 and dash, and begins with a letter or digit."""


class UnknownRegion(InvalidValue):
    """A region is a code of shared/reference/regions.csv."""


def draft_month(month: Annotated[str, typer.Argument(help="The month, as 2026-10.")]) -> None:
    """Draft the basic board's items of a closed month from the current figures.

    A month that stats has closed is drafted automatically once its figures have arrived; this command is for a month
    whose figures stay incomplete. Drafts wait at the desk for review. Later changes of figures change them.

    Examples:
        gongshi draft-month 2026-10
    """
    if not MONTH.fullmatch(month):
        raise InvalidMonth(month)
    with spinner(f"Drafting {month}"):
        drafted = asyncio.run(_draft_month(month))
    typer.echo(f"{month}: {drafted} versions drafted; they wait for review at /desk")


@screens.command()
def add(
    screen: Annotated[str, typer.Argument(help="Its id, which stands in its address: /screens/ID.")],
    name: Annotated[str, typer.Option(help="The place that it shows, such as a mall's name.")],
    region: Annotated[str, typer.Option(help="Show only items of this region; default the whole city.")] = "",
    language: Annotated[
        Language, typer.Option(help="The language that it shows, whatever the player's browser prefers.")
    ] = "zh",
) -> None:
    """Register a screen, or change the name, region and language of one.

    Examples:
        gongshi screens add mall-1 --name 云湖天地购物中心 --region 990102
        gongshi screens add airport --name 云州国际机场 --language en
    """
    if not SCREEN.fullmatch(screen):
        raise InvalidScreenId(screen)
    if region and region not in regions():
        raise UnknownRegion(region)
    asyncio.run(_register(Screen(screen, name, region or None, language)))
    typer.echo(f"{screen} ({name}) shows at /screens/{screen}, upright at /screens/{screen}?orientation=portrait")


@screens.command("list")
def list_screens() -> None:
    """List the screens: id, region, time of the last acknowledgement (in the bureau's time zone), name.

    Examples:
        gongshi screens list
    """
    zone = Settings().zone
    for screen, acknowledged_at in asyncio.run(_fetch_screens()):
        when = local_time(acknowledged_at, zone) or "never heard"
        typer.echo(f"{screen.screen_id:<24} {screen.region or 'all':<8} {when:<16} {screen.name}")


async def _draft_month(month: str) -> int:
    settings = Settings()
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        return await drafting.draft_month(uow, BureauContext.load(settings), month)


async def _register(screen: Screen) -> None:
    async with open_database(Settings(), "publisher") as database, database.unit_of_work() as uow:
        await register_screen(uow.connection, screen)


async def _fetch_screens() -> list[tuple[Screen, datetime | None]]:
    async with open_database(Settings(), "publisher") as database, database.snapshot() as connection:
        return await fetch_screens(connection)
