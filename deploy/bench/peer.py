"""The peer's virtual environment and its run."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from shared.errors import PermanentError

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "quix-requirements.txt"
QUIX = HERE / "quix_peer.py"
# Its dependencies conflict with ours, so it has an environment of its own.
ENVIRONMENT = HERE.parent.parent / ".venv-bench"


class PeerFailed(PermanentError):
    """The peer could not be installed or did not finish."""


@dataclass(frozen=True, slots=True)
class PeerResult:
    """The peer's own measurement."""

    seconds: float
    complaints: int
    cpu_seconds: float
    peak_rss_mb: float


async def run_quix(broker: Mapping[str, str], topic: str, output: str, total: int) -> PeerResult:
    """Run the stats step in Quix Streams over `total` records of a topic. `broker`: properties of librdkafka."""
    python = await ensure_environment()
    # By the environment: other accounts of the machine can read the arguments of a process.
    environment = {**os.environ, "QUIX_BROKER": orjson.dumps(broker).decode()}
    output_lines = await _run(str(python), str(QUIX), topic, output, str(total), environment=environment)
    return PeerResult(**orjson.loads(output_lines.splitlines()[-1]))


async def ensure_environment() -> Path:
    """Return the Python of the peer's environment, created at the first use."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        await _run(sys.executable, "-m", "venv", str(ENVIRONMENT))
    await _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(REQUIREMENTS))
    return python


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
