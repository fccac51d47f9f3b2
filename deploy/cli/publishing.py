"""`gongshi draft-month` and `gongshi screens`: drafting on demand, and the registered display screens."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from deploy.cli.progress import spinner
from deploy.cli.tables import local_time
from deploy.cli.values import InvalidValue
from deploy.databases import open_database
from services.publisher import drafting, screen_pairing
from services.publisher.bureau import BureauContext
from services.publisher.domain.operator_codes import read_codes
from services.publisher.domain.orientation import Orientation
from services.publisher.domain.pairing import parse_pairing_code
from services.publisher.store.screens import SCREEN_ID, Screen, fetch_screens
from shared.contracts import Board
from shared.reference import regions
from shared.settings import Settings
from shared.stream import UnitOfWork
from shared.web.languages import Language

MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
SHOWN_WRONG = 5
T = TypeVar("T")

screens = typer.Typer(name="screens", help="Display screens.", no_args_is_help=True)


class InvalidMonth(InvalidValue):
    """A month is like 2026-10."""


class InvalidScreenId(InvalidValue):
    """A screen's id is 1 to 64 of the characters a-z, 0-9 and dash, and begins with a letter or digit."""


class InvalidPairingCode(InvalidValue):
    """A pairing code is eight letters and digits, such as K7QM-2ZPA."""


class InvalidCreditCode(InvalidValue):
    """A credit code has 18 characters, the last of which is its check digit."""


class UnreadableFile(InvalidValue):
    """The file of operators cannot be read."""


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
    orientation: Annotated[Orientation | None, typer.Option(help="How the panel is mounted; default as its window.")] = None,
    spot: Annotated[str, typer.Option(help="Where at the place it hangs.")] = "",
    board: Annotated[list[Board] | None, typer.Option(help="Show only items of this board, and warnings always.")] = None,
    operator: Annotated[list[str] | None, typer.Option(help="Show only this operator, by its credit code.")] = None,
    operators: Annotated[Path | None, typer.Option(help="Show only the operators of a file, a credit code a line.")] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Any browser may show it, and what it acknowledges proves nothing.")
    ] = False,
) -> None:
    """Register a screen, or change all but the secret of one. The address with a new screen's secret is shown once.

    Examples:
        gongshi screens add mall-1 --name 云湖天地购物中心 --region 990102

        gongshi screens add mall-2 --name 云湖天地购物中心 --spot 一层服务台 --operators tenants.txt

        gongshi screens add airport --name 云州国际机场 --language en --orientation portrait
        gongshi screens add hall-display --name 大厅展示 --open
    """
    if not re.fullmatch(SCREEN_ID, screen):
        raise InvalidScreenId(screen)
    if region and region not in regions():
        raise UnknownRegion(region)
    mounted = orientation.value if orientation else None
    codes = read_codes("\n".join([*(operator or ()), _read(operators) if operators else ""]))
    if codes.wrong:
        raise InvalidCreditCode(", ".join(codes.wrong[:SHOWN_WRONG]))
    registered = Screen(
        screen, name, region or None, language, mounted, is_open, spot=spot, boards=board or (), operators=codes.right
    )
    secret = asyncio.run(_act(lambda uow: screen_pairing.register(uow, getpass.getuser(), registered)))
    typer.echo(f"{screen} ({name}) shows at {_address(screen)}")
    if secret:
        _print_addresses(screen, secret)
    elif not is_open:
        typer.echo("It keeps its secret; `gongshi screens rotate` gives it a new one.")


@screens.command()
def pair(
    screen: Annotated[str, typer.Argument(help="Its id.")],
    code: Annotated[str, typer.Argument(help="What its player shows at the lower right, such as K7QM-2ZPA.")],
) -> None:
    """Let the player that shows a code be the screen, in place of the one before. The code holds for ten minutes, once.

    Examples:
        gongshi screens pair mall-1 K7QM-2ZPA
    """
    parsed = parse_pairing_code(code)
    if parsed is None:
        raise InvalidPairingCode(code)
    asyncio.run(_act(lambda uow: screen_pairing.pair(uow, getpass.getuser(), screen, parsed)))
    typer.echo(f"{screen}: the player that shows {parsed} is paired as soon as it asks again, within 20 seconds")


@screens.command()
def rotate(screen: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Give a screen a new secret: the player with the old one becomes a preview. The address with the secret is shown once.

    Examples:
        gongshi screens rotate mall-1
    """
    secret = asyncio.run(_act(lambda uow: screen_pairing.replace_secret(uow, getpass.getuser(), screen)))
    _print_addresses(screen, secret)


@screens.command()
def remove(screen: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Remove a screen: its address shows nothing any more. What it acknowledged is kept.

    Examples:
        gongshi screens remove mall-1
    """
    asyncio.run(_act(lambda uow: screen_pairing.remove(uow, getpass.getuser(), screen)))
    typer.echo(f"{screen} is removed")


@screens.command("list")
def list_screens() -> None:
    """List the screens: id, region, state, time of the last acknowledgement (in the bureau's time zone), name.

    Examples:
        gongshi screens list
    """
    zone = Settings().zone
    for screen, acknowledged_at in asyncio.run(_fetch_screens()):
        state = "open" if screen.is_open else "paired" if screen.secret_hash else "unpaired"
        when = local_time(acknowledged_at, zone) or "never heard"
        typer.echo(f"{screen.screen_id:<24} {screen.region or 'all':<8} {state:<9} {when:<16} {screen.name}")


def _read(path: Path) -> str:
    """Return the text of a file; in whatever encoding, credit codes are ASCII. Raises `UnreadableFile`."""
    try:
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise UnreadableFile(str(path)) from error


def _print_addresses(screen: str, secret: str) -> None:
    """Print the two addresses of a secret."""
    typer.echo("Its player opens once, and keeps the secret in a cookie:")
    typer.echo(f"  {_address(screen)}/pair/{secret}")
    typer.echo("A player that keeps no cookies, as in a frame of another site, opens always:")
    typer.echo(f"  {_address(screen)}/key/{secret}")


def _address(screen: str) -> str:
    return f"{Settings().public_url.rstrip('/')}/screens/{screen}"


async def _draft_month(month: str) -> int:
    settings = Settings()
    async with open_database(settings, "publisher") as database, database.unit_of_work() as uow:
        return await drafting.draft_month(uow, BureauContext.load(settings), month)


async def _act(act: Callable[[UnitOfWork], Awaitable[T]]) -> T:
    async with open_database(Settings(), "publisher") as database, database.unit_of_work() as uow:
        return await act(uow)


async def _fetch_screens() -> list[tuple[Screen, datetime | None]]:
    async with open_database(Settings(), "publisher") as database, database.snapshot() as connection:
        return await fetch_screens(connection)
