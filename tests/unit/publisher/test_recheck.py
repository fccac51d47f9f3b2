"""Rechecking: a transient difference is none, a lasting one is, and beyond a limit the rest is counted."""

from __future__ import annotations

import pytest

from services.publisher.store.verification import MAX_DIFFERENCES
from services.publisher.verification.recheck import ROUNDS, find_suspects, recheck


class CountingProbe:
    """A probe that finds a difference in its first `times` runs."""

    def __init__(self, name, times):
        self.name, self.times, self.runs = name, times, 0

    async def probe(self):
        self.runs += 1
        return [self.name] if self.runs <= self.times else []


async def test_every_probe_runs_once_and_those_that_differ_are_suspects():
    probes = [CountingProbe(str(n), n % 2) for n in range(9)]
    advances = []

    suspects = await find_suspects([probe.probe for probe in probes], advances.append)

    assert [probe.__self__.name for probe in suspects] == ["1", "3", "5", "7"]
    assert {probe.runs for probe in probes} == {1}
    assert sum(advances) == len(probes)


async def test_a_transient_difference_is_none():
    passing, staying = CountingProbe("passing", ROUNDS - 1), CountingProbe("staying", ROUNDS)

    assert await recheck([passing.probe, staying.probe], 0) == ["staying"]


async def test_a_suspect_that_no_longer_differs_is_probed_once_more_only():
    probe = CountingProbe("passed", 0)

    assert await recheck([probe.probe], 0) == []
    assert probe.runs == 1


async def test_beyond_the_limit_suspects_are_counted_and_not_probed():
    probes = [CountingProbe(str(n), ROUNDS) for n in range(2 * MAX_DIFFERENCES + 7)]

    found = await recheck([probe.probe for probe in probes], 0)

    assert len(found) == MAX_DIFFERENCES + 1
    assert found[-1] == f"{MAX_DIFFERENCES + 7} more places differed at the first look"
    assert {probe.runs for probe in probes[MAX_DIFFERENCES:]} == {0}


async def test_beyond_the_limit_the_differences_of_one_probe_are_counted():
    async def probe():
        return [str(n) for n in range(MAX_DIFFERENCES + 3)]

    found = await recheck([probe], 0)

    assert found == [*(str(n) for n in range(MAX_DIFFERENCES)), "3 more differences were found"]


async def test_a_difference_behind_many_transient_ones_is_found():
    probes = [*(CountingProbe(str(n), 0) for n in range(MAX_DIFFERENCES)), CountingProbe("last", ROUNDS)]

    assert await recheck([probe.probe for probe in probes], 0) == ["last"]


async def test_an_error_of_a_probe_is_raised():
    async def failing():
        raise RuntimeError("away")

    with pytest.raises(RuntimeError, match="away"):
        await find_suspects([CountingProbe("other", 0).probe, failing], lambda _: None)
