"""Runs of two commits in turn (A B A B), and the ratios of each pair: only what was measured side by side is compared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import Any

from deploy.bench.commits import ensure_commit, resolve, run_bench

Result = Mapping[str, Any]


async def measure_pairs(
    commit: str, pairs: int, arguments: Sequence[str], measure_here: Callable[[], Awaitable[Result]]
) -> dict[str, Any]:
    """Measure `commit`, then this tree, `pairs` times, and return this tree's middle run with the ratios."""
    peer = await resolve(commit)
    tree = await ensure_commit(peer)
    runs = [(await run_bench(tree, *arguments), await measure_here()) for _ in range(pairs)]
    return summarize(peer, runs)


def summarize(peer: str, runs: Sequence[tuple[Result, Result]]) -> dict[str, Any]:
    """Return the run of this tree with the median rate, and the medians of the ratios to the peer's run before it.

    `ratio` is of reports a second: more is better. `cpu_ratio` is of processor seconds a report: less is better.
    """
    ratios = [_pair(theirs, ours) for theirs, ours in runs]
    ours = sorted((ours for _, ours in runs), key=_rate)[len(runs) // 2]
    return {
        **ours,
        "peer": peer,
        "peer_per_second": round(median(_rate(theirs) for theirs, _ in runs)),
        "ratio": round(median(each["ratio"] for each in ratios), 2),
        "cpu_ratio": round(median(each["cpu_ratio"] for each in ratios), 2),
        "cpu_ratios": {
            name: round(median(ours["cpu_seconds"][name] / theirs["cpu_seconds"][name] for theirs, ours in runs), 2)
            for name in runs[0][1]["cpu_seconds"]
        },
        "pairs": ratios,
        "peer_peak_mib": {name: max(theirs["peak_mib"][name] for theirs, _ in runs) for name in runs[0][0]["peak_mib"]},
    }


def _pair(theirs: Result, ours: Result) -> dict[str, float]:
    return {"ratio": round(_rate(ours) / _rate(theirs), 2), "cpu_ratio": round(_cpu(ours) / _cpu(theirs), 2)}


def _rate(run: Result) -> float:
    return float(run["complaints_per_second"])


def _cpu(run: Result) -> float:
    return float(sum(run["cpu_seconds"].values())) / float(run["reports"])
