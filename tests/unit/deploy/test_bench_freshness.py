"""Freshness can be measured at a share of what the pipeline reaches on this machine."""

from __future__ import annotations

from deploy.bench import freshness
from shared.settings import Settings


async def test_the_rate_is_a_share_of_what_the_pipeline_reached_just_before(monkeypatch):
    async def reach(*_):
        return {"complaints_per_second": 4_001}

    async def measure(_, rate, *__):
        return {"reports_per_second": rate, "p99_s": 0.4}

    monkeypatch.setattr(freshness.pipeline, "measure", reach)
    monkeypatch.setattr(freshness, "measure", measure)

    result = await freshness.measure_share(Settings(), 0.5, 60, 1, lambda _: None)

    assert result == {"reports_per_second": 2_000, "p99_s": 0.4, "share": 0.5, "pipeline_per_second": 4_001}
