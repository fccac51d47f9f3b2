"""The idle system: what all processes of `gongshi up` cost while nothing comes in, beside those of another commit."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGTERM
from statistics import median
from typing import Any

from deploy.bench.commits import ROOT, ensure_commit, resolve
from deploy.bench.meter import cpu_by_part
from deploy.embedded.ports import ephemeral_port
from shared.errors import PermanentError
from shared.settings import Settings

READY = b"Everything is ready"
# What a start leaves behind (first claims, pages, vacuum of new tables) is over by then.
SETTLE_S = 20.0
READY_WITHIN_S = 180.0
STOP_WITHIN_S = 60.0
# In command lines, in this order; what has none of them is the supervisor, with its guards.
PARTS = {
    "deploy.serving intake": "intake",
    "deploy.serving stats": "stats",
    "deploy.serving publisher": "publisher",
    "deploy.serving corrections": "corrections",
    "kafka.Kafka": "Kafka",
    "postgres": "PostgreSQL",
}
REST = "supervisor"
LISTENERS = ("KAFKA", "POSTGRES", "PUBLISHER", "INTAKE", "STATS", "CORRECTIONS")


class NotReady(PermanentError):
    """`gongshi up` did not become ready."""


async def measure(settings: Settings, seconds: float, vs: str | None, pairs: int) -> dict[str, Any]:
    """Measure this tree, with `vs` after that commit, `pairs` times in turn. Processor time is that of all processes.

    `core_share`: of one core. `ratio`: to the commit's, the median of the pairs; less is better.
    """
    here = Path(sys.executable).parent / "gongshi"
    if vs is None:
        return _report(seconds, await _measure_idle(ROOT, here, settings, seconds))
    peer = await resolve(vs)
    tree = await ensure_commit(peer)
    there = tree / ".venv" / "bin" / "gongshi"
    runs = [
        (await _measure_idle(tree, there, settings, seconds), await _measure_idle(ROOT, here, settings, seconds))
        for _ in range(pairs)
    ]
    return summarize(peer, seconds, runs)


def summarize(peer: str, seconds: float, runs: Sequence[tuple[Mapping[str, float], Mapping[str, float]]]) -> dict[str, Any]:
    """Return this tree's middle run, with the ratios of processor time to the peer's run before it."""
    ratios = [round(sum(ours.values()) / sum(theirs.values()), 2) for theirs, ours in runs]
    ours = sorted((ours for _, ours in runs), key=lambda run: sum(run.values()))[len(runs) // 2]
    shares = [sum(theirs.values()) / seconds for theirs, _ in runs]
    return {**_report(seconds, ours), "peer": peer, "peer_core_share": round(median(shares), 4),
            "ratio": median(ratios), "pairs": ratios}  # fmt: skip


def _report(seconds: float, used: Mapping[str, float]) -> dict[str, Any]:
    return {
        "bench": "idle",
        "seconds": seconds,
        "core_share": round(sum(used.values()) / seconds, 4),
        "cpu_seconds": {name: round(cpu_s, 2) for name, cpu_s in sorted(used.items())},
    }


async def _measure_idle(tree: Path, gongshi: Path, settings: Settings, seconds: float) -> dict[str, float]:
    """Return the processor seconds of each part of an idle system, in a state directory of its own, deleted afterwards."""
    home = settings.home.absolute() / f"bench-{secrets.token_hex(4)}"
    try:
        async with running(tree, gongshi, home) as pid:
            await asyncio.sleep(SETTLE_S)
            before = cpu_by_part(pid, PARTS, REST)
            await asyncio.sleep(seconds)
            after = cpu_by_part(pid, PARTS, REST)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return {part: cpu_s - before.get(part, 0.0) for part, cpu_s in after.items()}


@asynccontextmanager
async def running(tree: Path, gongshi: Path, home: Path) -> AsyncIterator[int]:
    """Run `gongshi up` of a tree, and yield its process id once everything is ready."""
    # Ports of its own: a commit of before takes another system's broker for its own.
    ports = {f"GONGSHI_{name}_PORT": str(ephemeral_port()) for name in LISTENERS}
    environment = {**os.environ, "GONGSHI_HOME": str(home), **ports}
    process = await asyncio.create_subprocess_exec(gongshi, "up", cwd=tree, stdout=asyncio.subprocess.PIPE, env=environment)
    if process.stdout is None:
        raise NotReady
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while READY not in (line := await process.stdout.readline()):
                if not line:
                    raise NotReady
        yield process.pid
    finally:
        if process.returncode is None:
            process.send_signal(SIGTERM)
            async with asyncio.timeout(STOP_WITHIN_S):
                await process.wait()
