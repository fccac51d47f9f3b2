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


class DemoSource(BaseModel):
    """The demo's source of complaint events and its key."""

    name: str
    key: str


class Runtime(BaseModel):
    """What runs in one state directory. pid: that of the supervisor; reader_key: reads figures that are not released."""

    pid: int
    kafka_bootstrap_servers: str
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
    servers = settings.kafka_bootstrap_servers or runtime.kafka_bootstrap_servers
    url = settings.database_url.get_secret_value() or runtime.database_url
    return settings.model_copy(update={"kafka_bootstrap_servers": servers, "database_url": SecretStr(url)})
