"""Blocked partitions: what keeps them from being consumed, and the command by which an operator lets them go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from aiokafka import TopicPartition


class BlockCause(StrEnum):
    """Why a partition is blocked. The last one passes by itself; the others wait for an operator."""

    POSITION_LOST = "position_lost"
    POSITION_AHEAD = "position_ahead"
    UNREADABLE = "unreadable"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class BlockedPartition:
    """A partition that is not consumed behind `next_offset`. `error` names what was raised; `since` is of the monotonic clock.

    `resume_offset`: where to go on if the records before it are given up; None where that is not known.
    """

    partition: TopicPartition
    cause: BlockCause
    next_offset: int
    end: int = 0
    resume_offset: int | None = None
    error: str = ""
    since: float = field(default_factory=monotonic, compare=False)

    @property
    def lag(self) -> int:
        """How many offsets are not applied."""
        return max(0, self.end - self.next_offset)

    @property
    def lost_offsets(self) -> int:
        """How many offsets are given up if the partition goes on at `resume_offset`."""
        return 0 if self.resume_offset is None else self.resume_offset - self.next_offset

    def describe(self, service: str) -> str:
        """Return what has happened and the command that lets the partition go on."""
        where = f"{self.partition.topic}/{self.partition.partition} at offset {self.next_offset}"
        command = f"{service} {self.partition.topic} --partition {self.partition.partition}"
        match self.cause:
            case BlockCause.POSITION_LOST:
                return (
                    f"{where}: the broker has deleted {self.lost_offsets} records that were not applied. "
                    f"Goes on behind them after: gongshi positions accept-loss {command}"
                )
            case BlockCause.POSITION_AHEAD:
                return (
                    f"{where}: the log ends at {self.end}, records that were applied are gone from the broker. "
                    f"Goes on with what it holds after: gongshi positions reset {command}"
                )
            case BlockCause.UNREADABLE:
                return (
                    f"{where}: a batch cannot be read ({self.error}). It is tried again every minute; "
                    f"goes on behind it after: gongshi positions accept-loss {command}"
                )
            case BlockCause.UNAVAILABLE:
                return f"{where}: fetching fails ({self.error}) and is tried again"
