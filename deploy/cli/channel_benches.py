"""Measurements of the channels: screens, recalls, mirrors, and what programs fetch; commands of `gongshi bench`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.bench import feeds as feeds_bench
from deploy.bench import mirror as mirror_bench
from deploy.bench import recall as recall_bench
from deploy.bench import releases as releases_bench
from deploy.cli.progress import counted_bar
from shared.settings import Settings


def screens(
    count: Annotated[int, typer.Option("--screens", min=1, help="Paired screens, each with its event stream.")] = 1_000,
    recalls: Annotated[int, typer.Option(min=1, help="Items that are withdrawn, one after another.")] = 20,
    complaints: Annotated[int, typer.Option(min=500, help="Of the city's history.")] = 3_000,
    seed: Annotated[int, typer.Option(help="The same seed reports the same city.")] = 1,
) -> None:
    """Measure the time from a release to its event on every screen (`received`) and from a decision to its acknowledgement.

    On engines of its own; a tenth of the screens is away when items are withdrawn, all others have just connected again at
    once. Also the publisher's memory for a screen.

    Examples:
        gongshi bench screens

        gongshi bench screens --screens 50 --recalls 5
    """
    _measure_recall("screens", count, 0, recalls, complaints, seed)


def recall(
    count: Annotated[int, typer.Option("--screens", min=1, help="Paired screens.")] = 1_000,
    targets: Annotated[int, typer.Option(min=1, help="Targets that items are brought to.")] = 50,
    recalls: Annotated[int, typer.Option(min=1, help="Items that are withdrawn, one after another.")] = 20,
    complaints: Annotated[int, typer.Option(min=500, help="Of the city's history.")] = 3_000,
    seed: Annotated[int, typer.Option(help="The same seed reports the same city.")] = 1,
) -> None:
    """Measure the time from a decision to the acknowledgement of every target and screen that is there.

    On engines of its own; a tenth of both is away, and the public count of what is not acknowledged is compared with that.

    Examples:
        gongshi bench recall

        gongshi bench recall --screens 20 --targets 10 --recalls 3
    """
    _measure_recall("recall", count, targets, recalls, complaints, seed)


def _measure_recall(name: str, count: int, targets: int, recalls: int, complaints: int, seed: int) -> None:
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        result = asyncio.run(recall_bench.measure(Settings(), count, targets, recalls, complaints, seed, bars))
    typer.echo(orjson.dumps({"bench": name, **result}).decode())


def mirror(
    items: Annotated[int, typer.Option(min=100, help="Items that are public.")] = 100_000,
    rate: Annotated[float, typer.Option(min=1, help="Corrections and withdrawals a second meanwhile.")] = 200,
    seconds: Annotated[float, typer.Option(min=1, help="For how long they go on.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed changes the same items.")] = 1,
) -> None:
    """Measure a mirror by `/api/delta` from nothing while items change, and whether it is exact at the end.

    On engines of its own.

    Examples:
        gongshi bench mirror

        gongshi bench mirror --items 1000000 --seconds 300
    """
    with counted_bar("Filling, then following", items) as advance:
        result = asyncio.run(mirror_bench.measure(Settings(), items, rate, seconds, seed, advance))
    typer.echo(orjson.dumps(result).decode())


def feeds(
    rate: Annotated[float, typer.Option(min=1, help="Requests a second, whether answered in time or not.")] = 200,
    seconds: Annotated[float, typer.Option(min=1)] = 60,
    seed: Annotated[int, typer.Option(help="The same seed requests the same addresses.")] = 1,
) -> None:
    """Measure feeds, deltas and open data of the running system with its data: `gongshi demo` in another terminal.

    Examples:
        gongshi bench feeds

        gongshi bench feeds --rate 400 --seconds 30
    """
    with counted_bar("Asking", round(rate * seconds)) as advance:
        result = asyncio.run(feeds_bench.measure(Settings(), rate, seconds, seed, advance))
    typer.echo(orjson.dumps(result).decode())


def releases(
    items: Annotated[int, typer.Option(min=1, help="Records in the batch.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed reports the same complaints.")] = 1,
) -> None:
    """Measure approving and releasing a batch of records at the desk: when its page opens and when it is done.

    On engines of its own. Also that each record is on the topic once.

    Examples:
        gongshi bench releases

        gongshi bench releases --items 2000
    """
    with counted_bar("Drafting", items) as advance:
        result = asyncio.run(releases_bench.measure(Settings(), items, seed, advance))
    typer.echo(orjson.dumps(result).decode())
