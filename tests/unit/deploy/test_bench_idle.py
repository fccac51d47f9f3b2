"""What an idle system costs is counted for all of its processes, and compared within pairs."""

from __future__ import annotations

import os
import subprocess
import sys

from deploy.bench.idle import PARTS, REST, summarize
from deploy.bench.meter import cpu_by_part

BUSY = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True)\ninput()"


def test_ratios_are_those_within_each_pair():
    pairs = [({"intake": 3.0, "Kafka": 9.0}, {"intake": 1.0, "Kafka": 2.0}), ({"intake": 6.0}, {"intake": 1.5, REST: 1.5})] * 2

    result = summarize("3b7d083", 60, pairs[:3])

    assert (result["pairs"], result["ratio"], result["peer"]) == ([0.25, 0.5, 0.25], 0.25, "3b7d083")
    assert (result["core_share"], result["peer_core_share"]) == (0.05, 0.2)


def test_every_process_of_the_tree_counts_for_its_part():
    child = [sys.executable, "-c", BUSY, "deploy.serving", "intake"]
    with subprocess.Popen(child, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        used = cpu_by_part(os.getpid(), PARTS, REST)

        process.communicate(b"\n")
    assert used["intake"] >= 0.25
    assert used[REST] > 0
