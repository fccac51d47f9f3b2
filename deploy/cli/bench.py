"""`gongshi bench`: measurements, each with one JSON line last."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.bench import files as files_bench
from deploy.bench import freshness as freshness_bench
from deploy.bench import growth as growth_bench
from deploy.bench import growth_plot
from deploy.bench import hostile as hostile_bench
from deploy.bench import idle as idle_bench
from deploy.bench import pages as pages_bench
from deploy.bench import pipeline as pipeline_bench
from deploy.bench import stats as stats_bench
from deploy.bench import up as up_bench
from deploy.bench.pairs import measure_pairs
from deploy.bench.peer import Peer
from deploy.cli import channel_benches
from deploy.cli.progress import counted_bar
from deploy.cli.values import InvalidValue
from shared.settings import Settings

bench = typer.Typer(name="bench", help="Measure; each command prints one JSON line last.", no_args_is_help=True)


class UnknownPeer(InvalidValue):
    """A peer is quix or kafka-streams; several are separated by commas."""


class InvalidSize(InvalidValue):
    """Sizes are numbers of complaints from 1000 on, with commas between them."""


@bench.callback()
def group() -> None:
    """Group the measurements as subcommands."""


@bench.command()
def stats(
    complaints: Annotated[int, typer.Option(min=20_000, help="Complaint revisions on the topic.")] = 300_000,
    seed: Annotated[int, typer.Option(help="The same seed sends the same complaints.")] = 1,
    vs: Annotated[
        str | None, typer.Option(help="Also measure these on the same topic, exactly once: quix, kafka-streams.")
    ] = None,
) -> None:
    """Measure the stats step alone, from the complaints topic to committed sums, on engines of its own.

    A peer does the same: the newest revision of each complaint counts, sums by operator and day, exactly once. All
    must count what was sent. Kafka Streams needs a JDK, and is left out where there is none.

    Examples:
        gongshi bench stats

        gongshi bench stats --vs quix,kafka-streams --complaints 1000000
    """
    result = asyncio.run(stats_bench.measure(complaints, seed, parse_peers(vs)))
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def pipeline(
    reports: Annotated[int, typer.Option(min=10_000, help="Reports on the topic, revisions and repeats included.")] = 300_000,
    seed: Annotated[int, typer.Option(help="The same seed sends the same reports.")] = 1,
    vs: Annotated[str | None, typer.Option(help="Also measure this commit of the repository, in turn.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Runs of each, with --vs.")] = 3,
) -> None:
    """Measure everything: reports on the topic, normalised, counted, emitted as figures and applied by every service.

    On engines of its own, through the real four services as processes of their own.

    Examples:
        gongshi bench pipeline

        gongshi bench pipeline --reports 1000000

        gongshi bench pipeline --vs 3b7d083 --pairs 3
    """
    with counted_bar("Filling the topic, then measuring", reports * (pairs if vs else 1)) as advance:
        measure = partial(pipeline_bench.measure, Settings(), reports, seed, advance)
        arguments = ("pipeline", "--reports", str(reports), "--seed", str(seed))
        result = asyncio.run(measure_pairs(vs, pairs, arguments, measure) if vs else measure())
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def freshness(
    rate: Annotated[float, typer.Option(min=1, help="Reports a second that flow meanwhile.")] = 500,
    share: Annotated[
        float | None, typer.Option(min=0.01, max=1, help="Instead: this share of what the pipeline reaches just before.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=10, help="For how long probes are sent.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed sends the same reports.")] = 1,
) -> None:
    """Measure the time from a complaint on its topic to its figure on its topic, while others flow.

    On engines of its own, through the real four services as processes of their own.

    Examples:
        gongshi bench freshness

        gongshi bench freshness --rate 2000 --seconds 120

        gongshi bench freshness --share 0.5
    """
    total = freshness_bench.PIPELINE_REPORTS if share else round(rate * (seconds + freshness_bench.WARM_UP_S))
    with counted_bar("Sending", total) as advance:
        if share:
            result = asyncio.run(freshness_bench.measure_share(Settings(), share, seconds, seed, advance))
        else:
            result = asyncio.run(freshness_bench.measure(Settings(), rate, seconds, seed, advance))
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def growth(
    sizes: Annotated[str, typer.Option(help="Complaints held, several with commas.")] = "100000,1000000,5000000",
    reports: Annotated[int, typer.Option(min=1_000, help="Reports that are measured at a time.")] = 20_000,
    windows: Annotated[int, typer.Option(min=1, help="Times that they are measured at each size.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed has the same texts and operators.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder for the plot and its table.")] = Path(),
) -> None:
    """Measure what a report costs by the number of complaints held, half of the reports being revisions of any of them.

    On engines of its own, filled through the real four services. Takes some 25 GB of disk and an hour at five million.

    Examples:
        gongshi bench growth

        gongshi bench growth --sizes 5000,20000,50000 --reports 5000
    """
    counts = parse_sizes(sizes)
    total = growth_bench.total_reports(counts, reports, windows)
    with counted_bar("Reporting", total) as advance:
        measured = asyncio.run(growth_bench.measure(Settings(), counts, reports, windows, seed, advance))
    result = growth_bench.report(measured, reports) | {"plot": str(growth_plot.write(measured, out))}
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def idle(
    seconds: Annotated[float, typer.Option(min=5, help="For how long the processes are watched.")] = 60,
    vs: Annotated[str | None, typer.Option(help="Also measure this commit of the repository, in turn.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Runs of each, with --vs.")] = 3,
) -> None:
    """Measure what the idle system costs: `gongshi up` on nothing, the processor time of all its processes.

    On engines of its own, in a state directory of its own.

    Examples:
        gongshi bench idle

        gongshi bench idle --vs 3b7d083 --pairs 3
    """
    typer.echo(orjson.dumps(asyncio.run(idle_bench.measure(Settings(), seconds, vs, pairs))).decode())


@bench.command()
def up(
    vs: Annotated[str | None, typer.Option(help="Also measure this commit of the repository, in turn.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="Starts of each, with --vs.")] = 3,
) -> None:
    """Measure `gongshi up` on nothing: seconds until all services are ready, with everything fetched.

    In state directories of its own.

    Examples:
        gongshi bench up

        gongshi bench up --vs 3b7d083 --pairs 5
    """
    typer.echo(orjson.dumps(asyncio.run(up_bench.measure(Settings(), vs, pairs))).decode())


@bench.command()
def pages(
    rate: Annotated[float, typer.Option(min=1, help="Requests a second, whether answered in time or not.")] = 200,
    seconds: Annotated[float, typer.Option(min=1)] = 60,
    seed: Annotated[int, typer.Option(help="The same seed requests the same pages.")] = 1,
) -> None:
    """Measure the public pages and APIs of the running system with its data: `gongshi demo` in another terminal.

    Examples:
        gongshi bench pages

        gongshi bench pages --rate 400 --seconds 30
    """
    with counted_bar("Asking", round(rate * seconds)) as advance:
        result = asyncio.run(pages_bench.measure(Settings(), rate, seconds, seed, advance))
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def hostile(
    seconds: Annotated[float, typer.Option(min=10, help="For how long each is measured, quiet and flooded.")] = 15,
    rounds: Annotated[int, typer.Option(min=1, max=10, help="How often each is measured, in turn.")] = 3,
    complaints: Annotated[int, typer.Option(min=500, help="Of the city's history.")] = 3_000,
    seed: Annotated[int, typer.Option(help="The same seed reports the same city.")] = 1,
) -> None:
    """Measure what a bounded flood from strangers costs everybody else.

    On engines of its own: 1,000 connections, 200 sign-ins and 200 event streams at once and large bodies, all from
    loopback, while pages are read, items recalled and complaints reported.

    Examples:
        gongshi bench hostile

        gongshi bench hostile --seconds 60 --rounds 1
    """
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        result = asyncio.run(hostile_bench.measure(Settings(), seconds, rounds, complaints, seed, bars))
    typer.echo(orjson.dumps(result).decode())


@bench.command()
def files(
    rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="Of the workbook.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed writes the same workbook.")] = 1,
) -> None:
    """Measure `gongshi import` of one workbook, twice: seconds, and the memory of the command.

    On engines of its own.

    Examples:
        gongshi bench files

        gongshi bench files --rows 10000
    """
    typer.echo(orjson.dumps(asyncio.run(files_bench.measure(Settings(), rows, seed))).decode())


def parse_sizes(sizes: str) -> list[int]:
    """Return the numbers of a list with commas. Raises `InvalidSize`."""
    try:
        counts = [int(each) for each in sizes.split(",")]
    except ValueError as error:
        raise InvalidSize(sizes) from error
    if min(counts) < growth_bench.LEAST:
        raise InvalidSize(sizes)
    return counts


def parse_peers(names: str | None) -> list[Peer]:
    """Return the peers of a list with commas. Raises `UnknownPeer`."""
    try:
        return [Peer(name.strip()) for name in names.split(",")] if names else []
    except ValueError as error:
        raise UnknownPeer(names or "") from error


for measured in (
    channel_benches.screens,
    channel_benches.recall,
    channel_benches.mirror,
    channel_benches.feeds,
    channel_benches.releases,
):
    bench.command()(measured)
