"""`gongshi migrate` and `gongshi topics`: make the database and the broker ready for the services."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from deploy.cli.progress import working
from deploy.cli.status import Format
from deploy.runtime import addressed
from deploy.stores import broker_told, connected, database_url
from shared.contracts.topics import CATALOGUE, DAY_MS, FOREVER, Topic
from shared.database import SCHEMAS
from shared.database import migrate as migrate_database
from shared.settings import Settings
from shared.stream.topics import ensure_topics


def migrate() -> None:
    """Bring every schema of the database up to date; several processes may do it at once.

    Examples:
        gongshi migrate

        DATABASE_URL=postgresql://gongshi:…@db:5432/gongshi gongshi migrate
    """
    with working("Bringing schemas up to date"):
        asyncio.run(_migrate(Settings()))
    typer.echo(f"up to date: {', '.join(SCHEMAS)}")


async def _migrate(settings: Settings) -> None:
    async with connected(settings):
        await migrate_database(database_url(settings))


def topics(
    *,
    create: Annotated[bool, typer.Option("--create", help="Make the topics that the broker does not have yet.")] = False,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each new topic; a cluster of brokers wants 3.")] = 1,
    output: Annotated[Format, typer.Option("--format", help="How to show the catalogue.")] = Format.TABLE,
) -> None:
    """Show the catalogue of topics, or make those that are missing.

    Examples:
        gongshi topics

        gongshi topics --create --replication 3
    """
    settings = Settings()
    if create:
        made = _create(settings, replication)
        typer.echo(f"made: {', '.join(made)}" if made else "all topics are there")
    elif output is Format.JSON:
        topics = [asdict(topic) | {"name": settings.topic_prefix + topic.name} for topic in CATALOGUE]
        typer.echo(orjson.dumps(topics).decode())
    else:
        typer.echo("\n\n".join(described(settings.topic_prefix, topic) for topic in CATALOGUE))


def _create(settings: Settings, replication: int) -> list[str]:
    with broker_told(), working("Making topics"):
        return asyncio.run(ensure_topics(settings if settings.kafka_bootstrap_servers else addressed(settings), replication))


def described(prefix: str, topic: Topic) -> str:
    """Return what the catalogue says of a topic, in three lines."""
    days = "for ever" if topic.retention_ms == FOREVER else f"{topic.retention_ms // DAY_MS} days"
    kept = "the newest of each key is kept" if topic.compacted else f"kept {days}"
    return (
        f"{prefix}{topic.name}: {topic.owner} → {', '.join(topic.consumers)}\n"
        f"  {topic.partitions} partitions by {topic.key}; {kept}\n"
        f"  {topic.sentence}"
    )
