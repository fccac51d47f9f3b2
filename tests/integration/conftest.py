"""One real Kafka and one real PostgreSQL per run; a template database cloned per test, own topics per test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import expect
from pydantic import SecretStr

from deploy.embedded.engines import Engines
from deploy.embedded.kafka import Anonymous
from shared.database import migrate
from shared.database.logins import make_passwords
from shared.settings import Settings
from shared.stream.topics import ensure_topics
from tests.pages import PAGE_TIMEOUT_S

TEMPLATE = "gongshi_template"
expect.set_options(timeout=PAGE_TIMEOUT_S * 1000)
# A database that is cloned for every test needs no protection from a power failure: most of the time of a clone is that.
# What survives the crash of a process does so all the same; engines of the crash and the embedded tests keep the defaults.
DISPOSABLE = {"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}


def replace_database(url: str, name: str) -> str:
    """Return the URL with another database in it."""
    head, _, tail = url.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + ("?" + tail if tail else "")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engines]:
    """Kafka and PostgreSQL, started once."""
    home = tmp_path_factory.mktemp("engines")
    options = {"postgres_settings": DISPOSABLE, "kafka_anonymous": Anonymous.SUPER_USER}
    async with Engines(home, kafka_port=0, postgres_port=0, **options) as engines:
        yield engines


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template(engines: Engines) -> str:
    """The name of a migrated database that tests clone."""
    connection = await asyncpg.connect(engines.database_url)
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    await migrate(replace_database(engines.database_url, TEMPLATE), make_passwords(engines.home / "logins"))
    return TEMPLATE


async def clone(admin: asyncpg.Connection, template: str, name: str) -> None:
    """Create a database like the template; copying the files of a small one takes half as long as through the log."""
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")


@asynccontextmanager
async def fresh_database(engines: Engines, template: str, home: Path) -> AsyncIterator[Settings]:
    """Yield settings with a database of their own and no topics, for what talks to no broker."""
    name = f"test_{uuid4().hex[:12]}"
    admin = await asyncpg.connect(engines.database_url)
    await clone(admin, template, name)
    yield Settings(
        kafka_bootstrap_servers=engines.kafka_bootstrap_servers,
        database_url=SecretStr(replace_database(engines.database_url, name)),
        database_logins=engines.home / "logins",
        topic_prefix=f"{name}.",
        home=home,
        session_timeout_ms=6_000,
    )
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@asynccontextmanager
async def fresh_system(engines: Engines, template: str, home: Path) -> AsyncIterator[Settings]:
    """Yield the settings of a fresh system: its own database and its own topics."""
    async with fresh_database(engines, template, home) as settings:
        await ensure_topics(settings)
        yield settings


@pytest_asyncio.fixture(loop_scope="session")
async def database(engines: Engines, template: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a fresh database, without topics."""
    async with fresh_database(engines, template, tmp_path) as settings:
        yield settings


@pytest_asyncio.fixture(loop_scope="session")
async def settings(engines: Engines, template: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a fresh system."""
    async with fresh_system(engines, template, tmp_path) as settings:
        yield settings
