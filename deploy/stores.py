"""The engines as commands use them: a service's store or a plain connection, and what to do when something is amiss."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
from aiokafka.errors import KafkaError
from pydantic import SecretStr

from deploy.runtime import addressed
from shared import clock
from shared.database import open_pool
from shared.errors import PermanentError, TransientError
from shared.settings import Settings
from shared.stream import Store

CONNECT_TIMEOUT_S = 10.0  # an address that swallows packets would else take a minute

AWAY = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)
REFUSING = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
UNMADE = (
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
)


class EngineAwayError(TransientError):
    """The broker or the database does not answer."""


class DatabaseRefused(PermanentError):
    """The database does not let this user in, or has no such database."""


class SchemaMissing(PermanentError):
    """The database lacks what a service keeps there."""

    def __init__(self, schema: str) -> None:
        super().__init__(f"The database has no schema of {schema} yet, or an older one: run `gongshi migrate` first.")


@asynccontextmanager
async def opened(settings: Settings, service: str) -> AsyncIterator[Store]:
    """Open the store of a service, and close it at the end; a database that is away is told at once.

    The database is the configured one, else that of what runs in the state directory. Raises `EngineAwayError`,
    `DatabaseRefused`, `SchemaMissing` and `NotRunningError`.
    """
    reached = settings.model_copy(update={"database_url": SecretStr(database_url(settings))})
    with database_told(service):
        async with connected(reached, service):
            pass  # a pool would wait for a database that is away
        pool = await _pool(reached, service)
        try:
            yield Store(pool, clock.now, f"/gongshi/{service}")
        finally:
            await pool.close()


async def _pool(settings: Settings, service: str) -> asyncpg.Pool:
    try:
        return await open_pool(settings, service)
    except asyncpg.InvalidParameterValueError as error:  # there is no such role
        raise SchemaMissing(service) from error


@asynccontextmanager
async def connected(settings: Settings, schema: str = "gongshi") -> AsyncIterator[asyncpg.Connection]:
    """Connect as the user of the address, whose rights are no service's, and disconnect at the end.

    `schema` is what an error says is missing. Raises as `opened` does.
    """
    url = database_url(settings)
    with database_told(schema):
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
        except OSError as error:
            raise _away(error) from error
        try:
            yield connection
        finally:
            await connection.close()


def database_url(settings: Settings) -> str:
    """Return the database's address: the given one, else of what runs in the state directory. Raises `NotRunningError`."""
    return settings.database_url.get_secret_value() or addressed(settings).database_url.get_secret_value()


@contextmanager
def database_told(schema: str) -> Iterator[None]:
    """Tell what the database says in a sentence with what to do; other errors pass."""
    try:
        yield
    except AWAY as error:
        raise _away(error) from error
    except REFUSING as error:
        raise DatabaseRefused(f"The database refuses: {error}. Look at the user and the name in DATABASE_URL.") from error
    except UNMADE as error:
        raise SchemaMissing(schema) from error


@contextmanager
def broker_told() -> Iterator[None]:
    """Tell in a sentence that the broker does not answer, with what to do; other errors pass."""
    try:
        yield
    except KafkaError as error:
        raise EngineAwayError(f"The broker does not answer: {_words(error)}. Look at KAFKA_BOOTSTRAP_SERVERS.") from error


def _away(error: BaseException) -> EngineAwayError:
    return EngineAwayError(f"The database does not answer: {_words(error)}. Look at DATABASE_URL.")


def _words(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
