"""What a fetcher reports, by partition: failures, and offsets without records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from aiokafka import TopicPartition

from shared.stream.gaps import Gap


class FailureKind(Enum):
    """What a failed fetch calls for.

    REPOSITION: claim the position again. UNREACHABLE: no broker has answered, the fetcher goes on asking by itself.
    UNAVAILABLE: the broker has answered with an error. UNREADABLE: the records cannot be parsed.
    """

    REPOSITION = auto()
    UNREACHABLE = auto()
    UNAVAILABLE = auto()
    UNREADABLE = auto()


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """A fetch of one partition has failed at an offset. `error` is the name of what was raised.

    `resume_offset`: the offset after the batch that cannot be read, where its header tells.
    """

    partition: TopicPartition
    kind: FailureKind
    error: str
    offset: int
    resume_offset: int | None = None


class FetchListener(Protocol):
    """Receives what a fetcher reports. Called between the fetcher's own steps: it must not wait."""

    @property
    def has_failures(self) -> bool:
        """Whether the fetch of any partition has failed and not succeeded since."""

    def on_failure(self, failure: FetchFailure) -> None:
        """A fetch has failed; the other partitions are fetched on."""

    def on_response(self, partition: TopicPartition) -> None:
        """The broker has answered a fetch of the partition. Called while there are failures."""

    def on_records(self, partition: TopicPartition, position: int) -> None:
        """Everything before `position` was read. Called while there are failures."""

    def on_gap(self, gap: Gap) -> None:
        """The fetch has come upon offsets without records."""
