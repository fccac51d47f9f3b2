"""`gongshi dead-letters`: records that a service refused for good; look at them, mend them, send them again."""

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

from deploy.cli.progress import working
from deploy.cli.status import Format
from deploy.stores import opened
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream import Entry, Letter, Reason, Store
from shared.stream.dead_letters import DeadLetter, listed, mark_replayed
from shared.stream.outbox import pack_headers

SERVICES = ("intake", "stats", "publisher", "corrections")
BATCH = 500

dead_letters = typer.Typer(name="dead-letters", help="Records that were refused for good.", no_args_is_help=True)


class ServiceName(StrEnum):
    """The services that keep dead letters."""

    INTAKE = "intake"
    STATS = "stats"
    PUBLISHER = "publisher"
    CORRECTIONS = "corrections"


class NoSuchLetter(PermanentError):
    """There is no such dead letter: `gongshi dead-letters list` tells their names, like intake:12."""


class NothingChosen(PermanentError):
    """Name dead letters (intake:12), or a service with --service for all of its."""


@dead_letters.command(name="list")
def list_(
    service: Annotated[ServiceName | None, typer.Option(help="Only of this service.")] = None,
    reason: Annotated[Reason | None, typer.Option(help="Only with this reason.")] = None,
    replayed: Annotated[bool, typer.Option("--replayed", help="Those sent again already, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of a service, oldest first.")] = 100,
    output: Annotated[Format, typer.Option("--format", help="How to show them.")] = Format.TABLE,
) -> None:
    """List dead letters by reason and position; what is in them is not shown.

    Examples:
        gongshi dead-letters list

        gongshi dead-letters list --service intake --reason conflict --format json
    """
    chosen = [service.value] if service else SERVICES
    found = asyncio.run(_listed(Settings(), chosen, reason, limit, replayed=replayed))
    if output is Format.JSON:
        typer.echo(orjson.dumps([_outline(name, letter) for name, letter in found]).decode())
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
    service, number = _parsed(name)
    letter = asyncio.run(_one(Settings(), service, number))
    if raw:
        typer.echo(letter.value or b"", nl=False)
        return
    headers = {header: None if value is None else value.decode(errors="replace") for header, value in letter.headers}
    outline = _outline(service, letter) | {"headers": headers, "bytes": len(letter.value or b"")}
    typer.echo(orjson.dumps(outline, option=orjson.OPT_INDENT_2).decode())


@dead_letters.command()
def replay(
    names: Annotated[list[str] | None, typer.Argument(help="Like intake:12 intake:13.")] = None,
    service: Annotated[ServiceName | None, typer.Option(help="All of this service that were not sent again yet.")] = None,
    reason: Annotated[Reason | None, typer.Option(help="Of these only those with this reason.")] = None,
    body: Annotated[Path | None, typer.Option(help="The mended record, for one dead letter.")] = None,
) -> None:
    """Send dead letters again to the topic they came from, as they are or mended.

    They go through the service's outbox, so they leave when the service runs. Each is sent again once.

    Examples:
        gongshi dead-letters replay intake:12 --body mended.json

        gongshi dead-letters replay --service stats --reason rejected_by_store
    """
    chosen = [_parsed(name) for name in names or []]
    if not chosen and service is None:
        raise NothingChosen
    if body and len(chosen) != 1:
        raise typer.BadParameter("a mended record stands for exactly one dead letter", param_hint="--body")
    mended = body.read_bytes() if body else None
    with working("Sending again"):
        count = asyncio.run(_replay(Settings(), chosen, service, reason, mended))
    typer.echo(f"{count} on their way")


def _parsed(name: str) -> tuple[str, int]:
    service, _, number = name.partition(":")
    if service not in SERVICES or not number.isdecimal():
        raise NoSuchLetter
    return service, int(number)


async def _listed(
    settings: Settings, services: Sequence[str], reason: Reason | None, limit: int, *, replayed: bool
) -> list[tuple[str, DeadLetter]]:
    found = []
    for service in services:
        async with opened(settings, service) as store, store.reading() as connection:
            letters = await listed(connection, reason=reason, replayed=replayed, limit=limit)
            found += [(service, letter) for letter in letters]
    return found


async def _one(settings: Settings, service: str, number: int) -> DeadLetter:
    async with opened(settings, service) as store, store.reading() as connection:
        letters = await listed(connection, ids=[number], replayed=True)
    if not letters:
        raise NoSuchLetter
    return letters[0]


async def _replay(
    settings: Settings, chosen: Sequence[tuple[str, int]], service: str | None, reason: Reason | None, mended: bytes | None
) -> int:
    count = 0
    for name in sorted({name for name, _ in chosen}) or [str(service)]:
        ids = [number for owner, number in chosen if owner == name] or None
        async with opened(settings, name) as store:
            while sent := await replay_some(store, settings.topic_prefix, ids=ids, reason=reason, mended=mended):
                count += sent
    if chosen and not count:
        raise NoSuchLetter
    return count


async def replay_some(
    store: Store, topic_prefix: str, *, ids: Sequence[int] | None, reason: Reason | None, mended: bytes | None = None
) -> int:
    """Send up to 500 dead letters again, in one transaction with the mark that they were; return how many."""
    async with store.unit() as unit:
        letters = await listed(unit.connection, ids=ids, reason=reason, limit=BATCH)
        marked = set(await mark_replayed(unit.connection, [letter.id for letter in letters]))
        again = [letter for letter in letters if letter.id in marked]
        unit.letters += [_letter(letter, topic_prefix, mended) for letter in again]
        for letter in again:
            detail = {"topic": letter.topic, "part": letter.part, "offset": letter.at_offset, "mended": mended is not None}
            unit.record(Entry(getpass.getuser(), "dead_letter_replayed", str(letter.id), detail=detail))
    return len(again)


def _letter(letter: DeadLetter, topic_prefix: str, mended: bytes | None) -> Letter:
    """Return the record as it is sent again. The relay sets the prefix of topics; a header without value is left out."""
    headers = tuple((name, value) for name, value in letter.headers if value is not None)
    value = letter.value if mended is None else mended
    return Letter(letter.topic.removeprefix(topic_prefix), letter.key, pack_headers(headers), value)


def _outline(service: str, letter: DeadLetter) -> dict[str, Any]:
    return {
        "name": f"{service}:{letter.id}",
        "topic": letter.topic,
        "partition": letter.part,
        "offset": letter.at_offset,
        "reason": letter.reason,
        "details": letter.details,
        "recorded_at": letter.recorded_at,
        "replayed_at": letter.replayed_at,
    }


def _table(found: Sequence[tuple[str, DeadLetter]]) -> Table:
    table = Table("name", "since", "position", "reason", "findings", "replayed")
    for service, letter in found:
        findings = ", ".join(f"{detail['field']}: {detail['code']}".lstrip(": ") for detail in letter.details)
        replayed = f"{letter.replayed_at:%Y-%m-%d %H:%M}" if letter.replayed_at else ""
        since, position = f"{letter.recorded_at:%Y-%m-%d %H:%M}", f"{letter.topic}/{letter.part}@{letter.at_offset}"
        table.add_row(f"{service}:{letter.id}", since, position, letter.reason, findings, replayed)
    return table
