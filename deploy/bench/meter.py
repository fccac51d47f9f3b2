"""Resource usage of a process: processor seconds and peak memory, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds (user and system) of a process and its children, and peak resident memory in MiB."""

    cpu_s: float
    peak_mib: float

    def since(self, earlier: Usage) -> Usage:
        """Return the usage after `earlier`; the peak is that of the whole lifetime."""
        return Usage(self.cpu_s - earlier.cpu_s, self.peak_mib)


def usage(pid: int) -> Usage:
    """Return the usage of a process and its living children so far; zero for one that has ended."""
    tree = [pid, *_descendants(pid)]
    return Usage(sum(_cpu_seconds(pid) for pid in tree), max((_peak_mib(pid) for pid in tree), default=0.0))


def _descendants(pid: int) -> list[int]:
    try:
        direct = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
    return [d for child in direct for d in (child, *_descendants(child))]


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _peak_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    kib = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
    return int(kib) / KIB_PER_MIB
