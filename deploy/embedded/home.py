"""The state directory (GONGSHI_HOME): one holder at a time."""

import asyncio
import fcntl
import os
from contextlib import suppress
from pathlib import Path
from time import monotonic

from shared.errors import GongshiError

LOCK_NAME = "engines.lock"
GUARDS_END = 45.0  # seconds; longer than the grace of any engine
LOOK_INTERVAL = 0.05  # seconds


class StateInUseError(GongshiError):
    """Another process runs its engines in this state directory."""

    def __init__(self, home: Path, pid: int | None) -> None:
        super().__init__(
            f"{home} is in use by process {pid or 'unknown'}: its Kafka and PostgreSQL run there. "
            "Stop that process, or set GONGSHI_HOME to another directory."
        )
        self.pid = pid


class Home:
    """A state directory, held by a lock until closed.

    The guards of the engines hold the same lock, so that after a crash the directory is free only when the last
    engine of the dead process has ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock: int | None = None

    async def hold(self) -> int:
        """Create the directory and take the lock; its file descriptor. Raises StateInUseError.

        If the holder has died, waits until the guards that it left have ended their engines.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        # The engines' account must be able to pass; what is secret in here has its own mode.
        self.path.chmod(0o711)
        lock = os.open(self.path / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = monotonic() + GUARDS_END
        while not _taken(lock):
            holder = _read_pid(lock)
            if holder is None or is_running(holder) or monotonic() > deadline:
                os.close(lock)
                raise StateInUseError(self.path, holder)
            await asyncio.sleep(LOOK_INTERVAL)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock
        return lock

    def release(self) -> None:
        """Leave the directory to others."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _taken(lock: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _read_pid(lock: int) -> int | None:
    text = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else None


def is_running(pid: int) -> bool:
    """Whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
