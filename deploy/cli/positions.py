"""`gongshi positions`: where each service is in each topic, and the ways on for a blocked partition."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from deploy.broker_errors import translate_broker_errors
from deploy.cli.dead_letters import SERVICES, ServiceName
from deploy.cli.tables import Format, print_table
from deploy.databases import open_database
from deploy.runtime import resolve_addresses
from deploy.topic_offsets import PositionReport, fetch_topic_offsets_by_name, report_positions
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import Database
from shared.stream.blocked_partitions import BlockedPartition
from shared.stream.position_overrides import PositionOverride, fetch_positions, set_position

positions = typer.Typer(name="positions", help="Where services are in their topics.", no_args_is_help=True)

ServiceArgument = Annotated[ServiceName, typer.Argument(help="The service whose positions are meant.")]
TopicArgument = Annotated[str, typer.Argument(help="The topic, as `gongshi positions show` names it.")]
PartitionOption = Annotated[int | None, typer.Option("--partition", min=0, help="Only this partition.")]


class PositionNotFound(PermanentError):
    """The service has no such position: `gongshi positions show` lists them."""


class NothingLost(PermanentError):
    """No records are lost there, so there is no loss to accept: `gongshi positions show` tells which partitions stand."""


class OffsetOutOfLog(PermanentError):
    """The broker holds no such offset."""


@positions.command()
def show(
    service: Annotated[ServiceName | None, typer.Option(help="Only of this service.")] = None,
    output: Annotated[Format, typer.Option("--format", help="A table for people, JSON for programs.")] = Format.TABLE,
) -> None:
    """Show the position of each service in each partition, its lag, and why a partition stands.

    Examples:
        gongshi positions show

        gongshi positions show --service intake --format json
    """
    reports = asyncio.run(_fetch_reports(Settings(), [service.value] if service else SERVICES))
    if output is Format.JSON:
        typer.echo(orjson.dumps([_summary(each) for each in reports]).decode())
        return
    print_table(_table(reports), fold=True)
    for each in reports:
        if each.blocked:
            typer.echo(each.blocked.describe(each.service))


@positions.command(name="accept-loss")
def accept_loss(service: ServiceArgument, topic: TopicArgument, partition: PartitionOption = None) -> None:
    """Give up records that the broker has deleted or that cannot be read, and go on behind them.

    How many are given up is printed and journaled. A running service goes on within seconds.

    Examples:
        gongshi positions accept-loss intake gongshi.reports

        gongshi positions accept-loss intake gongshi.reports --partition 3
    """
    for line in asyncio.run(_accept_loss(Settings(), service.value, topic, partition)):
        typer.echo(line)


@positions.command()
def reset(
    service: ServiceArgument,
    topic: TopicArgument,
    partition: PartitionOption = None,
    to: Annotated[int | None, typer.Option("--to", min=0, help="This offset; the beginning of the log if not given.")] = None,
) -> None:
    """Go on from the beginning of what the broker holds, or from an offset. What is applied again counts once.

    Examples:
        gongshi positions reset intake gongshi.reports

        gongshi positions reset stats gongshi.complaints --partition 0 --to 1200
    """
    for line in asyncio.run(_reset(Settings(), service.value, topic, partition, to)):
        typer.echo(line)


async def _fetch_reports(settings: Settings, services: Sequence[str]) -> list[PositionReport]:
    found = []
    for service in services:
        async with open_database(settings, service) as database:
            found += await _reports(settings, database, service)
    return found


async def _reports(settings: Settings, database: Database, service: str) -> list[PositionReport]:
    async with database.snapshot() as connection:
        stored = await fetch_positions(connection)
    with translate_broker_errors():
        offsets = await fetch_topic_offsets_by_name(resolve_addresses(settings), {each.partition.topic for each in stored})
    return report_positions(service, stored, offsets)


async def _select(
    settings: Settings, database: Database, service: str, topic: str, partition: int | None
) -> list[PositionReport]:
    """Return the reports that are meant; the topic may be given without its prefix. Raises `PositionNotFound`."""
    names = {topic, settings.topic_prefix + topic}
    selected = [
        each
        for each in await _reports(settings, database, service)
        if each.position.partition.topic in names and partition in {None, each.position.partition.partition}
    ]
    if not selected:
        raise PositionNotFound
    return selected


async def _accept_loss(settings: Settings, service: str, topic: str, partition: int | None) -> list[str]:
    async with open_database(settings, service) as database:
        reports = await _select(settings, database, service, topic, partition)
        lost = [(each, blocked) for each in reports if (blocked := each.blocked) and blocked.resume_offset is not None]
        if not lost:
            raise NothingLost
        overrides = [(each, _accepted_loss(each, blocked)) for each, blocked in lost]
        return await _override(database, overrides)


async def _reset(settings: Settings, service: str, topic: str, partition: int | None, to: int | None) -> list[str]:
    async with open_database(settings, service) as database:
        reports = await _select(settings, database, service, topic, partition)
        for each in reports:
            if to is not None and not each.beginning <= to <= each.end:
                where = f"{each.position.partition.topic}/{each.position.partition.partition}"
                raise OffsetOutOfLog(f"{where} holds offsets {each.beginning} to {each.end}.")
        overrides = [
            (
                each,
                PositionOverride(
                    "position_reset", getpass.getuser(), each.beginning if to is None else to, each.offsets.topic_id
                ),
            )
            for each in reports
        ]
        return await _override(database, overrides)


def _accepted_loss(report: PositionReport, blocked: BlockedPartition) -> PositionOverride:
    user, next_offset = getpass.getuser(), blocked.resume_offset or 0
    return PositionOverride("position_loss_accepted", user, next_offset, report.offsets.topic_id, blocked.lost_offsets)


async def _override(database: Database, overrides: Sequence[tuple[PositionReport, PositionOverride]]) -> list[str]:
    """Set the positions in one transaction and return what was done in words."""
    async with database.unit_of_work() as uow:
        for report, override in overrides:
            await set_position(uow, report.stored, override)
    return [
        f"{report.position.partition.topic}/{report.position.partition.partition}: from {report.stored.next_offset} "
        f"to {override.next_offset}" + (f", {override.lost_offsets} records given up" if override.lost_offsets else "")
        for report, override in overrides
    ]


def _summary(report: PositionReport) -> dict[str, Any]:
    blocked = report.blocked
    return {
        "service": report.service,
        "topic": report.position.partition.topic,
        "partition": report.position.partition.partition,
        "position": report.position.next_offset,
        "beginning": report.beginning,
        "end": report.end,
        "lag": report.lag,
        "standing": blocked and blocked.cause,
        "lost_records": blocked.lost_offsets if blocked else 0,
        "reason": blocked and blocked.describe(report.service),
    }


def _table(reports: Sequence[PositionReport]) -> Table:
    table = Table("service", "topic", "partition", "position", "log", "not applied", "stands")
    for each in reports:
        offsets = f"{each.beginning}–{each.end}"
        cause = str(each.blocked.cause) if each.blocked else ""
        partition = each.position.partition
        table.add_row(
            each.service,
            partition.topic,
            str(partition.partition),
            str(each.position.next_offset),
            offsets,
            str(each.lag),
            cause,
        )
    return table
