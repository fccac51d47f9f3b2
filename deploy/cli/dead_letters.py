"""`gongshi dead-letters`: records that a service rejected for good: list, inspect, correct and replay them."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.progress import spinner
from deploy.cli.status import Format
from deploy.stores import open_store
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import DeadLetterReason, JournalEntry, OutboxMessage, Store
from shared.stream.dead_letters import DeadLetter, fetch_dead_letters, mark_replayed
from shared.stream.outbox import pack_headers

SERVICES = ("intake", "stats", "publisher", "corrections")
BATCH = 500

dead_letters = typer.Typer(name="dead-letters", help="Records that were rejected for good.", no_args_is_help=True)


class ServiceName(StrEnum):
    """The services with a dead-letter table."""

    INTAKE = "intake"
    STATS = "stats"
    PUBLISHER = "publisher"
    CORRECTIONS = "corrections"


class DeadLetterNotFound(PermanentError):
    """There is no such dead letter: `gongshi dead-letters list` lists their names, like intake:12."""


class NothingSelected(PermanentError):
    """Name dead letters (intake:12), or a service with --service for all of its dead letters."""


@dead_letters.command(name="list")
def list_(
    service: Annotated[ServiceName | None, typer.Option(help="Only of this service.")] = None,
    reason: Annotated[DeadLetterReason | None, typer.Option(help="Only with this reason.")] = None,
    replayed: Annotated[bool, typer.Option("--replayed", help="Include those already replayed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of a service, oldest first.")] = 100,
    output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE,
) -> None:
    """List dead letters by reason and position, without their content.

    Examples:
        gongshi dead-letters list

        gongshi dead-letters list --service intake --reason conflict --format json
    """
    services = [service.value] if service else SERVICES
    found = asyncio.run(_fetch_all(Settings(), services, reason, limit, replayed=replayed))
    if output is Format.JSON:
        typer.echo(orjson.dumps([_summary(name, dead_letter) for name, dead_letter in found]).decode())
    else:
        Console().print(_table(found))


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
    dead_letter = asyncio.run(_fetch_one(Settings(), service, number))
    if raw:
        typer.echo(dead_letter.value or b"", nl=False)
        return
    headers = {header: None if value is None else value.decode(errors="replace") for header, value in dead_letter.headers}
    summary = _summary(service, dead_letter) | {"headers": headers, "bytes": len(dead_letter.value or b"")}
    typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())


@dead_letters.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(help="Like intake:12 intake:13.")] = None,
    service: Annotated[ServiceName | None, typer.Option(help="All of this service not replayed yet.")] = None,
    reason: Annotated[DeadLetterReason | None, typer.Option(help="Only those with this reason.")] = None,
    body: Annotated[Path | None, typer.Option(help="The corrected record, for one dead letter.")] = None,
) -> None:
    """Replay dead letters to the topic they came from, as they are or corrected.

    They go through the service's outbox and leave when the service runs. Each is replayed once.

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
        count = asyncio.run(_replay(Settings(), selected, service, reason, corrected))
    typer.echo(f"{count} on their way")


def _parse_name(name: str) -> tuple[str, int]:
    service, _, number = name.partition(":")
    if service not in SERVICES or not number.isdecimal():
        raise DeadLetterNotFound
    return service, int(number)


async def _fetch_all(
    settings: Settings, services: Sequence[str], reason: DeadLetterReason | None, limit: int, *, replayed: bool
) -> list[tuple[str, DeadLetter]]:
    found = []
    for service in services:
        async with open_store(settings, service) as store, store.snapshot() as connection:
            rows = await fetch_dead_letters(connection, reason=reason, replayed=replayed, limit=limit)
            found += [(service, dead_letter) for dead_letter in rows]
    return found


async def _fetch_one(settings: Settings, service: str, number: int) -> DeadLetter:
    async with open_store(settings, service) as store, store.snapshot() as connection:
        found = await fetch_dead_letters(connection, ids=[number], replayed=True)
    if not found:
        raise DeadLetterNotFound
    return found[0]


async def _replay(
    settings: Settings,
    selected: Sequence[tuple[str, int]],
    service: str | None,
    reason: DeadLetterReason | None,
    corrected: bytes | None,
) -> int:
    count = 0
    for name in sorted({name for name, _ in selected}) or [str(service)]:
        ids = [number for owner, number in selected if owner == name] or None
        async with open_store(settings, name) as store:
            while sent := await replay_batch(store, settings.topic_prefix, ids=ids, reason=reason, corrected=corrected):
                count += sent
    if selected and not count:
        raise DeadLetterNotFound
    return count


async def replay_batch(
    store: Store,
    topic_prefix: str,
    *,
    ids: Sequence[int] | None,
    reason: DeadLetterReason | None,
    corrected: bytes | None = None,
) -> int:
    """Replay up to 500 dead letters and mark them as replayed in the same transaction; return how many."""
    async with store.unit_of_work() as uow:
        found = await fetch_dead_letters(uow.connection, ids=ids, reason=reason, limit=BATCH)
        marked = set(await mark_replayed(uow.connection, [dead_letter.id for dead_letter in found]))
        replayed = [dead_letter for dead_letter in found if dead_letter.id in marked]
        uow.messages += [_to_message(dead_letter, topic_prefix, corrected) for dead_letter in replayed]
        for dead_letter in replayed:
            detail = {
                "topic": dead_letter.topic,
                "part": dead_letter.part,
                "offset": dead_letter.at_offset,
                "mended": corrected is not None,
            }
            uow.journal(JournalEntry(getpass.getuser(), "dead_letter_replayed", str(dead_letter.id), detail=detail))
    return len(replayed)


def _to_message(dead_letter: DeadLetter, topic_prefix: str, corrected: bytes | None) -> OutboxMessage:
    """Return the outbox message of a replay. The relay adds the topic prefix; a header without value is left out."""
    headers = tuple((name, value) for name, value in dead_letter.headers if value is not None)
    value = dead_letter.value if corrected is None else corrected
    return OutboxMessage(dead_letter.topic.removeprefix(topic_prefix), dead_letter.key, pack_headers(headers), value)


def _summary(service: str, dead_letter: DeadLetter) -> dict[str, Any]:
    return {
        "name": f"{service}:{dead_letter.id}",
        "entrance": dead_letter.entrance,
        "topic": dead_letter.topic,
        "partition": dead_letter.part,
        "offset": dead_letter.at_offset,
        "reason": dead_letter.reason,
        "details": dead_letter.details,
        "recorded_at": dead_letter.recorded_at,
        "replayed_at": dead_letter.replayed_at,
    }


def _position(dead_letter: DeadLetter) -> str:
    """Return the position of a record, or the entrance of an event that did not come from Kafka."""
    if dead_letter.part is None:
        return dead_letter.entrance
    return f"{dead_letter.topic}/{dead_letter.part}@{dead_letter.at_offset}"


def _table(found: Sequence[tuple[str, DeadLetter]]) -> Table:
    table = Table("name", "since", "position", "reason", "findings", "replayed")
    for service, dead_letter in found:
        findings = ", ".join(f"{detail['field']}: {detail['code']}".lstrip(": ") for detail in dead_letter.details)
        replayed = f"{dead_letter.replayed_at:%Y-%m-%d %H:%M}" if dead_letter.replayed_at else ""
        since = f"{dead_letter.recorded_at:%Y-%m-%d %H:%M}"
        table.add_row(f"{service}:{dead_letter.id}", since, _position(dead_letter), dead_letter.reason, findings, replayed)
    return table
