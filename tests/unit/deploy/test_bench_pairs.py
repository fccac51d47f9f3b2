"""What is said of two commits is the middle of the ratios within pairs, never a ratio of runs that were not side by side."""

from __future__ import annotations

import pytest

from deploy.bench.commits import CommitFailed, resolve
from deploy.bench.pairs import summarize


def run(rate: int, intake: float, kafka: float, peak: int) -> dict[str, object]:
    return {
        "bench": "pipeline",
        "reports": 1_000,
        "complaints_per_second": rate,
        "cpu_seconds": {"intake": intake, "Kafka": kafka},
        "peak_mib": {"intake": peak, "Kafka": 200},
    }


def test_ratios_are_those_within_each_pair():
    # The machine becomes half as fast between the pairs: the ratios do not notice.
    pairs = [
        (run(100, 8, 2, 150), run(200, 4, 1, 140)),
        (run(50, 16, 4, 160), run(100, 8, 2, 130)),
        (run(50, 10, 0.1, 90),) * 2,
    ]

    result = summarize("3b7d083", pairs)

    assert [each["ratio"] for each in result["pairs"]] == [2.0, 2.0, 1.0]
    assert (result["ratio"], result["cpu_ratio"], result["cpu_ratios"]) == (2.0, 0.5, {"intake": 0.5, "Kafka": 0.5})
    assert (result["complaints_per_second"], result["peer_per_second"], result["peer"]) == (100, 50, "3b7d083")
    assert result["peer_peak_mib"]["intake"] == 160


async def test_a_commit_that_does_not_exist_is_named():
    with pytest.raises(CommitFailed, match="rev-parse"):
        await resolve("no-such-commit")
