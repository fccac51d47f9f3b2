"""`gongshi erase` and `gongshi compact`: take what a withdrawn item said out of the release record and out of the topics."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from deploy.cli.progress import spinner
from deploy.compaction import Compacted, compact_complaints
from deploy.databases import connect_database
from deploy.erasure import erase as erase_item
from deploy.runtime import resolve_addresses
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
    knows it. From the topic of publications the versions go within two hours of the withdrawal, from that of complaints with
    `gongshi compact`. It cannot be undone.

    Examples:
        gongshi erase GS-2026-000412 --reason 个人信息
    """
    versions = asyncio.run(_erase(Settings(), item, reason))
    numbers = ", ".join(map(str, versions))
    typer.echo(f"{item}: erased, versions {numbers}; their digests stay" if versions else f"{item} was erased before")


async def _erase(settings: Settings, item: str, reason: str) -> list[int]:
    async with connect_database(settings, "publisher") as connection:
        return await erase_item(connection, item, actor=getpass.getuser(), reason=reason, now=clock.now())


def compact() -> None:
    """Leave only the newest revision of each complaint in the topic of complaints.

    Every complaint is sent again as it stands, and once all services have passed what was there before, that is deleted:
    what was erased is gone from the log as well. Services have to run, and go on meanwhile; figures and items stay as
    they are. A backup from before holds positions that are deleted: make a new one.

    Examples:
        gongshi compact
    """
    done = asyncio.run(_compact(Settings()))
    typer.echo(f"{done.complaints} complaints sent again, {done.deleted} older offsets deleted")


async def _compact(settings: Settings) -> Compacted:
    resolved = resolve_addresses(settings)
    with spinner("Sending every complaint again"):
        async with connect_database(resolved, "intake") as connection:
            return await compact_complaints(resolved, connection, actor=getpass.getuser())
