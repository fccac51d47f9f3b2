"""`gongshi verify`: figures against a recount, journals against their chains, public channels against the release record."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Self

import typer

from deploy import runtime
from deploy.cli.progress import Bars, bars
from deploy.cli.status import addresses
from deploy.runtime import addressed
from deploy.stores import broker_told, connected, database_told, opened
from services.publisher.verification import channels, held, topic
from services.publisher.verification.channels import SAMPLE, Looking
from services.stats.verification import differences as differences_of_figures
from shared.database import SCHEMAS
from shared.settings import Settings
from shared.stream import Store
from shared.stream.journal import faults

# Schemas with a journal; accounts has none, it is the data of no service.
JOURNALS = tuple(schema for schema in SCHEMAS if schema != "accounts")
verify = typer.Typer(
    name="verify", help="Prove that what is held and published is right; 1 and a list where it is not.", no_args_is_help=True
)

Publisher = Annotated[
    str, typer.Option("--publisher", help="Address of the publisher to read; default as `gongshi status` finds it.")
]
Everything = Annotated[
    bool,
    typer.Option("--everything", help=f"Read every permanent address, operator and screen, not a sample of {SAMPLE}."),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What to verify over HTTP: the publisher's address, if one was given, and whether to read all of it."""

    settings: Settings
    publisher: str = ""
    everything: bool = False


@dataclass(slots=True)
class Findings:
    """What was compared, a line each; what was left out; what differs."""

    lines: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def __iadd__(self, other: Findings) -> Self:
        self.lines += other.lines
        self.unseen += other.unseen
        self.found += other.found
        return self


Check = Callable[[Asked, Bars], Awaitable[Findings]]


@verify.command("figures")
def verify_figures() -> None:
    """Recount every complaint, and compare each kept sum and each figure that was said.

    Examples:
        gongshi wait && gongshi verify figures
    """
    _run(Asked(Settings()), _figures)


@verify.command("journal")
def verify_journal() -> None:
    """Follow the hash chain of each service's journal: an edited, dropped, inserted or reordered entry is found.

    Examples:
        gongshi verify journal
    """
    _run(Asked(Settings()), _journals)


@verify.command("publications")
def verify_publications(publisher: Publisher = "", everything: Everything = False) -> None:
    """Compare every public channel with the release record.

    In the database: approvals, versions and what is kept for showing. The
    topic, with what waits for it. Over HTTP: the lists of /api/items to their
    end, permanent addresses (a sample, the same each time, and what changed
    last), feeds, boards, operators and screens. What changes meanwhile is
    looked at again and is no difference.

    Where no publisher answers, that is a difference if `gongshi up` or
    `gongshi demo` runs one here or --publisher names one; else the rest is
    compared, and standard error says what was not.

    Examples:
        gongshi wait && gongshi verify publications

        gongshi verify publications --publisher http://127.0.0.1:8700 --everything
    """
    _run(Asked(Settings(), publisher, everything), _publications)


@verify.command("all")
def verify_all(publisher: Publisher = "", everything: Everything = False) -> None:
    """Verify figures, journals and publications.

    Examples:
        gongshi wait && gongshi verify all
    """
    _run(Asked(Settings(), publisher, everything), _figures, _journals, _publications)


async def differences(settings: Settings, bar: Bars) -> list[str]:
    """Return what any of the checks finds wrong."""
    return (await _findings(Asked(settings), bar, (_figures, _journals, _publications))).found


def _run(asked: Asked, *checks: Check) -> None:
    """Check, print what was compared and what differs, and end with 1 if anything does."""
    with bars() as bar:
        findings = asyncio.run(_findings(asked, bar, checks))
    for line in findings.lines:
        typer.echo(line)
    for line in (*findings.unseen, *findings.found):
        typer.echo(line, err=True)
    if findings.found:
        raise typer.Exit(1)


async def _findings(asked: Asked, bar: Bars, checks: Sequence[Check]) -> Findings:
    findings = Findings()
    for check in checks:
        findings += await check(asked, bar)
    return findings


async def _figures(asked: Asked, bar: Bars) -> Findings:
    done = bar("Recounting figures", None)
    async with opened(asked.settings, "stats") as store:
        report = await differences_of_figures(store)
    done(0)
    compared = f"{report.complaints} complaints recounted, {report.figures} figures compared"
    return Findings([f"figures: {compared}, {len(report.found)} differ"], found=[str(one) for one in report.found])


async def _journals(asked: Asked, bar: Bars) -> Findings:
    findings, advance = Findings(), bar("Journals", len(JOURNALS))
    async with connected(asked.settings) as connection:
        for schema in JOURNALS:
            with database_told(schema):
                async with connection.transaction(readonly=True):
                    await connection.execute("SELECT set_config('search_path', $1, true)", schema)
                    entries = await connection.fetchval("SELECT count(*) FROM journal")
                    broken = await faults(connection)
            findings.lines.append(f"journal of {schema}: {entries} entries, {len(broken)} faults")
            findings.found += [f"{schema}.journal: {fault}" for fault in broken]
            advance(1)
    return findings


async def _publications(asked: Asked, bar: Bars) -> Findings:
    settings = addressed(asked.settings)
    findings = Findings()
    async with opened(settings, "publisher") as store:
        findings.found += await held.differences(store, bar)
        with broker_told():
            told = await topic.differences(store, settings, bar)
        findings.found += told.found
        findings.lines.append(f"record and topic: {told.releases} releases compared, {len(findings.found)} differences")
        findings += await _channels(asked, store, bar)
    findings.lines.append(f"publications: {len(findings.found)} differences")
    return findings


async def _channels(asked: Asked, store: Store, bar: Bars) -> Findings:
    """Compare what a publisher serves; one that should be there and is not is a difference."""
    running = runtime.read(asked.settings.home)
    known = addresses(asked.settings, running)
    url = asked.publisher.rstrip("/") or known.get("publisher", ("", None))[0]
    if not url or not await channels.answers(url):
        where = f"No publisher answers at {url}" if url else "No publisher runs here"
        line = f"{where}: lists, pages, feeds, operators and screens were not compared."
        if asked.publisher or (running is not None and url):
            return Findings(["channels: not compared"], found=[line])
        return Findings(["channels: not compared"], unseen=[f"{line} --publisher names one elsewhere."])
    looking = Looking(None if asked.everything else SAMPLE, bar=bar)
    served = await channels.differences(store, url, asked.settings.zone, looking)
    compared = ", ".join(served.looked_at) or "nothing compared"
    return Findings([f"channels at {url}: {compared}, {len(served.found)} differences"], found=served.found)
