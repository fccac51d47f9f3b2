"""The flood goes to this machine only, and each target is missed by its own number alone."""

from __future__ import annotations

import asyncio
from copy import deepcopy

import pytest

from deploy.bench.flood import Flood, FloodPlan, NotLoopback
from deploy.bench.hostile import judge

QUIET = {
    "pages": {"p95_ms": 20.0},
    "pages_failed": {},
    "recall_s": {"worst": 0.2},
    "sign_in_s": {"worst": 0.1},
    "lag": {"median": 30},
    "peak_mib": {"intake": 150, "publisher": 200},
}


@pytest.mark.parametrize(
    ("number", "value", "missed"),
    [
        (("pages", "p95_ms"), 501.0, "pages_p95"),
        (("pages_failed",), {"503": 1}, "pages_p95"),
        (("recall_s", "worst"), 1.1, "recall"),
        (("peak_mib", "intake"), 513, "peak_mib"),
        (("lag", "median"), 90, "lag"),
    ],
)
def test_a_target_is_missed_by_its_own_number(number, value, missed):
    flooded = deepcopy(QUIET)
    *path, last = number
    place = flooded
    for part in path:
        place = place[part]
    place[last] = value

    reached = judge(QUIET, flooded)["reached"]

    assert [name for name, is_reached in reached.items() if not is_reached] == [missed]


def test_ratios_are_to_the_quiet_system_of_the_same_run():
    flooded = deepcopy(QUIET) | {"pages": {"p95_ms": 50.0}, "lag": {"median": 30}}

    result = judge(QUIET, flooded)

    assert result["ratios"] == {"pages_p95": 2.5, "recall_worst": 1.0, "sign_in_worst": 1.0, "lag_median": 1.0, "peak_mib": 1.0}
    assert all(result["reached"].values())


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
