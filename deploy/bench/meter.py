"""Resource usage of a process: processor seconds and peak memory, from /proc."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.supervisor import SERVICES, Supervisor

TICKS = os.sysconf("SC_CLK_TCK")
KIB_PER_MIB = 1024
# What the kernel takes for that in clear_refs, see proc(5).
RESET_PEAK = "5"


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


def resident_mib(pid: int) -> float:
    """Return the resident memory of a process now, in MiB; zero for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    return int(status.partition("VmRSS:")[2].split()[0]) / KIB_PER_MIB


def cpu_by_part(pid: int, parts: Mapping[str, str], rest: str) -> dict[str, float]:
    """Return the processor seconds of a process and its living descendants, by part.

    `parts`: names of parts by what their command lines hold; what holds none of it counts as `rest`.
    """
    seconds: Counter[str] = Counter()
    for each in (pid, *_descendants(pid)):
        command = _command_line(each)
        seconds[next((part for mark, part in parts.items() if mark in command), rest)] += _cpu_seconds(each)  # type: ignore[assignment]
    return dict(seconds)


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def usage_by_process(supervisor: Supervisor) -> dict[str, Usage]:
    """Return the usage of the services and embedded engines so far."""
    return {name: usage(supervisor.pid(name)) for name in SERVICES} | engine_usage(supervisor)


def engine_usage(supervisor: Supervisor) -> dict[str, Usage]:
    """Return the usage of the embedded engines so far."""
    engines = (supervisor.engines.postgres, supervisor.engines.kafka)
    return {engine.name: usage(engine.process.pid) for engine in engines if engine is not None}


def reset_peak(pid: int) -> None:
    """Let the peak memory of a process and its children count from now on."""
    for each in (pid, *_descendants(pid)):
        Path(f"/proc/{each}/clear_refs").write_text(RESET_PEAK, encoding="ascii")


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
