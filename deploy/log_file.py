"""A log that turns over while its program runs: a thread takes the program's output from a pipe, so that no line is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread

MAX_BYTES = 16 * 1024 * 1024
OLDER_FILES = 4
READ_BYTES = 64 * 1024
DRAIN_TIMEOUT_S = 0.5


class LogFile:
    """A log of at most `max_bytes`, and `older` files of that size behind it: NAME.1 is the newest of these.

    A file ends with a whole line unless a single line is longer than it may be. Where the log cannot be written, its program
    goes on and the output is dropped.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, older: int = OLDER_FILES) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._older = older
        self._reader: Thread | None = None
        # The children of a program that was killed may write on while its successor does.
        self._lock = Lock()

    @contextmanager
    def open(self) -> Iterator[int]:
        """Yield the file descriptor that a program started inside writes to; its output is taken as long as any of it runs."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        readable, writable = os.pipe()
        self._reader = Thread(target=self._read_on, args=(readable,), name=f"log {self.path.name}", daemon=True)
        self._reader.start()
        try:
            yield writable
        finally:
            os.close(writable)

    def tail(self, count: int = 15) -> str:
        """Return the last lines, for an error message: of a program that has ended all that it wrote."""
        if self._reader is not None:
            self._reader.join(DRAIN_TIMEOUT_S)
        if not self.path.is_file():
            return "(nothing was written)"
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 16_384))
            text = file.read().decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-count:]) or "(nothing was written)"

    def _read_on(self, readable: int) -> None:
        rest = b""
        with open(readable, "rb", buffering=0) as pipe:
            while chunk := pipe.read(READ_BYTES):
                lines, newline, rest = (rest + chunk).rpartition(b"\n")
                self._write(lines + newline)
                if len(rest) >= READ_BYTES:
                    self._write(rest)
                    rest = b""
        self._write(rest)

    def _write(self, output: bytes) -> None:
        if not output:
            return
        try:
            with self._lock:
                self._append(output)
        except OSError:
            return

    def _append(self, output: bytes) -> None:
        if self.path.exists() and self.path.stat().st_size + len(output) > self._max_bytes:
            self._turn_over()
        with self.path.open("ab") as file:
            file.write(output)

    def _turn_over(self) -> None:
        for number in range(self._older, 0, -1):
            younger = self._name(number - 1)
            if younger.exists():
                younger.replace(self._name(number))

    def _name(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path
