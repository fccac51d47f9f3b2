"""The state file: what runs on this machine, read by the other commands.

`runtime.json` in the state directory is readable by its owner only: it holds the password of the database and, in a
demo, those of the synthetic staff.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from pydantic import BaseModel, SecretStr

from deploy.embedded.state_directory import is_running
from shared.errors import GongshiError
from shared.settings import Settings

FILE_NAME = "runtime.json"
MAX_PORT = 65_535


class RunningService(BaseModel):
    """One service: its URL and its current process id."""

    url: str
    pid: int


class DemoAccount(BaseModel):
    """A synthetic person of the demo, with the password in clear text."""

    name: str
    role: str
    password: str


class KafkaAccess(BaseModel):
    """How a client reaches the broker; without a user name there are no accounts.

    transactional_id_prefix: what the `transactional.id` of a producer with this account begins with.
    """

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    username: str | None = None
    password: str | None = None
    topic: str | None = None
    transactional_id_prefix: str | None = None


class DemoSource(BaseModel):
    """The demo's source of complaint events, its key, and its account at the broker."""

    name: str
    key: str
    kafka: KafkaAccess | None = None


class Runtime(BaseModel):
    """What runs in one state directory. pid: that of the supervisor; reader_key: reads figures that are not released."""

    pid: int
    kafka_bootstrap_servers: str
    kafka: KafkaAccess | None = None
    kafka_accounts: Path | None = None
    database_logins: Path | None = None
    database_url: str
    services: dict[str, RunningService] = {}
    accounts: list[DemoAccount] = []
    source: DemoSource | None = None
    reader_key: str | None = None


class NotRunningError(GongshiError):
    """Nothing runs, and no addresses are configured."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"Nothing runs in {home.absolute()}. Start it with `gongshi up` or `gongshi demo` in another terminal, "
            "or name a broker and a database in KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL."
        )


class InvalidBootstrapServers(GongshiError):
    """KAFKA_BOOTSTRAP_SERVERS is a list of HOST:PORT with commas between."""


def check_bootstrap_servers(servers: str) -> None:
    """Raise `InvalidBootstrapServers` for a port that is none: the client would fail on it with an error of its own code."""
    for server in filter(None, servers.split(",")):
        host, separator, port = server.strip().rpartition(":")
        if separator and not host.endswith(":") and not (port.isdecimal() and int(port) <= MAX_PORT):
            raise InvalidBootstrapServers(
                f"KAFKA_BOOTSTRAP_SERVERS is a list of HOST:PORT with commas between, ports up to {MAX_PORT}; not {server!r}."
            )


def write(home: Path, runtime: Runtime) -> None:
    """Replace the state file atomically: a reader sees the old or the new one."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=home, prefix=FILE_NAME, delete=False) as temporary:
        temporary.write(runtime.model_dump_json(indent=2))
    Path(temporary.name).replace(home / FILE_NAME)


def read(home: Path) -> Runtime | None:
    """Return what runs in this state directory; None if nothing does or its supervisor has died."""
    try:
        runtime = Runtime.model_validate_json((home / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return None
    return runtime if is_running(runtime.pid) else None


def remove(home: Path) -> None:
    """Delete the state file."""
    (home / FILE_NAME).unlink(missing_ok=True)


def resolve_addresses(settings: Settings) -> Settings:
    """Return the settings, missing addresses filled in from the state file. Raises `NotRunningError`."""
    check_bootstrap_servers(settings.kafka_bootstrap_servers)
    if settings.kafka_bootstrap_servers and settings.database_url.get_secret_value():
        return settings
    runtime = read(settings.home)
    if runtime is None:
        raise NotRunningError(settings.home)
    return settings.model_copy(update={**_database_settings(settings, runtime), **_kafka_settings(settings, runtime)})


def _database_settings(settings: Settings, runtime: Runtime) -> dict[str, object]:
    """Return the database's address and the folder of its logins' passwords, unless a database is configured."""
    if settings.database_url.get_secret_value():
        return {}
    logins = settings.database_logins or runtime.database_logins
    return {"database_url": SecretStr(runtime.database_url), "database_logins": logins}


def kafka_access(settings: Settings) -> KafkaAccess:
    """Return how a process with these settings reaches the broker."""
    servers, protocol = settings.kafka_bootstrap_servers, settings.kafka_security_protocol
    if not settings.kafka_has_account:
        return KafkaAccess(bootstrap_servers=servers, security_protocol=protocol)
    return KafkaAccess(
        bootstrap_servers=servers,
        security_protocol=protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_sasl_username,
        password=settings.read_kafka_password(),
    )


def _kafka_settings(settings: Settings, runtime: Runtime) -> dict[str, object]:
    """Return the broker's address and the supervisor's account, unless a broker is configured."""
    if settings.kafka_bootstrap_servers:
        return {}
    if runtime.kafka is None or runtime.kafka.username is None:
        return {"kafka_bootstrap_servers": runtime.kafka_bootstrap_servers}
    return {
        "kafka_accounts": settings.kafka_accounts or runtime.kafka_accounts,
        "kafka_bootstrap_servers": runtime.kafka.bootstrap_servers,
        "kafka_security_protocol": runtime.kafka.security_protocol,
        "kafka_sasl_mechanism": runtime.kafka.sasl_mechanism,
        "kafka_sasl_username": runtime.kafka.username,
        "kafka_sasl_password": SecretStr(runtime.kafka.password or ""),
        "kafka_sasl_password_file": None,
    }
