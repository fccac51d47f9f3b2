"""`gongshi up` on nothing: seconds until all services are ready, beside those of another commit."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from deploy.bench.commits import ROOT, ensure_commit, resolve
from deploy.bench.idle import running
from shared.settings import Settings


async def measure(settings: Settings, vs: str | None, pairs: int) -> dict[str, Any]:
    """Measure this tree, with `vs` after that commit, `pairs` times in turn, each in a new state directory.

    One start of each before that is not counted: it fetches what is missing and makes the broker's class cache.
    """
    here = Path(sys.executable).parent / "gongshi"
    await _seconds_until_ready(ROOT, here, settings)
    if vs is None:
        return {"bench": "up", "seconds": await _seconds_until_ready(ROOT, here, settings)}
    peer = await resolve(vs)
    tree = await ensure_commit(peer)
    there = tree / ".venv" / "bin" / "gongshi"
    await _seconds_until_ready(tree, there, settings)
    runs = [
        (await _seconds_until_ready(tree, there, settings), await _seconds_until_ready(ROOT, here, settings))
        for _ in range(pairs)
    ]
    return summarize(peer, runs)


def summarize(peer: str, runs: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Return this tree's middle time, and the ratios to the peer's start before it: less is better."""
    ratios = [round(ours / theirs, 2) for theirs, ours in runs]
    return {
        "bench": "up",
        "seconds": round(median(ours for _, ours in runs), 2),
        "peer": peer,
        "peer_seconds": round(median(theirs for theirs, _ in runs), 2),
        "ratio": round(median(ratios), 2),
        "pairs": ratios,
    }


async def _seconds_until_ready(tree: Path, gongshi: Path, settings: Settings) -> float:
    home = settings.home.absolute() / f"bench-{secrets.token_hex(4)}"
    started = perf_counter()
    try:
        async with running(tree, gongshi, home):
            return round(perf_counter() - started, 2)
    finally:
        shutil.rmtree(home, ignore_errors=True)
