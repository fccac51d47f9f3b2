"""Access of commands to the database of a service, with errors translated into sentences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from deploy.runtime import resolve_addresses
from shared import clock
from shared.database import create_pool, describe_database_error
from shared.database.logins import login_url, with_password
from shared.errors import PermanentError, TransientError
from shared.settings import Settings
from shared.stream import Database

CONNECT_TIMEOUT_S = 10.0  # an address that drops packets would take a minute

UNAVAILABLE = (
    ConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)
ACCESS_DENIED = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)
SCHEMA_MISSING = (
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
)


class EngineUnavailable(TransientError):
    """The broker or the database does not answer."""


class DatabaseAccessDenied(PermanentError):
    """The database rejects this user, or has no such database."""


class SchemaMissing(PermanentError):
    """The schema of a service is missing or outdated."""

    def __init__(self, schema: str) -> None:
        super().__init__(f"The database has no schema of {schema} yet, or an older one: run `gongshi migrate` first.")


@asynccontextmanager
async def open_database(settings: Settings, service: str, *, login: str = "") -> AsyncIterator[Database]:
    """Open the database of a service, and close it at the end; an unavailable database fails at once.

    `login`: another one than the service's.

    The database is the configured one, otherwise that of what runs in the state directory. Raises `EngineUnavailable`,
    `DatabaseAccessDenied`, `SchemaMissing` and `NotRunningError`.
    """
    resolved = _resolve(settings)
    with translate_database_errors(service):
        async with connect_database(resolved, service):
            pass  # a pool would wait for an unavailable database
        pool = await _create_pool(resolved, service, login)
        try:
            yield Database(pool, clock.now, f"/gongshi/{service}")
        finally:
            await pool.close()


async def _create_pool(settings: Settings, service: str, login: str) -> asyncpg.Pool:
    try:
        return await create_pool(settings, service, login=login)
    except asyncpg.InvalidParameterValueError as error:  # the role does not exist
        raise SchemaMissing(service) from error


@asynccontextmanager
async def connect_database(
    settings: Settings, schema: str = "gongshi", *, login: str = ""
) -> AsyncIterator[asyncpg.Connection]:
    """Connect as the user in the URL, or as `login` where its password is known, and disconnect at the end.

    `schema`: named by `SchemaMissing`. Raises the same errors as `open_database`.
    """
    resolved = _resolve(settings)
    url = login_url(resolved, login) if login else with_password(resolved)
    with translate_database_errors(schema):
        try:
            connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S)
        except (OSError, OverflowError) as error:  # a port beyond 65,535 overflows
            raise _unavailable(error) from error
        try:
            yield connection
        finally:
            await connection.close()


def _resolve(settings: Settings) -> Settings:
    """Return the settings with the address of a database: the configured one, otherwise that of what runs here."""
    return settings if settings.database_url.get_secret_value() else resolve_addresses(settings)


def database_url(settings: Settings) -> str:
    """Return the database's URL: the configured one, otherwise from the state file. Raises `NotRunningError`."""
    return with_password(settings) or resolve_addresses(settings).database_url.get_secret_value()


@contextmanager
def translate_database_errors(schema: str) -> Iterator[None]:
    """Translate errors of the database into a sentence with what to do; other errors pass."""
    try:
        yield
    except UNAVAILABLE as error:
        raise _unavailable(error) from error
    except ACCESS_DENIED as error:
        sentence = f"The database refuses: {message_of(error)}. Look at the user and the name in DATABASE_URL."
        raise DatabaseAccessDenied(sentence) from error
    except SCHEMA_MISSING as error:
        raise SchemaMissing(schema) from error


def _unavailable(error: BaseException) -> EngineUnavailable:
    return EngineUnavailable(f"The database does not answer: {message_of(error)}. Look at DATABASE_URL.")


def message_of(error: BaseException) -> str:
    """Return an error's words, without the rows that PostgreSQL quotes in its details."""
    if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError):
        return describe_database_error(error)
    return str(error).rstrip(".") or type(error).__name__
