"""The sealer's own copy of its seals: a file of one JSON object a line, to which is only appended."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from shared.contracts.seals import JournalSealed
from shared.errors import PermanentError


class UnreadableSeals(PermanentError):
    """A line of the file of seals is none."""


@dataclass(frozen=True, slots=True)
class SealFile:
    """A file of seals. Its owner should be another account than that of the services."""

    path: Path

    def read(self) -> list[JournalSealed]:
        """Return the seals in the file, an incomplete last line left out. Raises `UnreadableSeals`."""
        if not self.path.exists():
            return []
        complete, newline, _ = self.path.read_bytes().rpartition(b"\n")
        try:
            return [JournalSealed.model_validate_json(line) for line in (complete + newline).splitlines()]
        except ValidationError as error:
            raise UnreadableSeals(f"{self.path}: {UnreadableSeals.__doc__}") from error

    def size(self) -> int:
        """Return how many bytes it has."""
        return self.path.stat().st_size if self.path.exists() else 0

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time seal."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_name("lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def append(self, seal: JournalSealed) -> None:
        """Append a seal; on return it is on the disk. What a crash left of a line is replaced."""
        with self.path.open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
            file.write(seal.body() + b"\n")
            file.flush()
            os.fsync(file.fileno())
