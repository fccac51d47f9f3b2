"""Starts of two commits are compared within pairs."""

from __future__ import annotations

from deploy.bench.up import summarize


def test_ratios_are_those_within_each_pair() -> None:
    # The machine becomes half as fast after the first pair: the ratios do not notice.
    result = summarize("3b7d083", [(5.0, 10.0), (10.0, 20.0), (10.0, 5.0)])

    assert (result["pairs"], result["ratio"]) == ([2.0, 2.0, 0.5], 2.0)
    assert (result["seconds"], result["peer_seconds"], result["peer"]) == (10.0, 10.0, "3b7d083")
