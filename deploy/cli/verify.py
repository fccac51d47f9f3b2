"""`gongshi verify`: figures by recount, journals by hash chain, public channels against the release record."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Self

import typer

from deploy import runtime
from deploy.broker_errors import translate_broker_errors
from deploy.cli.progress import Bars, progress_bars
from deploy.cli.status import service_addresses
from deploy.databases import DatabaseAccessDenied, connect_database, open_database, translate_database_errors
from deploy.journals import check_journal_of, read_seals
from deploy.runtime import resolve_addresses
from services.corrections import verification as decisions
from services.publisher.verification import channels, deliveries, invariants, journal, topic
from services.publisher.verification.channels import SAMPLE, ProbeOptions
from services.stats.nightly import record_verification
from services.stats.verification import VerificationReport
from services.stats.verification import find_differences as find_figure_differences
from shared.calendar import Calendar
from shared.contracts import JournalSealed
from shared.database.logins import READER
from shared.settings import Settings
from shared.stream import Database
from shared.stream.journal import JOURNALS

verify = typer.Typer(
    name="verify",
    help="Prove that stored and published data are right; exits with 1 and a list of differences.",
    no_args_is_help=True,
)

Publisher = Annotated[
    str, typer.Option("--publisher", help="Address of the publisher to read; default as `gongshi status` finds it.")
]
Everything = Annotated[
    bool,
    typer.Option("--everything", help=f"Read every permanent address, operator and screen, not a sample of {SAMPLE}."),
]


@dataclass(frozen=True, slots=True)
class VerifyRequest:
    """What to verify: the publisher's URL, if one was given, and whether to read everything."""

    settings: Settings
    publisher: str = ""
    everything: bool = False
    seal_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class VerifyResult:
    """Result of checks: summary lines, skipped parts, differences."""

    lines: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def __iadd__(self, other: VerifyResult) -> Self:
        self.lines += other.lines
        self.skipped += other.skipped
        self.found += other.found
        return self


Check = Callable[[VerifyRequest, Bars], Awaitable[VerifyResult]]


@verify.command("figures")
def verify_figures() -> None:
    """Recount every complaint, and compare each stored sum and each emitted figure.

    The result is entered into the journal and shown to the public; stats does
    the same by itself every night.

    Examples:
        gongshi wait && gongshi verify figures
    """
    _run(VerifyRequest(Settings()), _verify_figures)


@verify.command("journal")
def verify_journal(
    seal_key: Annotated[
        list[str] | None,
        typer.Option("--seal-key", help="A public key to trust, in hexadecimal, instead of those in the seal folder."),
    ] = None,
) -> None:
    """Follow each journal's hash chain, and compare it with the seals and with the tables that it tells of.

    An entry that was edited, dropped, inserted or moved breaks the chain. Where
    the chain was computed anew, or its end is gone, the signed seals differ:
    those of the sealer's file and those of the topic. Releases, approvals and
    decisions must be in the journal, and what is in the journal among them.

    Examples:
        gongshi verify journal

        gongshi verify journal --seal-key 3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29
    """
    _run(VerifyRequest(Settings(), seal_keys=tuple(seal_key or ())), _verify_journals)


@verify.command("publications")
def verify_publications(publisher: Publisher = "", everything: Everything = False) -> None:
    """Compare every public channel with the release record.

    In the database: approvals, versions, the public projection, and what
    was brought to targets. The topic, with unsent messages. Over HTTP: the lists of /api/items to their
    end, permanent addresses (a sample, the same each time, and what changed
    last), feeds, boards, operators and screens. What changes meanwhile is
    compared again and is no difference.

    A publisher that does not answer is a difference if `gongshi up` or
    `gongshi demo` runs one here or --publisher names one; otherwise the rest
    is compared, and standard error names what was skipped.

    Examples:
        gongshi wait && gongshi verify publications

        gongshi verify publications --publisher http://127.0.0.1:8700 --everything
    """
    _run(VerifyRequest(Settings(), publisher, everything), _verify_publications)


@verify.command("all")
def verify_all(publisher: Publisher = "", everything: Everything = False) -> None:
    """Verify figures, journals and publications.

    Examples:
        gongshi wait && gongshi verify all
    """
    _run(VerifyRequest(Settings(), publisher, everything), _verify_figures, _verify_journals, _verify_publications)


async def differences(settings: Settings, bar: Bars) -> list[str]:
    """Return the differences that all checks find."""
    return (await _run_checks(VerifyRequest(settings), bar, (_verify_figures, _verify_journals, _verify_publications))).found


def _run(request: VerifyRequest, *checks: Check) -> None:
    """Run the checks, print each one's summary when it ends, its differences at once, and exit with 1 if there are any."""
    differ = False
    for check in checks:
        with progress_bars(or_lines=True) as bar:
            result = asyncio.run(_run_checks(request, bar, [check]))
        for line in result.lines:
            typer.echo(line)
        for line in (*result.skipped, *result.found):
            typer.echo(line, err=True)
        sys.stdout.flush()
        differ = differ or bool(result.found)
    if differ:
        raise typer.Exit(1)


async def _run_checks(request: VerifyRequest, bar: Bars, checks: Sequence[Check]) -> VerifyResult:
    result = VerifyResult()
    for check in checks:
        result += await check(request, bar)
    return result


async def _verify_figures(request: VerifyRequest, bar: Bars) -> VerifyResult:
    done = bar("Recounting figures", None)
    # The calendar that stats has adopted, unless GONGSHI_CALENDAR names files: what it has not adopted of them differs.
    calendar = Calendar.load(request.settings.calendar) if request.settings.calendar else None
    async with open_database(request.settings, "stats", login=READER) as database:
        report = await find_figure_differences(database, calendar)
    recorded = await _record(request.settings, report)
    done(0)
    compared = f"{report.complaints} complaints recounted, {report.figures} figures compared"
    return VerifyResult(
        [f"figures: {compared}, {len(report.differences)} differ"],
        [] if recorded else ["figures: the result is not published, this user may not write to stats"],
        [str(one) for one in report.differences],
    )


async def _record(settings: Settings, report: VerificationReport) -> bool:
    """Record the result of a recount, which the publisher shows; return whether this user may."""
    try:
        async with open_database(settings, "stats") as database:
            await record_verification(database, report, settings.zone, "command line")
    except DatabaseAccessDenied:
        return False
    return True


async def _verify_journals(request: VerifyRequest, bar: Bars) -> VerifyResult:
    result, advance = VerifyResult(), bar("Journals", len(JOURNALS) + 1)
    settings = resolve_addresses(request.settings)
    with translate_broker_errors():
        seals = await read_seals(settings, request.seal_keys)
    result.found += seals.faults
    async with connect_database(settings, login=READER) as connection:
        for schema in JOURNALS:
            with translate_database_errors(schema):
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    check = await check_journal_of(connection, schema, seals)
            result.lines.append(f"journal of {schema}: {check.frontier.size} entries, {len(check.faults)} faults")
            result.found += [f"{schema}.journal: {fault}" for fault in check.faults]
            advance(1)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            differences = [*await journal.find_differences(connection), *await decisions.find_differences(connection)]
    result.lines.append(_seal_summary(seals.newest, settings))
    result.lines.append(f"releases, approvals and decisions: {len(differences)} differ from the journal")
    result.found += differences
    advance(1)
    return result


def _seal_summary(newest: JournalSealed | None, settings: Settings) -> str:
    if newest is None:
        return "seals: none yet, so a cut or rewritten journal would not be seen"
    at = newest.sealed_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M:%S")
    return f"seals: {newest.number}, the newest of {at} ({settings.time_zone}), key {newest.public_key}"


async def _verify_publications(request: VerifyRequest, bar: Bars) -> VerifyResult:
    settings = resolve_addresses(request.settings)
    result = VerifyResult()
    async with open_database(settings, "publisher", login=READER) as database:
        result.found += await invariants.find_differences(database, bar)
        with translate_broker_errors():
            topic_report = await topic.find_differences(database, settings, bar)
        result.found += topic_report.found
        result.lines.append(f"record and topic: {topic_report.releases} releases compared, {len(result.found)} differences")
        result.found += await deliveries.find_differences(database, bar)
        result += await _verify_channels(request, database, bar)
    result.lines.append(f"publications: {len(result.found)} differences")
    return result


async def _verify_channels(request: VerifyRequest, database: Database, bar: Bars) -> VerifyResult:
    """Compare what a publisher serves; an expected publisher that does not answer is a difference."""
    running = runtime.read(request.settings.home)
    known = service_addresses(request.settings, running)
    url = request.publisher.rstrip("/") or known.get("publisher", ("", None))[0]
    if not url or not await channels.is_publisher(url):
        where = f"No publisher answers at {url}" if url else "No publisher runs here"
        line = f"{where}: lists, pages, feeds, operators and screens were not compared."
        if request.publisher or (running is not None and url):
            return VerifyResult(["channels: not compared"], found=[line])
        return VerifyResult(["channels: not compared"], skipped=[f"{line} --publisher names one elsewhere."])
    options = ProbeOptions(None if request.everything else SAMPLE, progress=bar)
    served = await channels.find_differences(database, url, request.settings.zone, options)
    compared = ", ".join(served.compared) or "nothing compared"
    return VerifyResult([f"channels at {url}: {compared}, {len(served.found)} differences"], found=served.found)
