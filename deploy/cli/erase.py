"""`gongshi erase`: take what a withdrawn item said out of the release record."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from deploy.databases import connect_database
from deploy.erasure import erase as erase_item
from shared import clock
from shared.settings import Settings


def erase(
    item: Annotated[str, typer.Argument(help="The number of a withdrawn item, as GS-2026-000412.")],
    reason: Annotated[str, typer.Option(help="Why, for the journal: name no person.")],
) -> None:
    """Erase what a withdrawn item said: texts, figures and operator of every version, in the release record and at the desk.

    Of the complaint that it was made of, title, text, goods and demand go as well, at intake and at every reader, and do
    not come back when its source reports it again; facts stay, so that figures do.

    Digests, numbers, times, persons of the gate and the withdrawal stay, and `gongshi verify`
    knows it. From the topic the versions go within two hours of the withdrawal. It cannot be undone.

    Examples:
        gongshi erase GS-2026-000412 --reason 个人信息
    """
    versions = asyncio.run(_erase(Settings(), item, reason))
    numbers = ", ".join(map(str, versions))
    typer.echo(f"{item}: erased, versions {numbers}; their digests stay" if versions else f"{item} was erased before")


async def _erase(settings: Settings, item: str, reason: str) -> list[int]:
    async with connect_database(settings, "publisher") as connection:
        return await erase_item(connection, item, actor=getpass.getuser(), reason=reason, now=clock.now())
