"""`gongshi migrate` and `gongshi topics`: prepare the database and the broker for the services."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from deploy.broker_errors import translate_broker_errors
from deploy.cli.progress import spinner
from deploy.cli.tables import Format
from deploy.databases import connect_database
from deploy.migrating import bring_up_to_date
from deploy.runtime import resolve_addresses
from shared.contracts.topics import CATALOGUE, DAY_MS, KEEP_FOREVER, Topic
from shared.database import SCHEMAS
from shared.database.logins import read_passwords
from shared.settings import Settings
from shared.stream.access import account_names, ensure_access, file_of
from shared.stream.topics import ensure_topics


def migrate() -> None:
    """Bring every schema of the database up to date; several processes may do so at once.

    Examples:
        gongshi migrate

        DATABASE_URL=postgresql://gongshi:…@db:5432/gongshi gongshi migrate
    """
    with spinner("Bringing schemas up to date"):
        asyncio.run(_migrate(Settings()))
    typer.echo(f"up to date: {', '.join(SCHEMAS)}")


async def _migrate(settings: Settings) -> None:
    async with connect_database(settings):
        # Where the passwords of the logins are given, they are set; the embedded set-up makes its own.
        await bring_up_to_date(settings, read_passwords(settings.database_logins))


def topics(
    *,
    create: Annotated[bool, typer.Option("--create", help="Create the topics that the broker lacks.")] = False,
    replication: Annotated[int, typer.Option(min=1, help="Replicas of each new topic; a cluster of brokers needs 3.")] = 1,
    output: Annotated[Format, typer.Option("--format", help="How to show the catalogue.")] = Format.TABLE,
) -> None:
    """Show the catalogue of topics, or create the missing ones.

    Examples:
        gongshi topics

        gongshi topics --create --replication 3
    """
    settings = Settings()
    if create:
        created = _create(settings, replication)
        typer.echo(f"created: {', '.join(created)}" if created else "all topics exist")
    elif output is Format.JSON:
        topics = [asdict(topic) | {"name": settings.topic_prefix + topic.name} for topic in CATALOGUE]
        typer.echo(orjson.dumps(topics).decode())
    else:
        typer.echo("\n\n".join(describe_topic(settings.topic_prefix, topic) for topic in CATALOGUE))


def _create(settings: Settings, replication: int) -> list[str]:
    resolved = settings if settings.kafka_bootstrap_servers else resolve_addresses(settings)
    with translate_broker_errors(), spinner("Creating topics"):
        return asyncio.run(_create_topics(resolved, replication))


async def _create_topics(settings: Settings, replication: int) -> list[str]:
    """Create topics and, where passwords of the services' accounts are given, the accounts with their rights."""
    created = await ensure_topics(settings, replication)
    passwords = read_passwords(settings.kafka_accounts, account_names(), file_of)
    if passwords and settings.kafka_has_account:
        await ensure_access(settings, passwords)
    return created


def describe_topic(prefix: str, topic: Topic) -> str:
    """Return the catalogue's entry of a topic, in three lines."""
    days = "for ever" if topic.retention_ms == KEEP_FOREVER else f"{topic.retention_ms // DAY_MS} days"
    retention = "the newest of each key is kept" if topic.compacted else f"kept {days}"
    return (
        f"{prefix}{topic.name}: {topic.owner} → {', '.join(topic.consumers)}\n"
        f"  {topic.partitions} partitions by {topic.key}; {retention}\n"
        f"  {topic.sentence}"
    )
