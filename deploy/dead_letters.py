"""Dead letters of all services: selection by source and time, and replay into the topic that they came from."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from deploy.broker_errors import translate_broker_errors
from deploy.databases import open_database
from deploy.producers import open_producer
from deploy.runtime import resolve_addresses
from shared.settings import Settings
from shared.stream import Database, DeadLetterReason, JournalEntry, OutboxMessage
from shared.stream.dead_letters import DeadLetter, fetch_dead_letters, fetch_newest_dead_letters, mark_replayed
from shared.stream.outbox_publisher import OutboxPublisher

BATCH = 500
SOURCE_HEADER = "ce_source"
SOURCE_FIELD = re.compile(rb'"source"\s*:\s*("(?:[^"\\]|\\.){1,200}")')

Named = tuple[str, DeadLetter]
"""The service that stores a dead letter, and the dead letter."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters to list; `limit` holds for each service."""

    reason: DeadLetterReason | None = None
    source: str = ""
    since: datetime | None = None
    replayed: bool = False
    limit: int = 100

    def has_source(self, dead_letter: DeadLetter) -> bool:
        """Whether it is of the selected source or of a part of it."""
        source = source_of(dead_letter) or ""
        return not self.source or source == self.source or source.startswith(f"{self.source.rstrip('/')}/")


def source_of(dead_letter: DeadLetter) -> str | None:
    """Return the `source` of the event, by its header or from its bytes, which may be no JSON; None where it has none."""
    header = dict(dead_letter.headers).get(SOURCE_HEADER)
    if header is not None:
        return header.decode(errors="replace")
    found = SOURCE_FIELD.search(dead_letter.value or b"")
    try:
        return str(orjson.loads(found[1])) if found else None
    except orjson.JSONDecodeError:
        return None


async def fetch_selection(settings: Settings, services: Sequence[str], selection: Selection) -> list[Named]:
    """Return the selected dead letters of these services, newest first."""
    found: list[Named] = []
    for service in services:
        async with open_database(settings, service) as database:
            found += [(service, dead_letter) for dead_letter in await _fetch_of_service(database, selection)]
    return sorted(found, key=lambda named: named[1].recorded_at, reverse=True)


async def _fetch_of_service(database: Database, selection: Selection) -> list[DeadLetter]:
    """Page through the dead letters, newest first, until enough are of the source."""
    found: list[DeadLetter] = []
    before: int | None = None
    while len(found) < selection.limit:
        async with database.snapshot() as connection:
            page = await fetch_newest_dead_letters(
                connection,
                replayed=selection.replayed,
                reason=selection.reason,
                since=selection.since,
                before_id=before,
                limit=BATCH,
            )
        if not page:
            break
        found += [dead_letter for dead_letter in page if selection.has_source(dead_letter)]
        before = page[-1].id
    return found[: selection.limit]


async def fetch_one(settings: Settings, service: str, number: int) -> DeadLetter | None:
    """Return one dead letter, replayed or not; None where there is none of that number."""
    async with open_database(settings, service) as database, database.snapshot() as connection:
        found = await fetch_dead_letters(connection, ids=[number], replayed=True)
    return found[0] if found else None


async def replay(
    settings: Settings,
    service: str,
    *,
    ids: Sequence[int] | None,
    reason: DeadLetterReason | None,
    corrected: bytes | None = None,
) -> list[int]:
    """Replay dead letters of a service, all of them without `ids`; return the ids of those replayed now.

    One of which only a part is kept goes only where `corrected` replaces it.
    """
    replayed: list[int] = []
    resolved = resolve_addresses(settings)
    with translate_broker_errors():
        # In the operator's own name: the account of the service may not write what others say.
        async with open_database(resolved, service) as database, open_producer(resolved) as producer:
            publisher = OutboxPublisher(producer, settings.topic_prefix)
            while batch := await _replay_batch(
                database, publisher, settings.topic_prefix, ids=ids, reason=reason, corrected=corrected
            ):
                replayed += batch
    return replayed


async def _replay_batch(
    database: Database,
    publisher: OutboxPublisher,
    topic_prefix: str,
    *,
    ids: Sequence[int] | None,
    reason: DeadLetterReason | None,
    corrected: bytes | None,
) -> list[int]:
    """Replay up to 500 dead letters, then mark them: where the commit fails they are sent again, as duplicates."""
    async with database.unit_of_work() as uow:
        found = await fetch_dead_letters(uow.connection, ids=ids, reason=reason, whole=corrected is None, limit=BATCH)
        marked = set(await mark_replayed(uow.connection, [dead_letter.id for dead_letter in found]))
        replayed = [dead_letter for dead_letter in found if dead_letter.id in marked]
        await publisher.publish([_to_message(dead_letter, topic_prefix, corrected) for dead_letter in replayed])
        for dead_letter in replayed:
            detail = {
                "topic": dead_letter.topic,
                "part": dead_letter.part,
                "offset": dead_letter.at_offset,
                "mended": corrected is not None,
            }
            uow.journal(JournalEntry(getpass.getuser(), "dead_letter_replayed", str(dead_letter.id), detail=detail))
    return [dead_letter.id for dead_letter in replayed]


def _to_message(dead_letter: DeadLetter, topic_prefix: str, corrected: bytes | None) -> OutboxMessage:
    """Return the message of a replay. The publisher adds the topic prefix; a header without value is left out."""
    headers = tuple((name, value) for name, value in dead_letter.headers if value is not None)
    value = dead_letter.value if corrected is None else corrected
    return OutboxMessage(dead_letter.topic.removeprefix(topic_prefix), dead_letter.key, headers, value)
