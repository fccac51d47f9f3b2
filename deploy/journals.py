"""Verification of the journals: their hash chains, every copy of the seals, and the tables that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg
from aiokafka import TopicPartition
from pydantic import ValidationError

from deploy.sealing import SealPaths
from deploy.topic_offsets import open_consumer
from shared.contracts import JournalSealed
from shared.contracts.seals import SEALS
from shared.database import use_schema
from shared.seals import JournalCheck, find_seal_faults
from shared.seals.journal_check import SealedHead
from shared.seals.seal_file import SealFile
from shared.settings import Settings
from shared.stream.journal import stream_entries

READ_TIMEOUT_MS = 500


@dataclass(frozen=True, slots=True)
class SealCopies:
    """The seals of the trusted keys, by the copy that they are from, and what is wrong with the copies themselves."""

    copies: dict[str, list[JournalSealed]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def newest(self) -> JournalSealed | None:
        """The seal with the highest number of the key that sealed last."""
        return max((seal for seals in self.copies.values() for seal in seals), key=lambda seal: seal.sealed_at, default=None)

    def heads(self, journal: str) -> list[SealedHead]:
        """Return what every copy says of a journal; what two copies say alike once."""
        found = {
            (head, seal.number): where
            for where, seals in reversed(self.copies.items())
            for seal in seals
            for head in seal.journals
            if head.journal == journal
        }
        return [SealedHead(number, head, where) for (head, number), where in found.items()]


async def read_seals(settings: Settings, keys: Sequence[str] = ()) -> SealCopies:
    """Read the seals of the file and of the topic. `keys`: those to trust instead of the ones of the seal folder.

    Raises `KafkaError`, `UnreadableSeals`.
    """
    paths = SealPaths.of(settings)
    trusted = list(keys) or paths.read_trusted_keys()
    in_topic, faults = await _read_topic(settings)
    found = compare_copies({"seal (file)": SealFile(paths.seals).read(), "seal (topic)": in_topic}, trusted)
    found.faults.extend(faults)
    return found


def compare_copies(copies: dict[str, list[JournalSealed]], trusted: Sequence[str]) -> SealCopies:
    """Check each copy of the seals for itself and against the others; where no key is trusted, the first one seen is."""
    trusted = trusted or [seal.public_key for seals in copies.values() for seal in seals][:1]
    result = SealCopies()
    for where, seals in copies.items():
        unknown = sorted({seal.public_key for seal in seals} - set(trusted))
        result.faults.extend(f"{where}: there are seals of the unknown key {key}" for key in unknown)
        kept = result.copies.setdefault(where, [])
        for key in trusted:
            # A copy in a topic may hold a seal twice: it is sent again where it is not known whether it arrived.
            distinct = {seal.body(): seal for seal in seals if seal.public_key == key}
            of_key = sorted(distinct.values(), key=lambda seal: seal.number)
            result.faults.extend(f"{where}: {fault}" for fault in find_seal_faults(of_key, key))
            kept.extend(of_key)
    result.faults.extend(_missing_seals(result.copies))
    return result


def _missing_seals(copies: dict[str, list[JournalSealed]]) -> list[str]:
    """Return a sentence for each copy that lacks seals of another one; the newest may be on its way."""
    everywhere = {(seal.public_key, seal.number) for seals in copies.values() for seal in seals}
    newest: dict[str, int] = {}
    for key, number in everywhere:
        newest[key] = max(number, newest.get(key, 0))
    found = []
    for where, seals in copies.items():
        missing = everywhere - {(seal.public_key, seal.number) for seal in seals}
        numbers = sorted(number for key, number in missing if number < newest[key])
        if numbers:
            found.append(f"{where}: {len(numbers)} are missing, from number {numbers[0]} on")
    return found


async def _read_topic(settings: Settings) -> tuple[list[JournalSealed], list[str]]:
    """Return the seals in the topic, and a sentence for each record that is none."""
    partition = TopicPartition(settings.topic_prefix + SEALS, 0)
    seals: list[JournalSealed] = []
    faults: list[str] = []
    async with open_consumer(settings) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=READ_TIMEOUT_MS)).values():
                for record in records:
                    try:
                        seals.append(JournalSealed.model_validate_json(record.value))
                    except ValidationError:
                        faults.append(f"seal (topic): the record at {record.offset} is none")
    return seals, faults


async def check_journal_of(connection: asyncpg.Connection, journal: str, seals: SealCopies) -> JournalCheck:
    """Check one journal in its schema; the faults are in the result. Must run in a transaction."""
    await use_schema(connection, journal)
    check = JournalCheck(seals.heads(journal))
    async for entry in stream_entries(connection):
        check.add(entry)
    check.finish()
    return check
