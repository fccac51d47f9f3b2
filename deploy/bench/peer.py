"""The peers of the stats step: how each is prepared on this machine, and its run as a program.

Each takes the topic, a topic for what it says and the number of records as arguments, and the properties of a client of the
broker as JSON in PEER_BROKER; the last line of its output is a `PeerResult` as JSON.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from deploy.bench import java_peer
from deploy.bench.meter import Usage
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.client_options import java_options, librdkafka_options

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "quix-requirements.txt"
QUIX = HERE / "quix_peer.py"
# Its dependencies conflict with ours, so it has an environment of its own.
ENVIRONMENT = HERE.parent.parent / ".venv-bench"


class PeerFailed(PermanentError):
    """The peer could not be installed or did not finish."""


class Peer(StrEnum):
    """Systems to compare with."""

    QUIX = "quix"
    KAFKA_STREAMS = "kafka-streams"


@dataclass(frozen=True, slots=True)
class PeerResult:
    """The peer's own measurement: seconds from its first record to its last, complaints counted, its whole process's usage."""

    seconds: float
    complaints: int
    cpu_seconds: float
    peak_rss_mb: float

    @property
    def used(self) -> Usage:
        """The usage of its process from start to end."""
        return Usage(self.cpu_seconds, self.peak_rss_mb)


@dataclass(frozen=True, slots=True)
class Program:
    """How a peer is run: `prepare` returns its command, made ready in a folder; `broker` the properties of its clients."""

    prepare: Callable[[Settings, Path], Awaitable[tuple[str, ...]]]
    broker: Callable[[Settings], dict[str, str]]


@asynccontextmanager
async def prepared(peer: Peer, settings: Settings) -> AsyncIterator[tuple[str, ...]]:
    """Yield the peer's command. Raises `PeerFailed`, and `java_peer.CompilerMissing` where the machine lacks one."""
    with TemporaryDirectory(prefix="gongshi-peer-") as folder:
        yield await PROGRAMS[peer].prepare(settings, Path(folder))


async def run_peer(peer: Peer, command: tuple[str, ...], settings: Settings, topic: str, output: str, total: int) -> PeerResult:
    """Run the stats step of a peer over `total` records of a topic."""
    # By the environment: other accounts of the machine can read the arguments of a process.
    environment = {**os.environ, "PEER_BROKER": orjson.dumps(PROGRAMS[peer].broker(settings)).decode()}
    lines = await _run(*command, topic, output, str(total), environment=environment)
    return PeerResult(**orjson.loads(lines.splitlines()[-1]))


async def _prepare_quix(_settings: Settings, _folder: Path) -> tuple[str, ...]:
    """Return the command in the peer's environment, created at the first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        await _run(sys.executable, "-m", "venv", str(ENVIRONMENT))
    await _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
    return str(python), str(QUIX)


async def _prepare_kafka_streams(settings: Settings, folder: Path) -> tuple[str, ...]:
    """Return the command of the compiled source."""
    compiler = java_peer.compiler()
    class_path = await asyncio.to_thread(java_peer.class_path, settings.cache, folder)
    await _run(*java_peer.compilation(compiler, class_path, folder))
    return java_peer.command(class_path, folder)


PROGRAMS: Mapping[Peer, Program] = {
    Peer.QUIX: Program(_prepare_quix, librdkafka_options),
    Peer.KAFKA_STREAMS: Program(_prepare_kafka_streams, java_options),
}


async def _run(*command: str, environment: Mapping[str, str] | None = None) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode:
        raise PeerFailed(f"{' '.join(command[:3])} failed:\n{errors.decode(errors='replace')[-2000:]}")
    return output
