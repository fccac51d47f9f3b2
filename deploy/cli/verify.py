"""`gongshi verify`: figures against a recount, journals against their chains, public channels against the release record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import typer

from deploy.runtime import addressed
from deploy.stores import broker_told, connected, database_told, opened
from services.publisher.verification import differences as differences_of_publications
from services.stats.verification import differences as differences_of_figures
from shared.database import SCHEMAS
from shared.settings import Settings
from shared.stream.journal import faults

# Schemas with a journal; accounts has none, it is the data of no service.
JOURNALS = tuple(schema for schema in SCHEMAS if schema != "accounts")
verify = typer.Typer(
    name="verify", help="Prove that what is held and published is right; 1 and a list where it is not.", no_args_is_help=True
)


@verify.command("figures")
def verify_figures() -> None:
    """Recount every complaint, and compare each kept sum and each figure that was said.

    Examples:
        gongshi wait && gongshi verify figures
    """
    _end(asyncio.run(_all((_figures,))))


@verify.command("journal")
def verify_journal() -> None:
    """Follow the hash chain of each service's journal: an edited, dropped, inserted or reordered entry is found.

    Examples:
        gongshi verify journal
    """
    _end(asyncio.run(_all((_journals,))))


@verify.command("publications")
def verify_publications() -> None:
    """Compare every public channel with the release record.

    Examples:
        gongshi wait && gongshi verify publications
    """
    _end(asyncio.run(_all((_publications,))))


@verify.command("all")
def verify_all() -> None:
    """Verify figures, journals and publications.

    Examples:
        gongshi wait && gongshi verify all
    """
    _end(asyncio.run(findings(Settings())))


async def findings(settings: Settings) -> list[str]:
    """Return what any of the checks finds wrong."""
    return [fault for check in (_figures, _journals, _publications) for fault in await check(settings)]


async def _all(checks: Sequence[Callable[[Settings], Awaitable[list[str]]]]) -> list[str]:
    settings = Settings()
    return [fault for check in checks for fault in await check(settings)]


async def _figures(settings: Settings) -> list[str]:
    async with opened(settings, "stats") as store:
        report = await differences_of_figures(store)
    compared = f"{report.complaints} complaints recounted, {report.figures} figures compared"
    typer.echo(f"figures: {compared}, {len(report.found)} differ")
    return [str(difference) for difference in report.found]


async def _journals(settings: Settings) -> list[str]:
    found: list[str] = []
    async with connected(settings) as connection:
        for schema in JOURNALS:
            with database_told(schema):
                async with connection.transaction(readonly=True):
                    await connection.execute("SELECT set_config('search_path', $1, true)", schema)
                    entries = await connection.fetchval("SELECT count(*) FROM journal")
                    broken = await faults(connection)
            typer.echo(f"journal of {schema}: {entries} entries, {len(broken)} faults")
            found += [f"{schema}.journal: {fault}" for fault in broken]
    return found


async def _publications(settings: Settings) -> list[str]:
    with broker_told(), database_told("publisher"):
        found = await differences_of_publications(addressed(settings))
    typer.echo(f"publications: {len(found)} differences")
    return found


def _end(found: Sequence[str]) -> None:
    """Print what was found and end with 1 if that is anything."""
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        raise typer.Exit(1)
