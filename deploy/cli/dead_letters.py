"""`gongshi dead-letters`: records that a service rejected for good: list, inspect, correct and replay them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.table import Table

from deploy import dead_letters as stored
from deploy.cli.progress import spinner
from deploy.cli.tables import Format, local_time, print_table
from deploy.dead_letters import Named, Selection, fetch_selection, source_of
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import DeadLetterReason
from shared.stream.dead_letters import DeadLetter

SERVICES = ("intake", "stats", "publisher", "corrections")
MAX_ID = 2**63 - 1
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z"]

dead_letters = typer.Typer(name="dead-letters", help="Records that were rejected for good.", no_args_is_help=True)


class ServiceName(StrEnum):
    """The services with a dead-letter table."""

    INTAKE = "intake"
    STATS = "stats"
    PUBLISHER = "publisher"
    CORRECTIONS = "corrections"


class DeadLetterNotFound(PermanentError):
    """There is no such dead letter that can be replayed: `gongshi dead-letters list` lists their names."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            f"No such dead letter, replayed or superseded before, or too large to be kept whole: {', '.join(names)}. Names are "
            "like intake:12; `gongshi dead-letters list --replayed` lists them; of what was cut --body gives the whole record."
        )


class NothingSelected(PermanentError):
    """Name dead letters (intake:12), or a service with --service for all of its dead letters."""


@dead_letters.command(name="list")
def list_(
    service: Annotated[ServiceName | None, typer.Option(help="Only of this service.")] = None,
    reason: Annotated[DeadLetterReason | None, typer.Option(help="Only with this reason.")] = None,
    source: Annotated[str, typer.Option(help="Only events of this source, or of parts of it.")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Only refused since then, in the bureau's time zone.")
    ] = None,
    replayed: Annotated[bool, typer.Option("--replayed", help="Include those replayed or superseded.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of a service, newest first.")] = 100,
    output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE,
) -> None:
    """List dead letters, newest first, by source, reason and position, without their content.

    Examples:
        gongshi dead-letters list

        gongshi dead-letters list --source /hotlines/12345/330100 --since 2026-11-01

        gongshi dead-letters list --service intake --reason conflict --format json
    """
    settings = Settings()
    services = [service.value] if service else SERVICES
    selection = Selection(reason, source, _in_zone(since, settings.zone), replayed, limit)
    found = asyncio.run(fetch_selection(settings, services, selection))
    if output is Format.JSON:
        typer.echo(orjson.dumps([_summary(name, dead_letter) for name, dead_letter in found]).decode())
    else:
        print_table(_table(found, settings.zone), fold=True)


@dead_letters.command()
def show(
    name: Annotated[str, typer.Argument(help="Like intake:12.")],
    raw: Annotated[bool, typer.Option("--raw", help="The record's bytes and nothing else, as they came.")] = False,
) -> None:
    """Show one dead letter with its headers. Its bytes, which may hold personal data, are shown with --raw only.

    Examples:
        gongshi dead-letters show intake:12 --raw > record.json
    """
    service, number = _parse_name(name)
    dead_letter = asyncio.run(stored.fetch_one(Settings(), service, number))
    if dead_letter is None:
        raise DeadLetterNotFound(name)
    if raw:
        typer.echo(dead_letter.value or b"", nl=False)
        return
    headers = {header: None if value is None else value.decode(errors="replace") for header, value in dead_letter.headers}
    kept = len(dead_letter.value or b"")
    summary = _summary(service, dead_letter) | {
        "headers": headers,
        "bytes": kept if dead_letter.whole_bytes is None else dead_letter.whole_bytes,
        "kept_bytes": kept,
        "sha256": None if dead_letter.whole_digest is None else dead_letter.whole_digest.hex(),
    }
    typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())


@dead_letters.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(help="Like intake:12 intake:13.")] = None,
    service: Annotated[ServiceName | None, typer.Option(help="All of this service not replayed yet.")] = None,
    reason: Annotated[DeadLetterReason | None, typer.Option(help="Only those with this reason.")] = None,
    body: Annotated[Path | None, typer.Option(help="The corrected record, for one dead letter.")] = None,
) -> None:
    """Replay dead letters to the topic they came from, as they are or corrected.

    They are sent to their topic again. Each is replayed once: exits with 1 and the
    names of those that are none or were replayed before.

    Examples:
        gongshi dead-letters replay intake:12 --body corrected.json

        gongshi dead-letters replay --service stats --reason rejected_by_store
    """
    selected = [_parse_name(name) for name in names or []]
    if not selected and service is None:
        raise NothingSelected
    if body and len(selected) != 1:
        raise typer.BadParameter("a corrected record replaces exactly one dead letter", param_hint="--body")
    corrected = body.read_bytes() if body else None
    with spinner("Replaying"):
        replayed = asyncio.run(_replay(Settings(), selected, service, reason, corrected))
    typer.echo(f"{len(replayed)} on their way")
    missed = [f"{owner}:{number}" for owner, number in selected if (owner, number) not in replayed]
    if missed:
        raise DeadLetterNotFound(*missed)


async def _replay(
    settings: Settings,
    selected: Sequence[tuple[str, int]],
    service: str | None,
    reason: DeadLetterReason | None,
    corrected: bytes | None,
) -> set[tuple[str, int]]:
    replayed: set[tuple[str, int]] = set()
    for name in sorted({name for name, _ in selected}) or [str(service)]:
        ids = [number for owner, number in selected if owner == name] or None
        done = await stored.replay(settings, name, ids=ids, reason=reason, corrected=corrected)
        replayed |= {(name, number) for number in done}
    return replayed


def _parse_name(name: str) -> tuple[str, int]:
    service, _, number = name.partition(":")
    if service not in SERVICES or not (number.isascii() and number.isdecimal()) or int(number) > MAX_ID:
        raise DeadLetterNotFound(name)
    return service, int(number)


def _in_zone(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.replace(tzinfo=zone) if moment is not None and moment.tzinfo is None else moment


def state_of(dead_letter: DeadLetter) -> str:
    """Return `waiting`, `replayed`, or `superseded` where a later report of the same source and number was accepted."""
    if dead_letter.replayed_at is not None:
        return "replayed"
    return "waiting" if dead_letter.superseded_at is None else "superseded"


def _summary(service: str, dead_letter: DeadLetter) -> dict[str, Any]:
    return {
        "name": f"{service}:{dead_letter.id}",
        "entrance": dead_letter.entrance,
        "source": source_of(dead_letter),
        "topic": dead_letter.topic,
        "partition": dead_letter.part,
        "offset": dead_letter.at_offset,
        "reason": dead_letter.reason,
        "details": dead_letter.findings,
        "recorded_at": dead_letter.recorded_at,
        "replayed_at": dead_letter.replayed_at,
        "superseded_at": dead_letter.superseded_at,
        "state": state_of(dead_letter),
    }


def _position(dead_letter: DeadLetter) -> str:
    """Return the position of a record, or the entrance of an event that did not come from Kafka."""
    if dead_letter.part is None:
        return dead_letter.entrance
    return f"{dead_letter.topic}/{dead_letter.part}@{dead_letter.at_offset}"


def _table(found: Sequence[Named], zone: ZoneInfo) -> Table:
    table = Table("name", f"refused ({zone})", "source", "position", "reason", "findings", "state")
    for service, dead_letter in found:
        findings = ", ".join(f"{finding['field']}: {finding['code']}".lstrip(": ") for finding in dead_letter.findings)
        since = local_time(dead_letter.recorded_at, zone)
        state = f"{state_of(dead_letter)} {local_time(dead_letter.replayed_at or dead_letter.superseded_at, zone)}".rstrip()
        name, source = f"{service}:{dead_letter.id}", source_of(dead_letter) or ""
        table.add_row(name, since, source, _position(dead_letter), dead_letter.reason, findings, state)
    return table
