"""`gongshi backup` and `gongshi restore`: the system into a folder, and back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy import runtime
from deploy.backup import Manifest, take_backup
from deploy.cli.progress import spinner
from deploy.restore import Restored, restore_backup
from deploy.runtime import resolve_addresses
from deploy.supervisor import Supervisor
from shared.settings import Settings


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder; a backup is never written over another one.")],
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for a quiet moment.")] = 60,
) -> None:
    """Write database, positions and keys into a folder that only this account can read, while everything runs.

    Reports stay in their topic and are not in it: save the broker's own, or
    have sources report again what came after the backup over HTTP.

    Examples:
        gongshi backup /backups/2026-11-28
    """
    with spinner("Waiting for a quiet moment, then dumping the database"):
        manifest = asyncio.run(_backup(Settings(), folder, patience))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    typer.echo(f"{folder}: {size / 1e6:.1f} MB, taken at {manifest.taken_at.astimezone(Settings().zone):%Y-%m-%d %H:%M:%S}")


async def _backup(settings: Settings, folder: Path, patience_s: float) -> Manifest:
    return await take_backup(resolve_addresses(settings), folder, patience_s)


def restore(
    folder: Annotated[Path, typer.Argument(help="As `gongshi backup` wrote it.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Delete the system that the database holds.")] = False,
    discard_newer: Annotated[
        bool, typer.Option("--discard-newer", help="Make topics anew in which services said more after the backup.")
    ] = False,
    replication: Annotated[int, typer.Option(min=1, help="Replicas of a topic that is made anew.")] = 1,
) -> None:
    """Restore a backup, with the services stopped; then start them: reports that came after it are read again.

    Without a configured database the engines of the state directory are started
    for it. Refused, with nothing changed, while services are connected, where
    the database is not empty, and where topics hold more than the backup knows.

    Examples:
        gongshi restore /backups/2026-11-28 --replace --discard-newer
    """
    options = {"replace": replace, "discard_newer": discard_newer, "replication": replication}
    with spinner("Restoring"):
        restored = asyncio.run(_restore(Settings(), folder, options))
    typer.echo(f"restored as of {restored.taken_at.astimezone(Settings().zone):%Y-%m-%d %H:%M:%S}")
    for topic, count in restored.discarded.items():
        typer.echo(f"{topic}: made anew, {count} records of after the backup are gone")
    if restored.republished:
        typer.echo(f"{restored.republished} publications are sent again when the publisher starts")


async def _restore(settings: Settings, folder: Path, options: dict[str, bool | int]) -> Restored:
    if settings.database_url.get_secret_value() or runtime.read(settings.home) is not None:
        return await restore_backup(resolve_addresses(settings), folder, **options)  # type: ignore[arg-type]
    embedded = settings.model_copy(update={"seal_interval_s": 0.0})
    async with Supervisor(embedded, services=()) as supervisor:
        return await restore_backup(supervisor.settings, folder, **options)  # type: ignore[arg-type]
