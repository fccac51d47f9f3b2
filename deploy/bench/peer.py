"""The peer's own environment, and its run."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson

from shared.errors import PermanentError

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "quix-requirements.txt"
QUIX = HERE / "quix_peer.py"
# Its dependencies contradict ours, so it is never installed beside us.
ENVIRONMENT = HERE.parent.parent / ".venv-bench"


class PeerFailed(PermanentError):
    """The peer could not be installed or did not finish."""


@dataclass(frozen=True, slots=True)
class PeerResult:
    """What the peer measured of itself."""

    seconds: float
    complaints: int
    cpu_seconds: float
    peak_rss_mb: float


async def quix(bootstrap_servers: str, topic: str, output: str, total: int) -> PeerResult:
    """Run the stats step in Quix Streams over `total` records of a topic."""
    python = await environment()
    answer = await _run(str(python), str(QUIX), bootstrap_servers, topic, output, str(total))
    return PeerResult(**orjson.loads(answer.splitlines()[-1]))


async def environment() -> Path:
    """Return the Python of the peer's environment, made at the first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        await _run(sys.executable, "-m", "venv", str(ENVIRONMENT))
    await _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
    return python


async def _run(*command: str) -> bytes:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    if process.returncode:
        raise PeerFailed(f"{' '.join(command[:3])} failed:\n{errors.decode(errors='replace')[-2000:]}")
    return output
