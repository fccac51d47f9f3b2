"""The flood goes to this machine only, and each target is missed by its own number alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from deploy.bench.flood import Flood, FloodPlan, NotLoopback
from deploy.bench.hostile import Phase, judge

QUIET = Phase(
    pages=[0.02] * 100,
    failures=Counter(),
    recalls=[0.2],
    sign_ins=[0.1],
    lags=[30],
    peak_mib={"intake": 150, "publisher": 200},
    cpu_s={"intake": 1.0},
)


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"pages": [0.501] * 100}, "pages_p95"),
        ({"failures": Counter({"503": 1})}, "pages_p95"),
        ({"recalls": [0.2, 1.1]}, "recall"),
        ({"peak_mib": {"intake": 513, "publisher": 200}}, "peak_mib"),
        ({"lags": [90]}, "lag"),
    ],
)
def test_a_target_is_missed_by_its_own_number(change, missed):
    reached = judge([QUIET], [replace(QUIET, **change)])["reached"]

    assert [name for name, is_reached in reached.items() if not is_reached] == [missed]


def test_ratios_are_the_middle_of_those_within_each_pair():
    # The machine becomes ten times as slow in the third pair: the ratios do not notice.
    factors = [(0.02, 0.05), (0.02, 0.03), (0.2, 0.5)]
    quiet = [replace(QUIET, pages=[before] * 100) for before, _ in factors]
    flooded = [replace(QUIET, pages=[after] * 100) for _, after in factors]

    result = judge(quiet, flooded)

    assert result["ratios"]["pages_p95"] == 2.5
    assert {result["ratios"][name] for name in ("recall_worst", "sign_in_worst", "lag_median", "peak_mib")} == {1.0}
    assert (result["quiet"]["pages"]["p95_ms"], result["flooded"]["pages"]["p95_ms"]) == (200.0, 500.0)


@pytest.mark.parametrize("url", ["http://192.0.2.1:8700", "http://[2001:db8::1]:8700"])
def test_a_flood_of_another_machine_is_refused(url):
    with pytest.raises(NotLoopback):
        Flood(FloodPlan("http://127.0.0.1:8700", url, ("demo",), "x", 0, 1))


async def test_a_flood_ends_when_its_time_is_over_and_counts_what_came_back():
    seen = []

    async def answer(reader, writer):
        seen.append((writer.get_extra_info("peername")[0], (await reader.readline()).decode().split(" ")[1]))
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    began = []
    answers = await Flood(FloodPlan(base, base, ("demo",), "x", 0, 0.2), {"sign_ins": 4, "bodies": 2}).run(
        lambda: began.append(len(seen))
    )
    server.close()

    assert began
    assert {kind: sum(counts.values()) for kind, counts in answers.items()} == {"sign_ins": 4, "bodies": 2}
    assert {status for counts in answers.values() for status in counts} <= {"503", "closed"}
    assert {address for address, _ in seen} == {f"127.0.1.{number}" for number in range(1, 5)}
    assert {path for _, path in seen} == {"/desk/sign-in", "/screens/demo/acks", "/corrections/new?item=x"}
