"""`gongshi seal` and `gongshi proof`: signed states of the journals, and proofs that an outsider can check."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import orjson
import typer

from deploy.broker_errors import translate_broker_errors
from deploy.databases import connect_database
from deploy.embedded.engines import notify_on_stderr
from deploy.runtime import resolve_addresses
from deploy.sealing import SealJob, SealPaths
from shared.contracts import JournalSealed
from shared.database import use_schema
from shared.seals.proofs import ConsistencyProof, InclusionProof, prove_entry, prove_growth
from shared.settings import Settings

proof = typer.Typer(name="proof", help="Prove what is in a journal to somebody who has a seal.", no_args_is_help=True)


class JournalName(StrEnum):
    """The journals."""

    ACCOUNTS = "accounts"
    INTAKE = "intake"
    STATS = "stats"
    PUBLISHER = "publisher"
    CORRECTIONS = "corrections"


JournalArgument = Annotated[JournalName, typer.Argument(help="Whose journal.")]
SizeOption = Annotated[int | None, typer.Option("--size", min=0, help="As in a seal; everything if not given.")]


def seal(
    every: Annotated[float, typer.Option(min=1, help="Go on, and seal every so many seconds what is new.")] = 0,
    resend: Annotated[bool, typer.Option("--resend", help="Send the seals of the file to the topic again.")] = False,
    public_key: Annotated[bool, typer.Option("--public-key", help="Print the public key and end.")] = False,
) -> None:
    """Sign how far the journals have come, into a file and the topic gongshi.seals.

    `gongshi up` does this every minute. Run it under an account of its own
    where the services run elsewhere: GONGSHI_SEAL_FOLDER holds the private
    key, which no service needs, the seals, and the keys that `gongshi verify
    journal` trusts. Once without options, for cron.

    Examples:
        gongshi seal

        gongshi seal --every 60

        gongshi seal --public-key
    """
    settings = Settings()
    if public_key:
        typer.echo(SealPaths.of(settings).load_key().public_key)
        return
    settings = resolve_addresses(settings)
    if every:
        asyncio.run(_seal_until_signal(settings.model_copy(update={"seal_interval_s": every})))
        return
    with translate_broker_errors():
        made = asyncio.run(_seal(settings, resend=resend))
    typer.echo(f"seal {made.number} of {sum(head.entries for head in made.journals)} entries, key {made.public_key}")


async def _seal(settings: Settings, *, resend: bool) -> JournalSealed:
    job = SealJob(settings)
    if resend:
        await job.resend()
    made = await job.seal(force=True)
    assert made is not None, "a forced seal is made"  # noqa: S101 - for the type checker
    return made


async def _seal_until_signal(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await SealJob(settings).run(stop, notify_on_stderr)


@proof.command()
def entry(journal: JournalArgument, number: Annotated[int, typer.Argument(min=1)], size: SizeOption = None) -> None:
    """Print the proof that an entry is in a journal, as JSON.

    Its `root` is the one in the seal of that size. How to check the path:
    RFC 9162, 2.1.3.2.

    Examples:
        gongshi proof entry publisher 17 --size 204
    """
    _print(asyncio.run(_prove_entry(Settings(), journal, number, size)))


@proof.command()
def growth(journal: JournalArgument, old_size: Annotated[int, typer.Argument(min=0)], size: SizeOption = None) -> None:
    """Print the proof that a journal only grew since it had `old_size` entries, as JSON.

    Its roots are those of the two seals. How to check the path: RFC 9162,
    2.1.4.2.

    Examples:
        gongshi proof growth publisher 204 --size 311
    """
    _print(asyncio.run(_prove_growth(Settings(), journal, old_size, size)))


def _print(found: InclusionProof | ConsistencyProof) -> None:
    typer.echo(orjson.dumps(asdict(found)).decode())


async def _prove_entry(settings: Settings, journal: str, number: int, size: int | None) -> InclusionProof:
    async with connect_database(settings, journal) as connection, connection.transaction(readonly=True):
        await use_schema(connection, journal)
        return await prove_entry(connection, journal, number, size)


async def _prove_growth(settings: Settings, journal: str, old_size: int, size: int | None) -> ConsistencyProof:
    async with connect_database(settings, journal) as connection, connection.transaction(readonly=True):
        await use_schema(connection, journal)
        return await prove_growth(connection, journal, old_size, size)
